/**
 * Which packets are shown and in what order. There may be tens of thousands: the order is made anew a few times a second,
 * while somebody looks, in slices; rows are made for those that can be seen, and what was found out of a packet is kept
 * until something comes of it.
 */

import type {Matches} from '../../trace/matches.js';
import {parsePacketFilter} from '../../trace/packets/packet-filter.js';
import {PacketRow, type PacketWorld} from '../../trace/packets/packet-row.js';
import {Life, recordSize} from '../../trace/record.js';
import type {Entry} from '../../trace/store.js';
import type {ListRows} from '../reduce/world.js';
import {sorted} from './order.js';
import type {PacketItem} from './packets.js';

export interface PacketOrder {
	/** Name of a column, and whether the other way round than usual. */
	readonly sort: string;
	readonly reversed: boolean;
	/** A filter by fate and time, '' for none. */
	readonly only: string;
}

/** Packets between two looks at the clock. */
const SLICE = 256;
const Verdict = {UNKNOWN: 0, SHOWN: 1, HIDDEN: 2} as const;

export class PacketList {
	/** Slots and numbers of the packets that are shown, in their order. */
	private slots = new Uint32Array(0);
	private numbers = new Uint32Array(0);
	/** By slot: its place in the order plus 1, 0 where it is not shown. */
	private readonly places: Uint32Array;
	private order: PacketOrder = {sort: 'first', reversed: false, only: ''};
	/** Packets whose first entry is this one or a later one are not shown: what came after pausing. */
	limit = Number.POSITIVE_INFINITY;
	private accepts: ((row: PacketRow) => boolean) | undefined;
	private work: Generator<void, void> | undefined;
	/** Kept of packets that nothing has come of since: whether they are shown, their rows, what they are sorted by. */
	private readonly verdicts: Uint8Array;
	private readonly rows: (PacketRow | undefined)[] = [];
	private readonly texts: (string | undefined)[] = [];

	constructor(
		private readonly world: PacketWorld,
		private readonly matches: Matches,
	) {
		const {limit} = world.table;
		this.verdicts = new Uint8Array(limit);
		this.places = new Uint32Array(limit);
	}

	get count(): number {
		return this.slots.length;
	}

	/** Whether the order is as it was asked for. */
	get complete(): boolean {
		return this.work === undefined;
	}

	/** Something came of the packets of an entry. */
	touch({view, at: begin, end}: Entry): void {
		let last = 0;
		for (let at = begin; at < end; at += recordSize(view.bytes, at)) {
			const packet = view.packet(at);
			if (packet === 0 || packet === last) continue;
			last = packet;
			this.forget(packet);
		}
	}

	/** Something came of a packet. */
	forget(packet: number): void {
		const slot = this.world.table.slot(packet);
		if (slot === undefined) return;
		this.verdicts[slot] = Verdict.UNKNOWN;
		this.rows[slot] = undefined;
		this.texts[slot] = undefined;
	}

	/** Another filter is in force, or all was cleared. */
	forgetAll(): void {
		this.verdicts.fill(Verdict.UNKNOWN);
		this.renew();
	}

	/** Asks for an order; it is there once `complete` says so. */
	want(order: PacketOrder): void {
		const {sort, reversed, only} = this.order;
		if (sort === order.sort && reversed === order.reversed && only === order.only) return;
		if (only !== order.only) {
			this.accepts = order.only === '' ? undefined : parsePacketFilter(order.only);
			this.verdicts.fill(Verdict.UNKNOWN);
		}
		if (sort !== order.sort) this.texts.fill(undefined);
		this.order = {sort: order.sort, reversed: order.reversed, only: order.only};
		this.renew();
	}

	/** There may be other packets now. */
	renew(): void {
		this.work = this.build();
	}

	/** Goes on until `late` says so or the order is made. */
	step(late: () => boolean): void {
		while (this.work !== undefined && this.work.next().done !== true) if (late()) return;
		this.work = undefined;
	}

	item(index: number): PacketItem | undefined {
		const slot = this.slots[index];
		if (slot === undefined) return undefined;
		const number = this.numbers[index] as number;
		return {number, row: this.world.table.slot(number) === slot ? this.row(slot) : undefined};
	}

	list(columns: readonly string[]): ListRows {
		return {
			count: this.count,
			keyAt: (index) => String(this.numbers[index] ?? ''),
			indexOf: (key) => this.placeOf(Number(key)),
			columns,
		};
	}

	private placeOf(number: number): number {
		const slot = this.world.table.slot(number);
		const place = slot === undefined ? -1 : (this.places[slot] as number) - 1;
		return this.numbers[place] === number ? place : this.numbers.indexOf(number);
	}

