/** Rows and columns of the functions pane. */
import {type Layer, layerOf} from '../../catalogue/knowledge.js';
import type {FunctionStat, Session, TracedFunction} from '../../trace/session.js';
import {callCount, percentile} from '../../trace/statistics.js';
import {count, duration, percent, rate} from '../numbers.js';
import type {Theme} from '../theme.js';
import type {Column} from './table.js';

export interface FunctionRow {
	/** -1 of a queue, whose calls are waits. */
	readonly fn: number;
	readonly name: string;
	readonly group: string;
	readonly layer: Layer;
	readonly stat: FunctionStat;
	readonly calls: number;
	/** Calls a second. */
	readonly rate: number;
	/** ns, as the next ones. */
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	readonly max: number;
	readonly total: number;
	readonly self: number;
	/** Of the self time of all functions. */
	readonly share: number;
}

/** Rows from histograms, counted from the last `clear` on. */
export class FunctionRows {
	rows: readonly FunctionRow[] = [];
	/** Calls of each function by number, marks included, and calls a second. */
	calls: readonly number[] = [];
	rates: readonly number[] = [];
	private base: readonly FunctionStat[] = [];
	private latest: readonly FunctionStat[] = [];
	private before: {now: number; calls: readonly number[]} | undefined;
	private readonly known: Layer[] = [];

	constructor(private readonly session: Session) {}

	/** Of each function by number: one array, which grows with the functions of the session. */
	get layers(): readonly Layer[] {
		const {known} = this;
		const {functions} = this.session;
		for (let fn = known.length; fn < functions.length; fn++) {
			const {name, group} = functions[fn] as TracedFunction;
			known.push(layerOf(name, group));
		}
		return known;
	}

	/** @param now ms; @param more rows of what is no function. */
	update(stats: readonly FunctionStat[], now: number, more: readonly FunctionRow[] = []): void {
		this.latest = stats;
		const since = stats.map((stat, fn) => difference(stat, this.base[fn]));
		const calls = since.map((stat) => Number(callCount(stat)));
		this.calls = calls;
		const {before} = this;
		if (before === undefined) this.before = {now, calls};
		else if (now - before.now >= 900) {
			const seconds = (now - before.now) / 1000;
			this.rates = calls.map((value, fn) => Math.max(0, value - (before.calls[fn] ?? 0)) / seconds);
			this.before = {now, calls};
		}
		const {layers} = this;
		const all = since.reduce((sum, {self}) => sum + Number(self), 0);
		const rows = this.session.functions.flatMap((fn, index): FunctionRow[] => {
			const stat = since[index];
			if (fn.mark || stat === undefined) return [];
			const self = Number(stat.self);
			return [
				{
					fn: index,
					name: fn.name,
					group: fn.group,
					layer: layers[index] ?? 'other',
					stat,
					calls: calls[index] ?? 0,
					rate: this.rates[index] ?? 0,
					p50: percentile(stat, 0.5),
					p90: percentile(stat, 0.9),
					p99: percentile(stat, 0.99),
					max: Number(stat.max),
					total: Number(stat.total),
					self,
					share: all > 0 ? self / all : 0,
				},
			];
		});
		this.rows = [...rows, ...more];
	}

	/** From zero. */
	clear(): void {
		this.base = this.latest;
		this.before = undefined;
		this.rates = [];
	}
}

/** What was added since `base`. The longest call since then is not known: at most the end of the highest bucket. */
export function difference(stat: FunctionStat, base: FunctionStat | undefined): FunctionStat {
	if (base === undefined) return stat;
	const bucket = stat.bucket.map((value, b) => (value > (base.bucket[b] ?? 0n) ? value - (base.bucket[b] ?? 0n) : 0n));
	const highest = bucket.findLastIndex((value) => value > 0n);
	const most = highest < 0 ? 0n : 2n ** BigInt(highest + 1) - 1n;
	return {
		total: stat.total > base.total ? stat.total - base.total : 0n,
		self: stat.self > base.self ? stat.self - base.self : 0n,
		max: most < stat.max ? most : stat.max,
		bucket,
	};
}

/** Buckets that the sparkline shows: 64 ns to 16 ms, what lies outside added to the first and the last. */
const FIRST_BUCKET = 6;
const LAST_BUCKET = 24;
export const SPARK_CELLS = LAST_BUCKET - FIRST_BUCKET;

export function sparkline({bucket}: FunctionStat, theme: Theme): string {
	const values = new Array<number>(SPARK_CELLS).fill(0);
	bucket.forEach((value, b) => {
		const cell = Math.max(0, Math.min(SPARK_CELLS - 1, b - FIRST_BUCKET));
		values[cell] = (values[cell] ?? 0) + Number(value);
	});
	const most = Math.max(...values);
	const {spark} = theme.glyphs;
	return values.map((value) => (value === 0 ? spark[0] : spark[Math.max(1, Math.round((value / most) * 8))])).join('');
}

/** @param isOff whether that function is switched off. */
export function functionColumns(theme: Theme, isOff: (fn: number) => boolean): readonly Column<FunctionRow>[] {
	const time = (value: number): string => (value === 0 ? '' : duration(value, theme.ascii));
	const idle = ({calls}: FunctionRow): string => (calls === 0 ? theme.style('faint') : '');
	return [
		{
			name: 'function',
			title: 'function',
			cells: 28,
			rank: 0,
			left: true,
			grows: true,
			text: (row) => row.name,
			value: (row) => row.name,
			style: idle,
		},
		{
			name: 'layer',
			title: 'layer',
			cells: 9,
			rank: 8,
			left: true,
			text: (row) => row.layer,
			value: (row) => row.layer,
			style: (row) => theme.layer(row.layer),
		},
		{
			name: 'calls',
			title: 'calls',
			cells: 6,
			rank: 1,
			text: (row) => count(row.calls),
			value: (row) => row.calls,
			style: idle,
		},
		{
			name: 'rate',
			title: 'calls/s',
			cells: 8,
			rank: 4,
			text: (row) => (isOff(row.fn) ? 'off' : row.rate === 0 ? '' : rate(row.rate)),
			value: (row) => row.rate,
			style: (row) => theme.style(isOff(row.fn) ? 'warn' : 'plain'),
		},
		{name: 'p50', title: 'p50', cells: 7, rank: 3, text: (row) => time(row.p50), value: (row) => row.p50},
		{name: 'p90', title: 'p90', cells: 7, rank: 10, text: (row) => time(row.p90), value: (row) => row.p90},
		{name: 'p99', title: 'p99', cells: 7, rank: 5, text: (row) => time(row.p99), value: (row) => row.p99},
		{name: 'max', title: 'max', cells: 7, rank: 9, text: (row) => time(row.max), value: (row) => row.max},
		{name: 'total', title: 'total', cells: 7, rank: 2, text: (row) => time(row.total), value: (row) => row.total},
		{name: 'self', title: 'self', cells: 7, rank: 6, text: (row) => time(row.self), value: (row) => row.self},
		{
			name: 'share',
			title: 'share',
			cells: 6,
			rank: 7,
			text: (row) => (row.share === 0 ? '' : percent(row.share)),
			value: (row) => row.share,
			style: (row) => theme.style(row.share >= 0.25 ? 'hot' : 'plain'),
		},
		{
			name: 'latency',
			title: '64ns        16ms',
			cells: SPARK_CELLS,
			rank: 11,
			left: true,
			text: (row) => sparkline(row.stat, theme),
			value: (row) => row.p50,
			style: () => theme.style('accent'),
		},
	];
}
