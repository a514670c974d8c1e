/** The latency histogram of a function. */
import type {FunctionStat} from '../../trace/session.js';
import {callCount, percentile} from '../../trace/statistics.js';
import {count, duration, whole} from '../numbers.js';
import {Color, Grid, glyphs} from './grid.js';
import type {Offscreen} from './offscreen.js';
import type {ChartOptions, ChartSize} from './options.js';
import {LABEL, roundUp, tickAt} from './scale.js';

/** Below this there is no room for axes: the numbers alone. */
const SMALLEST: ChartSize = {columns: 24, rows: 5};
/** Rows that are not for bars: the numbers above, axis and labels below. */
const AROUND = 3;
const WIDEST_BAR = 8;

/** Shares of the calls that are told, and the colour of the bars up to there; slower ones are red. */
const MARKS = [
	{name: 'p50', share: 0.5, color: Color.green},
	{name: 'p90', share: 0.9, color: Color.cyan},
	{name: 'p99', share: 0.99, color: Color.yellow},
] as const;

/** Neighbouring buckets of the kernel side as one bar: calls of 2^first ns and more. */
interface Column {
	readonly first: number;
	readonly calls: number;
}

export function drawHistogram(
	offscreen: Offscreen,
	size: ChartSize,
	stat: FunctionStat,
	options: ChartOptions,
): string[] {
	const grid = new Grid(size);
	const calls = callCount(stat);
	const marks = MARKS.map((mark) => ({...mark, bucket: bucketOf(stat, mark.share)}));
	let x = 0;
	const say = (text: string, color: number = Color.plain): void => {
		if (x + text.length > size.columns) return;
		grid.put(x, 0, text, color);
		x += text.length + 2;
	};
	if (calls === 0n) say(`no ${options.what ?? 'call'}s yet`);
	else
		for (const {name, share, color} of marks) say(`${name} ${duration(percentile(stat, share), options.ascii)}`, color);
	if (calls > 0n) {
		say(`max ${duration(Number(stat.max), options.ascii)}`);
		say(
			`${calls < 1_000_000n ? whole(calls) : count(Number(calls))} ${options.what ?? 'call'}${calls === 1n ? '' : 's'}`,
		);
		if (size.columns >= SMALLEST.columns && size.rows >= SMALLEST.rows) drawBars(offscreen, grid, stat, marks, options);
	}
	return grid.lines(options.color);
}

function drawBars(
	offscreen: Offscreen,
	grid: Grid,
	stat: FunctionStat,
	marks: readonly {readonly name: string; readonly bucket: number; readonly color: number}[],
	{ascii}: ChartOptions,
): void {
	const {vertical, horizontal, corner, tick, fill} = glyphs(ascii);
	const height = grid.rows - AROUND;
	const left = LABEL + 1;
	const room = grid.columns - left - 1;
	const columns = columnsOf(stat, room);
	const most = roundUp(Math.max(...columns.map(({calls}) => calls)));
	const pitch = Math.max(1, Math.min(WIDEST_BAR + 1, Math.floor(room / columns.length)));
	const width = pitch > 2 ? pitch - 1 : pitch;
	// Whoever was called is seen, however rarely.
	const eighths = columns.map(({calls}) => Math.max(calls > 0 ? 1 : 0, Math.round((calls / most) * height * 8)));
	const picture = offscreen.bars(
		columns.length * pitch,
		height,
		eighths.map((value) => value >> 3),
		width,
		pitch,
	);
	for (let row = 0; row < height; row++) {
		const value = tickAt(row, height, most);
		if (value !== '') grid.put(left - value.length - 1, row + 1, value);
		grid.put(left - 1, row + 1, value === '' ? vertical : tick);
		columns.forEach(({first}, i) => {
			const whole = picture[row]?.[i * pitch];
			const part = height - 1 - row === eighths[i]! >> 3 ? eighths[i]! & 7 : 0;
			const char = whole !== undefined && isFilled(whole[0]) ? fill[8]! : fill[part]!;
			const color = marks.find(({bucket}) => first <= bucket)?.color ?? Color.red;
			grid.put(left + i * pitch, row + 1, char.repeat(width), color);
		});
	}
	const axis = grid.rows - 2;
	grid.put(left - 2, axis, `0${corner}${horizontal.repeat(room)}`);
	let free = 0;
	for (const {name, bucket, color} of marks) {
		const x = columns.findLastIndex(({first}) => first <= bucket) * pitch;
		// Where two would touch the second is left out: the numbers above say both.
		if (x < free || x + name.length > room) continue;
		grid.put(left + x, axis, name, color);
		free = x + name.length + 1;
	}
	const texts = columns.map(({first}) => bound(first, ascii));
	const stride = Math.ceil((Math.max(...texts.map(({length}) => length)) + 1) / pitch);
	for (let i = 0; i < texts.length; i += stride) {
		if (i * pitch + texts[i]!.length <= room) grid.put(left + i * pitch, grid.rows - 1, texts[i]!);
	}
}

/** The occupied range in at most `room` columns. */
function columnsOf(stat: FunctionStat, room: number): Column[] {
	const first = stat.bucket.findIndex((calls) => calls > 0n);
	const last = stat.bucket.findLastIndex((calls) => calls > 0n);
	const span = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, room)));
	return Array.from({length: Math.ceil((last - first + 1) / span)}, (_, i) => {
		const from = first + i * span;
		const calls = stat.bucket.slice(from, from + span).reduce((sum, value) => sum + value, 0n);
		return {first: from, calls: Number(calls)};
	});
}

/** The bucket that a share of the calls reaches into: where percentile() lies. */
function bucketOf({bucket}: FunctionStat, share: number): number {
	const rank = share * bucket.reduce((sum, calls) => sum + Number(calls), 0);
	let sum = 0;
	return bucket.findIndex((calls) => {
		sum += Number(calls);
		return calls > 0n && sum >= rank;
	});
}

/** A cell of a bar has a background. */
const isFilled = (attributes: number): boolean => (attributes & 0x1ff) !== 0x1ff;

/** 2^b ns in two digits: `512ns`, `4.1µs`, `1ms`. */
function bound(b: number, ascii: boolean): string {
	const [, number = '', unit = ''] = /^([\d.]+)(.*)$/.exec(duration(2 ** b, ascii)) ?? [];
	const value = Number(number);
	return `${value < 9.95 && unit !== 'ns' ? String(Number(value.toFixed(1))) : Math.round(value)}${unit}`;
}
