/** Waits of packets by the entry that took them out of their queue: of entries that are stored, the newest of them. */
import type {Wait} from '../../trace/packets/trail.js';

export interface TakenWait {
	readonly packet: number;
	readonly wait: Wait;
}

const MOST = 65_536;
/** What stays when there is no room for more. */
const KEPT = 7 / 8;
/** Entries that may be gone from the store before theirs are looked for: finding them takes time. */
const GONE = 1024;
const NONE: readonly TakenWait[] = [];

export class WaitIndex {
	private readonly lists = new Map<number, TakenWait[]>();

	/** The first entry that was stored when it was last looked for those that are not. */
	private first = 0;

	/** @param store of the entries; @param most entries that are known at a time. */
	constructor(
		private readonly store: {readonly first: number},
		private readonly most = MOST,
	) {}

	/** A packet has settled: what was known of it counts no more. Returns the entries that have other waits now. */
	set(packet: number, waits: readonly Wait[]): number[] {
		const changed: number[] = [];
		for (const wait of waits) {
			const {toEntry, fromEntry, begin} = wait;
			// What was taken out inside the block that put it in is no gap between blocks.
			if (toEntry < 0 || toEntry === fromEntry) continue;
			const list = this.lists.get(toEntry);
			if (list === undefined) this.lists.set(toEntry, [{packet, wait}]);
			else {
				const same = list.findIndex((one) => one.packet === packet && one.wait.begin === begin);
				if (same >= 0) {
					if (list[same]?.wait.end === wait.end) continue;
					list[same] = {packet, wait};
				} else list.push({packet, wait});
			}
			changed.push(toEntry);
		}
		if (this.store.first - this.first >= GONE) this.forgetGone();
		if (this.lists.size > this.most) this.makeRoom();
		return changed;
	}

	/** Packets settle in about the order of their entries. */
	private forgetGone(): void {
		this.first = this.store.first;
		for (const entry of this.lists.keys()) {
			if (entry >= this.first) break;
			this.lists.delete(entry);
		}
	}

	/** Some at a time: what a map has lost stays in the way until it is made anew. */
	private makeRoom(): void {
		for (const oldest of this.lists.keys()) {
			if (this.lists.size <= this.most * KEPT) break;
			this.lists.delete(oldest);
		}
	}

	/** Of an entry, in no order. */
	of(entry: number): readonly TakenWait[] {
		return this.lists.get(entry) ?? NONE;
	}

	clear(): void {
		this.lists.clear();
	}
}
