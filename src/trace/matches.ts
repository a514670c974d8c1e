/**
 * Which entries of a store have something that the filter in force shows: a bit for each, set as entries arrive, and all
 * anew, in slices from the newest back, when the filter changes.
 */
import type {Lookup, Predicate} from './filter/predicate.js';
import {IdRing} from './id-ring.js';
import {Kind, recordSize} from './record.js';
import {Entry, type Store} from './store.js';

/** Entries that are judged between two looks at the clock. */
const SLICE = 256;

/** Whether any call or mark of the entry matches; a loss always does. */
export function matchesEntry(entry: Entry, predicate: Predicate | undefined, lookup: Lookup): boolean {
	if (predicate === undefined || entry.kind === Kind.LOSS) return true;
	const {bytes} = entry.view;
	for (let at = entry.at; at < entry.end; at += recordSize(bytes, at)) if (predicate(bytes, at, lookup)) return true;
	return false;
}

export class Matches {
	/** Undefined: everything matches. */
	predicate: Predicate | undefined;
	/** Entries that match, of those that have been judged and are still in the store. */
	count = 0;
	/** Called with each entry that matches, once for each filter; in any order. */
	onMatch: (entry: Entry) => void = () => {};

	private readonly bits = new IdRing();
	private readonly entry = new Entry();
	/** Entries from `first` to `unjudged - 1` are not judged yet. */
	private unjudged = 0;
	private first = 0;

	constructor(
		private readonly store: Store,
		private readonly lookup: Lookup,
	) {}

	/** Takes each entry of the store as it becomes complete. */
	add(entry: Entry): void {
		this.forget();
		this.bits.fit(this.first >>> 5, (entry.id >>> 5) + 1);
		if ((entry.id & 31) === 0) this.bits.set(entry.id >>> 5, 0);
		this.judge(entry);
	}

	/** A new filter: everything stored is judged by the next calls of `step`. */
	change(predicate: Predicate | undefined): void {
		this.forget();
		this.predicate = predicate;
		this.count = 0;
		this.unjudged = this.store.end;
	}

	get complete(): boolean {
		return this.unjudged <= this.store.first;
	}

	/** Judges stored entries until `late` says so or all are judged. */
	step(late: () => boolean): void {
		while (!this.complete) {
			const stop = Math.max(this.store.first, this.unjudged - SLICE);
			while (this.unjudged > stop) if (this.store.read(--this.unjudged, this.entry)) this.judge(this.entry);
			if (late()) return;
		}
	}

	/** False also for what is not judged yet or no longer stored. */
	has(id: number): boolean {
		if (id < this.unjudged || id < this.store.first || id >= this.store.end) return false;
		return ((this.bits.get(id >>> 5) >>> (id & 31)) & 1) === 1;
	}

	/** The nearest match at or after `id`, -1 for none. */
	next(id: number): number {
		const {end} = this.store;
		let at = Math.max(id, this.store.first, this.unjudged);
		while (at < end) {
			const word = this.bits.get(at >>> 5) >>> (at & 31);
			if (word !== 0) {
				const found = at + 31 - Math.clz32(word & -word);
				return found < end ? found : -1;
			}
			at += 32 - (at & 31);
		}
		return -1;
	}

	/** The nearest match at or before `id`, -1 for none. */
	previous(id: number): number {
		const first = Math.max(this.store.first, this.unjudged);
		let at = Math.min(id, this.store.end - 1);
		while (at >= first) {
			const word = this.bits.get(at >>> 5) << (31 - (at & 31));
			if (word !== 0) {
				const found = at - Math.clz32(word);
				return found >= first ? found : -1;
			}
			at -= (at & 31) + 1;
		}
		return -1;
	}

	private judge(entry: Entry): void {
		const word = entry.id >>> 5;
		const bit = 1 << (entry.id & 31);
		if (matchesEntry(entry, this.predicate, this.lookup)) {
			this.bits.set(word, this.bits.get(word) | bit);
			this.count++;
			this.onMatch(entry);
		} else this.bits.set(word, this.bits.get(word) & ~bit);
	}

	/** What the store has dropped counts no more. */
	private forget(): void {
		const {first} = this.store;
		for (; this.first < first; this.first++) {
			const judged = this.first >= this.unjudged;
			if (judged && (this.bits.get(this.first >>> 5) >>> (this.first & 31)) & 1) this.count--;
		}
	}
}
