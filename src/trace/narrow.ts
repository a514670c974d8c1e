/** The calls and marks of an entry that a filter shows, as if the kernel had recorded these alone. */
import type {Lookup, Predicate} from './filter/predicate.js';
import {At, Kind, recordSize} from './record.js';
import {Entry, ON_TOP_BYTES, Store} from './store.js';
import {copyRecord, RecordView} from './view.js';

export class Narrower {
	/** Of each record that is left, by its index: where it stands in the entry it was taken from. Bytes from its begin. */
	origin = new Uint32Array(64);
	private readonly entry = new Entry();
	/** By depth in the original entry: index of the record that is left of the call at that depth, or around it; -1 none. */
	private readonly kept = new Int32Array(257);
	private index = new Int32Array(64);

	/** The result is one object, filled anew each time. Its depths are those of the calls that are left around each. */
	narrow(from: Entry, predicate: Predicate, lookup: Lookup): Entry {
		const entry = this.room(from);
		const {view} = from;
		const {bytes} = view;
		entry.records = 0;
		entry.end = 0;
		let number = 0;
		for (let at = from.at, size = 0; at < from.end; at += size, number++) {
			size = recordSize(bytes, at);
			const depth = view.depth(at);
			const around = depth === 0 ? -1 : (this.kept[depth - 1] as number);
			this.kept[depth] = around;
			if (predicate(bytes, at, lookup)) {
				copyRecord(view, at, size, entry.view, entry.end);
				entry.view.bytes[entry.end + At.depth] = around < 0 ? 0 : this.depthOf(around) + 1;
				this.origin[entry.records] = at - from.at;
				this.starts[entry.records] = entry.end;
				entry.end += size;
				const call = view.kind(at) === Kind.CALL || view.kind(at) === Kind.OPEN;
				if (call) this.kept[depth] = entry.records;
				entry.records++;
			}
			this.index[number] = this.kept[depth] as number;
		}
		this.copyOnTop(from, entry);
		return entry;
	}

	private starts = new Uint32Array(64);

	private depthOf(index: number): number {
		return this.entry.view.depth(this.starts[index] as number);
	}

	private room(from: Entry): Entry {
		const {entry} = this;
		const bytes = from.end - from.at + from.onTop * ON_TOP_BYTES;
		if (entry.view.bytes.length < bytes) entry.view = new RecordView(new Uint8Array(2 * bytes));
		if (this.index.length < from.records) {
			this.index = new Int32Array(2 * from.records);
			this.origin = new Uint32Array(2 * from.records);
			this.starts = new Uint32Array(2 * from.records);
		}
		entry.id = from.id;
		entry.at = 0;
		entry.block = from.block;
		entry.under = from.under;
		entry.task = from.task;
		return entry;
	}

	/** Time on top of a call that is left out is time on top of the one around it. */
	private copyOnTop(from: Entry, entry: Entry): void {
		entry.onTop = 0;
		for (let i = 0, at = from.end; i < from.onTop; i++, at += ON_TOP_BYTES) {
			const index = this.index[from.view.words[at >>> 2] as number] ?? -1;
			if (index < 0) continue;
			const to = (entry.end + entry.onTop++ * ON_TOP_BYTES) >>> 2;
			entry.view.words[to] = index;
			entry.view.words[to + 1] = 0;
			entry.view.words[to + 2] = from.view.words[(at >>> 2) + 2] as number;
			entry.view.words[to + 3] = from.view.words[(at >>> 2) + 3] as number;
		}
	}
}

/**
 * Entries up to `limit` that the filter shows, as a store of their own, to be saved. A generator: it does some of the work
 * at each step, so that keys are not late. Where calls at the root are left out, each of what they held is an entry.
 */
export function* narrowed(
	store: Store,
	limit: number,
	predicate: Predicate,
	lookup: Lookup,
): Generator<void, Store, undefined> {
	const out = new Store(Number.MAX_SAFE_INTEGER);
	out.epoch = store.epoch;
	const narrower = new Narrower();
	const entry = new Entry();
	for (let id = store.first; id < limit; id++) {
		if (id % 1024 === 0) yield;
		if (!store.read(id, entry)) continue;
		if (entry.kind === Kind.LOSS) {
			const to = out.reserve(entry.end - entry.at);
			copyRecord(entry.view, entry.at, entry.end - entry.at, out.target, to);
			out.commit(entry.end - entry.at, 1, 0, 0, 0, 0, store.begin(id));
		} else copyRoots(narrower.narrow(entry, predicate, lookup), out);
	}
	return out;
}

/** Each root of a narrowed entry with all that is nested in it. What ran on top of calls is not needed in a log. */
function copyRoots(entry: Entry, out: Store): void {
	const {view} = entry;
	for (let at = entry.at; at < entry.end; ) {
		let end = at;
		let records = 0;
		do {
			end += recordSize(view.bytes, end);
			records++;
		} while (end < entry.end && view.depth(end) > 0);
		const call = view.kind(at) === Kind.CALL || view.kind(at) === Kind.OPEN;
		const begin = view.begin(at, out.epoch);
		const to = out.reserve(end - at);
		for (let from = at, size = 0; from < end; from += size) {
			size = recordSize(view.bytes, from);
			copyRecord(view, from, size, out.target, to + from - at);
		}
		out.commit(end - at, records, 0, call ? 1 : 0, 0, entry.task, begin);
		at = end;
	}
}
