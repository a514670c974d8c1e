/**
 * Which entries ran on top of which: a softirq's blocks and the block whose call they interrupted. They arrive first, since
 * the interrupted call ends later, and find their place when its block is there.
 */
import {IdRing} from './id-ring.js';
import type {Entry, Store} from './store.js';

/** Interrupted blocks that are waited for; the oldest of more will not come any more. */
const WAITING = 4096;

export class Nest {
	/** How far away the others are, 0 for none: the block below, the newest on top, the one before it on the same block. */
	private readonly below = new IdRing();
	private readonly newest = new IdRing();
	private readonly older = new IdRing();
	/** By the number of an interrupted block that has not ended: the newest entry on top of it. */
	private readonly waiting = new Map<number, number>();

	constructor(private readonly store: Store) {}

	/** Takes each entry of the store as it becomes complete. */
	add({id, under, block}: Entry): void {
		const {first} = this.store;
		this.below.fit(first, id + 1);
		this.newest.fit(first, id + 1);
		this.older.fit(first, id + 1);
		this.below.set(id, 0);
		this.newest.set(id, 0);
		this.older.set(id, 0);
		if (under !== 0) this.wait(id, under);
		const newest = block === 0 ? undefined : this.waiting.get(block);
		if (newest === undefined) return;
		this.waiting.delete(block);
		if (newest < first) return;
		this.newest.set(id, id - newest);
		for (let child = newest; child >= first; ) {
			this.below.set(child, id - child);
			const distance = this.older.get(child);
			if (distance === 0) return;
			child -= distance;
		}
	}

	private wait(id: number, under: number): void {
		const before = this.waiting.get(under);
		if (before !== undefined) this.older.set(id, id - before);
		this.waiting.set(under, id);
		if (this.waiting.size <= WAITING) return;
		for (const oldest of this.waiting.keys()) {
			this.waiting.delete(oldest);
			return;
		}
	}

	/** The entry it ran on top of, once that is there; -1 for none. */
	parent(id: number): number {
		const distance = this.below.get(id);
		return distance === 0 ? -1 : id + distance;
	}

	/** The entries that ran on top of it, in the order of their begin. */
	children(id: number): number[] {
		const found: number[] = [];
		for (let at = id, distance = this.newest.get(id); distance !== 0; distance = this.older.get(at)) {
			at -= distance;
			if (at < this.store.first) break;
			found.push(at);
		}
		return found.sort((a, b) => this.store.begin(a) - this.store.begin(b));
	}
}
