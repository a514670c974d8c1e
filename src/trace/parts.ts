/**
 * What parts of a session's functions (its groups, its layers) take, counted from stored calls.
 *
 * A part's total is the time in which one of its calls was on the stack: calls inside another call of the same part are in
 * that call's time already. Its histogram counts blocks: the self times of its calls in one block, added up.
 */
import {Kind, recordSize} from './record.js';
import type {FunctionStat} from './session.js';
import {BUCKETS, bucketOf} from './statistics.js';
import type {Entry} from './store.js';

/** Record.depth is a byte. */
const LEVELS = 257;
const NONE = -1;

export interface Part {
	readonly name: string;
	/** Calls whose end was seen. */
	readonly calls: number;
	/** Marks and drops. */
	readonly marks: number;
	/** Blocks that have one of these calls. */
	readonly blocks: number;
	/** Its buckets and its max are of self times in a block. ns. */
	readonly stat: FunctionStat;
}

interface Sums {
	readonly name: string;
	calls: number;
	marks: number;
	total: number;
	self: number;
	/** Longest self time in a block, and self time in the block that is being counted. */
	max: number;
	inBlock: number;
	/** Whether that block has one of its calls, and whether one is around the call that is being counted. */
	seen: boolean;
	open: boolean;
	readonly bucket: number[];
}

export class Parts {
	private readonly sums: readonly Sums[];
	/** By number of the function. */
	private readonly partOf: Uint16Array;
	/** By level: number of the part whose outermost call is there. */
	private readonly outermost = new Int32Array(LEVELS).fill(NONE);

	/** @param names of each function's part, by number of the function. */
	constructor(names: readonly string[]) {
		const distinct = [...new Set(names)];
		this.sums = distinct.map((name) => ({
			name,
			calls: 0,
			marks: 0,
			total: 0,
			self: 0,
			max: 0,
			inBlock: 0,
			seen: false,
			open: false,
			bucket: new Array<number>(BUCKETS).fill(0),
		}));
		const numbers = new Map(distinct.map((name, number) => [name, number]));
		this.partOf = Uint16Array.from(names, (name) => numbers.get(name) ?? 0);
	}

	/** Counts an entry that is no loss. @param self of each of its records, as `selfTimes` fills it. */
	add({view, at: first, end}: Entry, self: Float64Array): void {
		const seen: Sums[] = [];
		let level = -1;
		for (let at = first, index = 0; at < end; at += recordSize(view.bytes, at), index++) {
			const number = this.partOf[view.fn(at)];
			const sums = number === undefined ? undefined : this.sums[number];
			const kind = view.kind(at);
			if (kind !== Kind.CALL && kind !== Kind.OPEN) {
				if (sums !== undefined) sums.marks++;
				continue;
			}
			const inner = Math.min(level + 1, view.depth(at));
			for (; level >= inner; level--) this.leave(level);
			level = inner;
			if (sums === undefined || number === undefined || !view.ended(at)) continue;
			if (!sums.seen) {
				sums.seen = true;
				seen.push(sums);
			}
			sums.calls++;
			sums.inBlock += self[index] as number;
			if (sums.open) continue;
			sums.open = true;
			this.outermost[level] = number;
			sums.total += view.duration(at);
		}
		for (; level >= 0; level--) this.leave(level);
		for (const sums of seen) endBlock(sums);
	}

	/** One for each part, in the order in which the functions have them. */
	list(): Part[] {
		return this.sums.map(({name, calls, marks, total, self, max, bucket}) => ({
			name,
			calls,
			marks,
			blocks: bucket.reduce((sum, count) => sum + count, 0),
			stat: {total: BigInt(total), self: BigInt(self), max: BigInt(max), bucket: bucket.map(BigInt)},
		}));
	}

	private leave(level: number): void {
		const sums = this.sums[this.outermost[level] as number];
		if (sums !== undefined) sums.open = false;
		this.outermost[level] = NONE;
	}
}

function endBlock(sums: Sums): void {
	const bucket = bucketOf(sums.inBlock);
	sums.bucket[bucket] = (sums.bucket[bucket] as number) + 1;
	sums.self += sums.inBlock;
	sums.max = Math.max(sums.max, sums.inBlock);
	sums.inBlock = 0;
	sums.seen = false;
}
