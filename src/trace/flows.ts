/**
 * The flows of a session: records gathered by addresses, ports and protocol, both directions together. Numbers alone are
 * kept while records come; text is made for who looks.
 */
import {FlowIndex} from './flow-index.js';
import {type FlowTexts, flowTexts, Sides, sidesOf} from './flow-sides.js';
import {PLACE_COUNT, placesOf, TIERS} from './passage.js';
import {Kind, recordSize} from './record.js';
import {selfTimes} from './self.js';
import type {TracedFunction} from './session.js';
import type {Entry} from './store.js';
import type {RecordView} from './view.js';

export interface FlowRow extends FlowTexts {
	/** Packets, once a hop: see passage.ts. What a device or GSO cuts into segments later is one packet. */
	readonly packets: number;
	/** Their bytes as the kernel counts them at that place: from the IP header on, where IP saw the flow. */
	readonly bytes: number;
	readonly calls: number;
	/** ns of its calls, each without the calls inside it: nothing counts twice. Time that a call waited is in it. */
	readonly time: number;
	readonly drops: number;
	/** Number of the last entry with something of it. */
	readonly lastEntry: number;
}

/** Flows that are kept: about 4 MB. */
const LIMIT = 16_384;
/** Of the flows that are kept, how many go when there is no room: one in so many. */
const SHARE = 4;
/** Counters of a flow: each place in each direction. */
const COUNTERS = 2 * PLACE_COUNT;
/** Record.depth is a byte. */
const LEVELS = 257;
const NONE = -1;

export class FlowTable {
	/** Flows that had to go because of the limit, those first that were silent longest. */
	forgotten = 0;
	private places: Uint8Array = new Uint8Array(0);
	private readonly index: FlowIndex;
	private readonly packets: Float64Array;
	private readonly bytes: Float64Array;
	private readonly calls: Float64Array;
	private readonly time: Float64Array;
	private readonly drops: Float64Array;
	private readonly lastEntry: Float64Array;
	private texts: FlowTexts[] = [];
	private self = new Float64Array(64);
	/** Flows of the calls around the record at hand, by depth. */
	private readonly around = new Int32Array(LEVELS);
	/** Whether the record at hand said itself which flow it belongs to. */
	private own = false;

	/** @param functions of the session, there may be more of them later; @param limit flows at most. */
	constructor(
		private readonly functions: readonly TracedFunction[],
		limit = LIMIT,
	) {
		this.index = new FlowIndex(limit);
		this.packets = new Float64Array(limit * COUNTERS);
		this.bytes = new Float64Array(limit * COUNTERS);
		this.calls = new Float64Array(limit);
		this.time = new Float64Array(limit);
		this.drops = new Float64Array(limit);
		this.lastEntry = new Float64Array(limit);
	}

	/** Counts the records of an entry, each entry once. A loss has no flow. */
	add(entry: Entry): void {
		if (entry.kind === Kind.LOSS) return;
		const {view, end} = entry;
		if (this.self.length < entry.records) this.self = new Float64Array(entry.records * 2);
		if (this.places.length < this.functions.length) this.places = placesOf(this.functions);
		selfTimes(entry, this.self);
		let level = -1;
		for (let at = entry.at, i = 0; at < end; at += recordSize(view.bytes, at), i++) {
			const kind = view.kind(at);
			const call = kind === Kind.CALL || kind === Kind.OPEN;
			const depth = Math.min(level + 1, view.depth(at));
			const outer = depth > 0 ? this.around[depth - 1]! : NONE;
			const flow = this.flowOf(view, at, outer, entry);
			if (call) {
				level = depth;
				this.around[depth] = flow;
			}
			if (flow === NONE) continue;
			this.lastEntry[flow] = entry.id;
			if (call) {
				this.calls[flow]!++;
				this.time[flow]! += Math.max(0, this.self[i]!);
			} else if (kind === Kind.DROP) {
				this.drops[flow]!++;
			}
			const place = this.places[view.fn(at)];
			if (place && this.own) this.pass(flow, place - 1, view.len(at));
		}
	}

	clear(): void {
		this.keep(new Uint32Array(0));
		this.forgotten = 0;
	}

