/**
 * Self time: the duration of a call without the calls directly inside it and without the softirqs that ran on top of it.
 *
 * What ran on top is collected while the block is in progress, resolved to the call it interrupted when the block is
 * complete, and stored behind the block's records, for the few calls that have it.
 */
import {Flag, Kind, recordSize} from './record.js';
import {type Entry, ON_TOP_BYTES} from './store.js';
import type {RecordView} from './view.js';

/** How many are kept for a block; what comes then is added to the last one. */
const MOST = 16_384;
/** Record.depth is a byte. */
const LEVELS = 257;

/** What ran on top of the block in progress of one stack, by begin: pairs of begin (ns since the epoch) and duration (ns). */
export class OnTop {
	private pairs = new Float64Array(8);
	count = 0;
	/** The next one to resolve. */
	private next = 0;
	/** What begins before this lies inside one that has been resolved: it is part of it. */
	private covered = Number.NEGATIVE_INFINITY;
	private sorted = true;

	/** Returns by how many bytes it grew. */
	add(begin: number, duration: number): number {
		const before = this.bytes;
		if (this.count === MOST) {
			this.pairs[2 * MOST - 1] = (this.pairs[2 * MOST - 1] as number) + duration;
			return 0;
		}
		if (2 * this.count === this.pairs.length) {
			const larger = new Float64Array(4 * this.count);
			larger.set(this.pairs);
			this.pairs = larger;
		}
		if (this.count > 0 && begin < (this.pairs[2 * this.count - 2] as number)) this.sorted = false;
		this.pairs[2 * this.count] = begin;
		this.pairs[2 * this.count + 1] = duration;
		this.count++;
		return this.bytes - before;
	}

	/** Bytes it takes. */
	get bytes(): number {
		return this.pairs.byteLength;
	}

	clone(): OnTop {
		const copy = new OnTop();
		copy.pairs = this.pairs.slice();
		copy.count = this.count;
		copy.sorted = this.sorted;
		return copy;
	}

	clear(): void {
		this.count = 0;
		this.next = 0;
		this.sorted = true;
	}

	/** Before the entries of a stack are resolved, oldest first. */
	rewind(): void {
		if (!this.sorted) this.sort();
		this.next = 0;
		this.covered = Number.NEGATIVE_INFINITY;
	}

	/** How many are left to resolve: the most that `resolve` writes. */
	get left(): number {
		return this.count - this.next;
	}

	/**
	 * Writes behind the records from `at` to `end` (a block in pre-order) what ran on top of each of its calls: the
	 * innermost call that contains the begin.
	 * @returns how many times ON_TOP_BYTES were written.
	 */
	resolve(view: RecordView, at: number, end: number, epoch: number): number {
		let written = 0;
		let level = -1;
		let index = 0;
		const assign = (before: number) => {
			while (this.next < this.count && (this.pairs[2 * this.next] as number) < before) {
				const begin = this.pairs[2 * this.next] as number;
				const duration = this.pairs[2 * this.next + 1] as number;
				this.next++;
				if (begin < this.covered) continue;
				this.covered = begin + duration;
				while (level >= 0 && begin > (ends[level] as number)) level--;
				if (level < 0) continue;
				const call = calls[level] as number;
				const last = end + (written - 1) * ON_TOP_BYTES;
				if (written > 0 && view.words[last >>> 2] === call) {
					view.setU64(last + 8, view.high(last + 8) * 2 ** 32 + view.low(last + 8) + duration);
				} else {
					const to = end + written++ * ON_TOP_BYTES;
					view.words[to >>> 2] = call;
					view.words[(to >>> 2) + 1] = 0;
					view.setU64(to + 8, duration);
				}
			}
		};
		for (; at < end; at += recordSize(view.bytes, at), index++) {
			const kind = view.kind(at);
			if (kind !== Kind.CALL && kind !== Kind.OPEN) continue;
			const begin = view.begin(at, epoch);
			assign(begin);
			level = Math.min(level + 1, view.depth(at));
			ends[level] = view.ended(at) ? begin + view.duration(at) : Number.POSITIVE_INFINITY;
			calls[level] = index;
		}
		// What began after this block belongs to the next entry of the stack.
		assign(level < 0 ? Number.NEGATIVE_INFINITY : (ends[0] as number) + 1);
		return written;
	}

	private sort(): void {
		const order = Array.from({length: this.count}, (_, i) => i);
		const from = this.pairs.slice();
		// Of two with one begin the longer is first, so that it covers the other.
		const [begin, duration] = [(i: number) => from[2 * i] as number, (i: number) => from[2 * i + 1] as number];
		order.sort((a, b) => begin(a) - begin(b) || duration(b) - duration(a));
		order.forEach((i, to) => {
			this.pairs[2 * to] = begin(i);
			this.pairs[2 * to + 1] = duration(i);
		});
		this.sorted = true;
	}
}

const ends = new Float64Array(LEVELS);
const calls = new Uint32Array(LEVELS);

/**
 * Self times of all records of a block, ns.
 * @param out receives one for each record of the entry, -1 for marks and for calls whose end was not seen. Must have room.
 */
export function selfTimes(entry: Entry, out: Float64Array): void {
	const {view, end} = entry;
	let index = 0;
	let level = -1;
	for (let at = entry.at; at < end; at += recordSize(view.bytes, at), index++) {
		out[index] = -1;
		const kind = view.kind(at);
		if (kind !== Kind.CALL && kind !== Kind.OPEN) continue;
		level = Math.min(level + 1, view.depth(at));
		calls[level] = index;
		if (kind === Kind.OPEN || (view.flags(at) & Flag.END_UNKNOWN) !== 0) continue;
		out[index] = view.duration(at);
		if (level > 0) subtract(out, calls[level - 1] as number, view.duration(at));
	}
	for (let i = 0, at = end; i < entry.onTop; i++, at += ON_TOP_BYTES) {
		subtract(out, view.words[at >>> 2] as number, view.high(at + 8) * 2 ** 32 + view.low(at + 8));
	}
}

/** Never below 0: the clocks of two CPUs may differ by some ns. */
function subtract(self: Float64Array, index: number, time: number): void {
	const value = self[index] as number;
	if (value >= 0) self[index] = Math.max(0, value - time);
}
