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
	add(entry: Entry): void {
		const {id, under, block} = entry;
		for (const ring of [this.below, this.newest, this.older]) {
			ring.fit(this.store.first, id + 1);
			ring.set(id, 0);
		}
		if (under !== 0) {
			const before = this.waiting.get(under);
			if (before !== undefined) this.older.set(id, id - before);
			this.waiting.set(under, id);
			if (this.waiting.size > WAITING)
				for (const oldest of this.waiting.keys()) return void this.waiting.delete(oldest);
		}
		const first = block === 0 ? undefined : this.waiting.get(block);
		if (first === undefined) return;
		this.waiting.delete(block);
		if (first < this.store.first) return;
		this.newest.set(id, id - first);
		for (const child of this.list(first)) this.below.set(child, id - child);
	}

	/** The entry it ran on top of, once that is there; -1 for none. */
	parent(id: number): number {
		const distance = this.below.get(id);
		return distance === 0 ? -1 : id + distance;
	}

	/** The entries that ran on top of it, in the order of their begin. */
	children(id: number): number[] {
		const distance = this.newest.get(id);
		if (distance === 0) return [];
		return this.list(id - distance).sort((a, b) => this.store.begin(a) - this.store.begin(b));
	}

	/** From the newest to the oldest that is still in the store. */
	private list(newest: number): number[] {
		const found: number[] = [];
		for (let id = newest; id >= this.store.first; ) {
			found.push(id);
			const distance = this.older.get(id);
			if (distance === 0) break;
			id -= distance;
		}
		return found;
	}
}