	private row(slot: number): PacketRow {
		const known = this.rows[slot];
		if (known !== undefined) return known;
		const row = new PacketRow(this.world, slot);
		this.rows[slot] = row;
		return row;
	}

	private *build(): Generator<void, void> {
		const {table} = this.world;
		const value = this.values();
		// Packets may come and go between two slices.
		const all = Uint32Array.from(table.all());
		yield;
		const slots = new Uint32Array(all.length);
		const keys = new Float64Array(all.length);
		const texts: string[] = [];
		let count = 0;
		for (let from = 0; from < all.length; from += SLICE) {
			count = this.choose(all.subarray(from, from + SLICE), value, slots, keys, texts, count);
			yield;
		}
		if (texts.length > 0) keys.set(ranksOf(texts));
		yield;
		this.take(slots, sorted(keys.subarray(0, count), this.order.reversed));
	}

	/** Adds those of a slice that are shown, each with what it is sorted by; returns how many there are now. */
	private choose(
		slice: Uint32Array,
		value: (slot: number) => number | string,
		slots: Uint32Array,
		keys: Float64Array,
		texts: string[],
		from: number,
	): number {
		let count = from;
		for (let index = 0; index < slice.length; index++) {
			const slot = slice[index] as number;
			if (!this.shows(slot)) continue;
			const key = value(slot);
			if (typeof key === 'string') texts.push(key);
			else keys[count] = key;
			slots[count++] = slot;
		}
		return count;
	}

	/** @param order indices of the slots. */
	private take(slots: Uint32Array, order: Uint32Array): void {
		const {number} = this.world.table.columns;
		this.places.fill(0);
		this.slots = new Uint32Array(order.length);
		this.numbers = new Uint32Array(order.length);
		for (let place = 0; place < order.length; place++) {
			const slot = slots[order[place] as number] as number;
			this.slots[place] = slot;
			this.numbers[place] = number[slot] as number;
			this.places[slot] = place + 1;
		}
	}

	/** What a packet is sorted by: numbers the largest first, texts from a to z. */
	private values(): (slot: number) => number | string {
		const {columns} = this.world.table;
		switch (this.order.sort) {
			case 'number':
				return (slot) => columns.number[slot] as number;
			case 'first':
				return (slot) => columns.first[slot] as number;
			case 'fate':
				return (slot) => -(columns.fate[slot] as number);
			case 'total':
				return (slot) => (columns.last[slot] as number) - (columns.first[slot] as number);
			case 'functions':
				return (slot) => columns.inFunctions[slot] as number;
			case 'queues':
				return (slot) => columns.inQueues[slot] as number;
			case 'slowest':
				return (slot) => columns.slowest[slot] as number;
			case 'proto':
				return this.text((row) => row.proto);
			case 'from':
				return this.text((row) => row.a);
			case 'to':
				return this.text((row) => row.b);
			default:
				return this.text((row) => row.path);
		}
	}

	private text(of: (row: PacketRow) => string): (slot: number) => string {
		return (slot) => {
			let text = this.texts[slot];
			if (text === undefined) {
				text = of(this.row(slot));
				this.texts[slot] = text;
			}
			return text;
		};
	}

	private shows(slot: number): boolean {
		if (this.limit < Number.POSITIVE_INFINITY && this.begins(slot) >= this.limit) return false;
		const known = this.verdicts[slot];
		if (known !== Verdict.UNKNOWN) return known === Verdict.SHOWN;
		// Whoever is sorted by figures has those of now.
		const row = this.row(slot);
		const shown = this.matched(slot) && (this.accepts === undefined || this.accepts(row));
		// What was merged gets the fate of what it went on in, whenever that is known.
		const changes = !this.matches.complete || (this.world.table.columns.what[slot] === Life.MERGED && this.accepts);
		if (!changes) this.verdicts[slot] = shown ? Verdict.SHOWN : Verdict.HIDDEN;
		return shown;
	}

	private begins(slot: number): number {
		for (const entry of this.world.table.entriesOf(slot)) return entry;
		return Number.POSITIVE_INFINITY;
	}

	private matched(slot: number): boolean {
		if (this.matches.predicate === undefined) return true;
		for (const entry of this.world.table.entriesOf(slot)) if (this.matches.has(entry)) return true;
		return false;
	}
}

/** A number for each text, the larger the earlier in the alphabet; none where there is no text, which comes last. */
function ranksOf(texts: readonly string[]): Float64Array {
	const different = [...new Set(texts)].sort();
	const ranks = new Map(different.map((text, index) => [text, -index]));
	const keys = new Float64Array(texts.length);
	texts.forEach((text, index) => {
		keys[index] = text === '' ? Number.NaN : (ranks.get(text) as number);
	});
	return keys;
}
