/** Rows of the functions pane that are no functions: queues, and how long packets and sockets wait in them. */
import {QUEUES} from '../../trace/packets/queues.js';
import type {WaitStat} from '../../trace/packets/wait-stats.js';
import type {FunctionStat} from '../../trace/session.js';
import {percentile} from '../../trace/statistics.js';
import {difference, type FunctionRow} from './functions.js';

/** Number of a row that is no function. */
export const NO_FUNCTION = -1;

/** Rows from histograms of waits, counted from the last `clear` on. */
export class QueueRows {
	private base = new Map<string, FunctionStat>();
	private latest = new Map<string, FunctionStat>();
	private before: {readonly now: number; readonly calls: ReadonlyMap<string, number>} | undefined;
	private rates: ReadonlyMap<string, number> = new Map();

	/** @param device its name by number; @param now ms. */
	rows(waits: readonly WaitStat[], device: (dev: number) => string, now: number): FunctionRow[] {
		this.latest = new Map(waits.map((wait) => [nameOf(wait, device), statOf(wait)]));
		const calls = new Map(waits.map((wait) => [nameOf(wait, device), wait.count]));
		this.sample(calls, now);
		return [...this.latest].map(([name, whole]): FunctionRow => {
			const stat = difference(whole, this.base.get(name));
			return {
				...{fn: NO_FUNCTION, name, group: 'queue', layer: 'queue', stat},
				calls: stat.bucket.reduce((sum, count) => sum + Number(count), 0),
				rate: this.rates.get(name) ?? 0,
				p50: percentile(stat, 0.5),
				p90: percentile(stat, 0.9),
				p99: percentile(stat, 0.99),
				max: Number(stat.max),
				total: Number(stat.total),
				// The time of nobody who works.
				...{self: 0, share: 0},
			};
		});
	}

	/** From zero. */
	clear(): void {
		this.base = this.latest;
		this.before = undefined;
		this.rates = new Map();
	}

	private sample(calls: ReadonlyMap<string, number>, now: number): void {
		const {before} = this;
		if (before !== undefined && now - before.now < 900) return;
		if (before !== undefined) {
			const seconds = (now - before.now) / 1000;
			this.rates = new Map(
				[...calls].map(([name, count]) => [name, Math.max(0, count - (before.calls.get(name) ?? 0)) / seconds]),
			);
		}
		this.before = {now, calls};
	}
}

/** What a queue is, for people; '' for a name that is none. */
export function queueWords(name: string): string {
	const [, queue = ''] = /^wait (\S+)/.exec(name) ?? [];
	return QUEUES.find((one) => one.name === queue)?.words ?? '';
}

function nameOf({queue, dev}: WaitStat, device: (dev: number) => string): string {
	return `wait ${queue}${dev === 0 ? '' : ` ${device(dev)}`}`;
}

function statOf({total, max, bucket}: WaitStat): FunctionStat {
	const whole = (value: number): bigint => BigInt(Math.max(0, Math.round(value)));
	return {total: whole(total), self: 0n, max: whole(max), bucket: Array.from(bucket, whole)};
}