	/** All flows, in the order in which they were first seen. */
	rows(): readonly FlowRow[] {
		const rows: FlowRow[] = [];
		for (let flow = 0; flow < this.index.count; flow++) {
			const text = this.texts[flow] ?? flowTexts(this.index.get(flow));
			this.texts[flow] = text;
			const {proto, a, b, filter} = text;
			const there = this.passed(flow, 0);
			const back = this.passed(flow, 1);
			rows.push({
				proto,
				a,
				b,
				filter,
				packets: there.packets + back.packets,
				bytes: there.bytes + back.bytes,
				calls: this.calls[flow]!,
				time: this.time[flow]!,
				drops: this.drops[flow]!,
				lastEntry: this.lastEntry[flow]!,
			});
		}
		return rows;
	}

	/**
	 * The flow of a record. What does not know both sides, such as a socket that listens or is not connected, belongs to the
	 * call around it; a root call to the first record within it that knows, else to a flow with the sides that are known.
	 */
	private flowOf(view: RecordView, at: number, outer: number, entry: Entry): number {
		const sides = sidesOf(view, at);
		this.own = sides === Sides.BOTH;
		if (sides === Sides.BOTH) return this.find(view, at);
		if (outer !== NONE) return outer;
		if (at === entry.at && sides !== Sides.NONE) {
			const proto = view.proto(at);
			for (let next = at; next < entry.end; next += recordSize(view.bytes, next)) {
				if (view.proto(next) === proto && sidesOf(view, next) === Sides.BOTH) return this.find(view, next);
			}
		}
		if (sides !== Sides.ENOUGH) return NONE;
		const known = this.index.findByOne(view, at);
		if (known !== NONE) return known;
		this.own = true;
		return this.find(view, at);
	}

	private find(view: RecordView, at: number): number {
		const flow = this.index.find(view, at);
		if (flow !== NONE) return flow;
		this.forgetOldest();
		return this.index.find(view, at);
	}

	private pass(flow: number, place: number, length: number): void {
		const at = flow * COUNTERS + (this.index.reversed ? PLACE_COUNT : 0) + place;
		this.packets[at]!++;
		this.bytes[at]! += length;
	}

	/** @param direction 0 from a to b, 1 back. */
	private passed(flow: number, direction: number): {packets: number; bytes: number} {
		for (const places of TIERS) {
			let best = NONE;
			for (const place of places) {
				const at = flow * COUNTERS + direction * PLACE_COUNT + place;
				if (this.packets[at]! > (best === NONE ? 0 : this.packets[best]!)) best = at;
			}
			if (best !== NONE) return {packets: this.packets[best]!, bytes: this.bytes[best]!};
		}
		return {packets: 0, bytes: 0};
	}

	private forgetOldest(): void {
		const {count} = this.index;
		const last = this.lastEntry.subarray(0, count);
		const sorted = last.slice().sort();
		const going = Math.max(1, Math.floor(count / SHARE));
		const newest = sorted[going - 1]!;
		// Of those that were seen last in one and the same entry, only as many as it takes.
		let ties = going - sorted.indexOf(newest);
		const moved = new Int32Array(count).fill(NONE);
		const kept = new Uint32Array(count - going);
		for (let flow = 0, to = 0; flow < count; flow++) {
			if (last[flow]! < newest || (last[flow] === newest && ties-- > 0)) continue;
			kept[to] = flow;
			moved[flow] = to++;
		}
		this.forgotten += going;
		for (let level = 0; level < LEVELS; level++) this.around[level] = moved[this.around[level]!] ?? NONE;
		this.keep(kept);
	}

	private keep(kept: Uint32Array): void {
		for (const column of [this.packets, this.bytes]) move(column, kept, COUNTERS);
		for (const column of [this.calls, this.time, this.drops, this.lastEntry]) move(column, kept, 1);
		const texts = this.texts;
		this.texts = [];
		kept.forEach((from, to) => {
			const text = texts[from];
			if (text !== undefined) this.texts[to] = text;
		});
		this.index.keep(kept);
	}
}

function move(column: Float64Array, kept: Uint32Array, width: number): void {
	for (let to = 0; to < kept.length; to++) {
		const from = kept[to]! * width;
		// Written out: copyWithin takes several times as long for so few.
		for (let i = 0; i < width; i++) column[to * width + i] = column[from + i]!;
	}
	column.fill(0, kept.length * width);
}
