/** What is known of packets in numbers, by slot. Times are ns, moments since the store's epoch. */
import {Life, LifeAt} from '../record.js';
import type {RecordView} from '../view.js';
import {FateCode, type Verdict} from './fate.js';
import {FlowKeys} from './flow-keys.js';
import type {Trail} from './trail.js';

export class PacketColumns {
	/** By slot: the number, that of the packet it came out of (0 none) and how (Life), where it went on (merged). */
	readonly number: Uint32Array;
	readonly parent: Uint32Array;
	readonly birth: Uint8Array;
	readonly into: Uint32Array;
	/** How it ended (Life; 0 alive), when, the reason of a drop, the code address and the thread. */
	readonly what: Uint8Array;
	readonly died: Float64Array;
	readonly reason: Uint32Array;
	readonly location: Float64Array;
	readonly tid: Uint32Array;
	/** When it came out of its parent, 0 where it did not. */
	readonly born: Float64Array;
	/** When the gap before it was filled, where it is a TCP segment that came too early; 0 else. */
	readonly filled: Float64Array;
	/** Of the trail, once it is settled. */
	readonly fate: Uint8Array;
	readonly first: Float64Array;
	readonly last: Float64Array;
	readonly inFunctions: Float64Array;
	readonly inQueues: Float64Array;
	readonly between: Float64Array;
	/** A bit for each queue, by its number, where it has been. */
	readonly waited: Uint16Array;
	/** What took longest, ns, and what it was: number of the function, or -1 minus that of the queue. */
	readonly slowest: Float64Array;
	readonly slowestAt: Int32Array;
	/** What tells the fate: see Verdict. */
	readonly fateFn: Int32Array;
	readonly fateEntry: Float64Array;
	readonly fateDev: Uint16Array;
	readonly flows: FlowKeys;

	/** @param limit slots. */
	constructor(limit: number) {
		this.number = new Uint32Array(limit);
		this.parent = new Uint32Array(limit);
		this.birth = new Uint8Array(limit);
		this.into = new Uint32Array(limit);
		this.what = new Uint8Array(limit);
		this.died = new Float64Array(limit);
		this.reason = new Uint32Array(limit);
		this.location = new Float64Array(limit);
		this.tid = new Uint32Array(limit);
		this.born = new Float64Array(limit);
		this.filled = new Float64Array(limit);
		this.fate = new Uint8Array(limit);
		this.first = new Float64Array(limit);
		this.last = new Float64Array(limit);
		this.inFunctions = new Float64Array(limit);
		this.inQueues = new Float64Array(limit);
		this.between = new Float64Array(limit);
		this.waited = new Uint16Array(limit);
		this.slowest = new Float64Array(limit);
		this.slowestAt = new Int32Array(limit);
		this.fateFn = new Int32Array(limit);
		this.fateEntry = new Float64Array(limit);
		this.fateDev = new Uint16Array(limit);
		this.flows = new FlowKeys(limit);
	}

	/** A slot has a new packet. */
	begin(slot: number, number: number): void {
		this.number[slot] = number;
		this.parent[slot] = 0;
		this.birth[slot] = 0;
		this.into[slot] = 0;
		this.what[slot] = 0;
		this.fate[slot] = FateCode.ALIVE;
		this.born[slot] = 0;
		this.filled[slot] = 0;
		this.tid[slot] = 0;
		this.waited[slot] = 0;
		this.slowest[slot] = 0;
		this.first[slot] = Number.NaN;
		this.last[slot] = Number.NaN;
		this.inFunctions[slot] = 0;
		this.inQueues[slot] = 0;
		this.between[slot] = 0;
		this.fateFn[slot] = -1;
		this.fateEntry[slot] = -1;
		this.fateDev[slot] = 0;
		this.flows.forget(slot);
	}

	/** How it came out of another one. False: it has been born before. */
	setBirth(slot: number, parent: number, how: number, time: number): boolean {
		if (this.birth[slot] !== 0) return false;
		this.parent[slot] = parent;
		this.birth[slot] = how;
		this.born[slot] = time;
		return true;
	}

	/** Its end, as a RECORD_LIFE has it. */
	setEnd(slot: number, view: RecordView, at: number, time: number): void {
		const what = view.lifeWhat(at);
		this.what[slot] = what;
		this.died[slot] = time;
		this.tid[slot] = view.words[(at + LifeAt.tid) >>> 2] as number;
		if (what === Life.MERGED) this.into[slot] = view.lifeOther(at);
		if (what !== Life.DROPPED) return;
		this.reason[slot] = view.lifeOther(at);
		this.location[slot] = Number(BigInt.asIntN(64, view.u64(at + LifeAt.location)));
	}

	/** It went into another one. */
	setMerged(slot: number, into: number, time: number): void {
		this.what[slot] = Life.MERGED;
		this.into[slot] = into;
		this.died[slot] = time;
	}

	setFate(slot: number, {fate, fn, entry, dev}: Verdict): void {
		this.fate[slot] = fate;
		this.fateFn[slot] = fn;
		this.fateEntry[slot] = entry;
		this.fateDev[slot] = dev;
	}

	/** The fate of another packet. */
	takeFate(slot: number, of: number): void {
		this.fate[slot] = this.fate[of] as number;
		this.fateFn[slot] = this.fateFn[of] as number;
		this.fateEntry[slot] = this.fateEntry[of] as number;
		this.fateDev[slot] = this.fateDev[of] as number;
	}

	setTimes(slot: number, trail: Trail): void {
		this.first[slot] = trail.first;
		this.last[slot] = trail.last;
		this.inFunctions[slot] = trail.inFunctions;
		this.inQueues[slot] = trail.inQueues;
		this.between[slot] = trail.between;
		let [slowest, what] = [0, -1];
		for (let i = 0; i < trail.count; i++) {
			if ((trail.self[i] as number) > slowest) [slowest, what] = [trail.self[i] as number, trail.fn[i] as number];
		}
		let waited = 0;
		for (const {queue, begin, end} of trail.waits) {
			waited |= 1 << queue;
			if (end - begin > slowest && end < Number.POSITIVE_INFINITY) [slowest, what] = [end - begin, -1 - queue];
		}
		this.waited[slot] = waited;
		this.slowest[slot] = slowest;
		this.slowestAt[slot] = what;
	}
}
