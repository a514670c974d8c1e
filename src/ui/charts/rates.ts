/** Events a second over the last minute, a line for each layer. */
import {rate} from '../numbers.js';
import {Color, Grid, glyphs} from './grid.js';
import {type Line, type Offscreen, PENS} from './offscreen.js';
import type {ChartOptions, ChartSize} from './options.js';
import {LABEL, roundUp, tickAt} from './scale.js';

export interface Series {
	readonly name: string;
	/** Per second, oldest first; the last 60 are drawn. */
	readonly values: readonly number[];
}

/** Below this there is no room for axes: the numbers alone. */
const SMALLEST: ChartSize = {columns: 28, rows: 4};
const SECONDS = 60;

/** Neighbours in the stack differ in hue; what no name stands for takes what is left. */
const COLORS: Readonly<Record<string, number>> = {
	socket: Color.magenta,
	tcp: Color.green,
	udp: Color.yellow,
	icmp: Color.brightYellow,
	ip: Color.cyan,
	netfilter: Color.brightMagenta,
	neighbour: Color.brightGreen,
	queue: Color.blue,
	device: Color.brightBlue,
};

interface Drawn extends Series {
	readonly now: number;
	readonly most: number;
	readonly color: number;
}

export function drawRates(
	offscreen: Offscreen,
	size: ChartSize,
	series: readonly Series[],
	options: ChartOptions,
): string[] {
	const grid = new Grid(size);
	const all = series.map(({name, values}): Drawn => {
		const shown = values.slice(-SECONDS).map((value) => (Number.isFinite(value) ? Math.max(0, value) : 0));
		return {
			name,
			values: shown,
			now: shown.at(-1) ?? 0,
			most: Math.max(0, ...shown),
			color: COLORS[name] ?? Color.plain,
		};
	});
	// The busiest first: they are drawn first and named when there is no room for all.
	const busy = all.filter(({most}) => most > 0).sort((a, b) => b.most - a.most);
	if (busy.length === 0) grid.put(0, 0, 'no events in the last minute'.slice(0, size.columns));
	else if (size.columns < SMALLEST.columns || size.rows < SMALLEST.rows) sayNumbers(grid, busy);
	else drawLines(offscreen, grid, busy, options);
	return grid.lines(options.color);
}

function sayNumbers(grid: Grid, busy: readonly Drawn[]): void {
	let x = 0;
	for (const {name, now, color} of busy) {
		const text = `${name} ${rate(now)}/s`;
		if (x + text.length > grid.columns) return;
		grid.put(x, 0, text, color);
		x += text.length + 2;
	}
}

function drawLines(offscreen: Offscreen, grid: Grid, busy: readonly Drawn[], {ascii}: ChartOptions): void {
	const {vertical, horizontal, corner, tick, dots} = glyphs(ascii);
	const height = grid.rows - 2;
	const top = roundUp(busy[0]!.most);
	const left = LABEL + 1;
	const legend = Math.max(...busy.map(({name, now}) => name.length + rate(now).length)) + 3;
	const width = grid.columns - left - legend;
	const y = (value: number): number => (1 - value / top) * (height * 4 - 1);
	const lines = busy.slice(0, PENS.length).map(({values}, i): Line => {
		const x = (second: number): number => ((SECONDS - values.length + second) / (SECONDS - 1)) * (width * 2 - 1);
		return {pen: PENS[i]!, points: values.map((value, second) => [x(second), y(value)])};
	});
	const picture = offscreen.lines(width, height, lines);
	for (let row = 0; row < height; row++) {
		const value = tickAt(row, height, top);
		if (value !== '') grid.put(left - value.length - 1, row, value);
		grid.put(left - 1, row, value === '' ? vertical : tick);
		for (let column = 0; column < width; column++) {
			const [attributes, char] = picture[row]?.[column] ?? [0, ' '];
			if (char === ' ') continue;
			grid.put(left + column, row, dots(char), busy[(attributes >> 9) & 0x1ff]?.color ?? Color.plain);
		}
	}
	grid.put(left - 2, height, `0${corner}${horizontal.repeat(width)}`);
	grid.put(left, height + 1, '-60s');
	if (width >= 20) grid.put(left + (width >> 1) - 2, height + 1, '-30s');
	grid.put(left + width - 3, height + 1, 'now');
	name(grid, busy, left + width + 1, height, (now) => Math.floor(y(now) / 4));
}

/** Beside the end of each line its name and what it is now, moved apart where lines end close to each other. */
function name(grid: Grid, busy: readonly Drawn[], x: number, height: number, rowOf: (now: number) => number): void {
	const named = busy.slice(0, height + 1).sort((a, b) => b.now - a.now);
	let row = -1;
	named.forEach(({name, now, color}, i) => {
		const last = height - (named.length - 1 - i);
		row = Math.min(last, Math.max(row + 1, rowOf(now)));
		grid.put(x, row, name, color);
		grid.put(x + name.length + 1, row, rate(now));
	});
}
