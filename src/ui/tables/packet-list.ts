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
	private places: Uint32Array;
	private order: PacketOrder = {sort: 'first', reversed: false, only: ''};
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
		const slots: number[] = [];
		const keys: (number | string)[] = [];
		let left = SLICE;
		// Packets may come and go between two slices.
		for (const slot of [...table.all()]) {
			if (--left === 0) {
				left = SLICE;
				yield;
			}
			if (!this.shows(slot)) continue;
			slots.push(slot);
			keys.push(value(slot));
		}
		yield;
		this.take(slots, keys);
	}

	private take(slots: readonly number[], keys: readonly (number | string)[]): void {
		const {number} = this.world.table.columns;
		const sign = this.order.reversed ? -1 : 1;
		const at = typeof keys[0] === 'string' ? byText(keys as string[], sign) : byNumber(keys as number[], sign);
		this.slots = Uint32Array.from(at, (index) => slots[index] as number);
		this.numbers = Uint32Array.from(this.slots, (slot) => number[slot] as number);
		this.places.fill(0);
		this.slots.forEach((slot, place) => {
			this.places[slot] = place + 1;
		});
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

	private matched(slot: number): boolean {
		if (this.matches.predicate === undefined) return true;
		for (const entry of this.world.table.entriesOf(slot)) if (this.matches.has(entry)) return true;
		return false;
	}
}

/** Places of the numbers, the largest first. */
function byNumber(keys: readonly number[], sign: number): Uint32Array {
	const values = Float64Array.from(keys, (key) => (Number.isNaN(key) ? Number.NEGATIVE_INFINITY : key));
	return Uint32Array.from(values.keys()).sort((a, b) => {
		const more = (values[b] as number) - (values[a] as number);
		return more > 0 ? sign : more < 0 ? -sign : a - b;
	});
}

function byText(keys: readonly string[], sign: number): Uint32Array {
	return Uint32Array.from(keys.keys()).sort((a, b) => {
		const [x, y] = [keys[a] as string, keys[b] as string];
		return x < y ? -sign : x > y ? sign : a - b;
	});
}
