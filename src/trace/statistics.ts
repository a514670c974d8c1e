/** Histograms and loss counters of the kernel side (bpf/control.h), summed over the CPUs, and what follows from them. */
import {LOSS_CAUSES} from './losses.js';
import type {FunctionStat} from './session.js';

export const BUCKETS = 48;
/** u64 words of struct histogram. */
const STAT_WORDS = 3 + BUCKETS;

/** What the kernel side counted, summed over the CPUs. */
export interface Counters {
	/** Calls and marks that were read from the kernel's rings. */
	readonly emitted: bigint;
	/** Lost records, in the order of LOSS_CAUSES. */
	readonly lost: readonly bigint[];
}

/** Total, self, max and buckets of each function, one after the other, as the addon hands them out. */
export function readStats(words: BigUint64Array): FunctionStat[] {
	return Array.from({length: Math.floor(words.length / STAT_WORDS)}, (_, fn) => {
		const at = fn * STAT_WORDS;
		const [total = 0n, self = 0n, max = 0n] = words.subarray(at, at + 3);
		return {total, self, max, bucket: [...words.subarray(at + 3, at + STAT_WORDS)]};
	});
}

/** Records emitted, then lost by each cause, as the addon hands them out. */
export function readCounters(words: BigUint64Array): Counters {
	return {emitted: words[0] ?? 0n, lost: LOSS_CAUSES.map((_, cause) => words[1 + cause] ?? 0n)};
}

/** The bucket that counts a time of so many ns. */
export function bucketOf(time: number): number {
	return Math.min(BUCKETS - 1, time < 2 ? 0 : Math.floor(Math.log2(time)));
}

export function callCount(stat: FunctionStat): bigint {
	return stat.bucket.reduce((sum, count) => sum + count, 0n);
}

/**
 * The duration (ns) that a share `q` (0 to 1) of the calls did not exceed, interpolated within its bucket and never above
 * the longest call. 0 when there were no calls.
 */
export function percentile(stat: FunctionStat, q: number): number {
	const max = Number(stat.max);
	const rank = q * Number(callCount(stat));
	let before = 0;
	for (let b = 0; b < stat.bucket.length; b++) {
		const count = Number(stat.bucket[b]);
		if (count > 0 && before + count >= rank) {
			const low = Math.min(2 ** b, max);
			const high = b === stat.bucket.length - 1 ? max : Math.min(2 ** (b + 1), max);
			return Math.floor(low + ((high - low) * Math.max(0, rank - before)) / count);
		}
		before += count;
	}
	return max;
}
