/**
 * The packets of a session: where the records of each are, how it was born and how it ended, and in figures where it spent
 * its time. Numbers in columns; what a packet's rows and texts are is made for who looks (packet-row.ts, journey.ts).
 *
 * A packet is settled a moment after its end, when the calls around its end have ended, too. What comes later than that (a
 * call that slept meanwhile) settles it anew, so that what is counted is right in the end.
 */
import {Kind, Life, recordSize} from '../record.js';
import type {TracedFunction} from '../session.js';
import type {Entry, Store} from '../store.js';
import type {RecordView} from '../view.js';
import {Ends} from './ends.js';
import {FATES, fateOf} from './fate.js';
import {Ledger} from './ledger.js';
import {PacketColumns} from './packet-columns.js';
import {Parts} from './parts.js';
import {type Roles, rolesOf} from './queues.js';
import {Relations} from './relations.js';
import {Slots} from './slots.js';
import {Trail} from './trail.js';
import {WaitStats} from './wait-stats.js';
import {Watch} from './watch.js';

/** Packets that are kept: with their parts about 200 bytes each. */
const LIMIT = 65_536;
/** ns that a packet must have been over, by the records, before it is settled. */
const GRACE = 50e6;
/** Packets merged into packets merged into packets: so many are followed. */
const CHAIN = 8;

/** What is known of packets, by slot. Times are ns since the store's epoch. */
export class PacketTable {
	/** Packets that had records, ever; and by fate, of those that are over or alive now. */
	seen = 0;
	readonly fates = FATES.map(() => 0);
	/** Packets that had to go because of the limit, the oldest first; packets that the kernel side had no room for. */
	forgotten = 0;
	evicted = 0;
	readonly waits = new WaitStats();
	/**
	 * Called with each packet that is over, when it is settled, and with those that are alive at the end; again when
	 * something came of it later.
	 */
	onSettled: ((packet: number) => void) | undefined;
	/** Where it is set, only records of packets for which it is true are taken. */
	accepts: ((packet: number) => boolean) | undefined;

	readonly columns: PacketColumns;
	private readonly ledger: Ledger;
	private readonly slots: Slots;
	private taken = 0;
	private readonly parts: Parts;
	/** Packets that are over and not settled. */
	private readonly over = new Ends();
	private latest = 0;
	private roles: Roles = rolesOf([]);
	private readonly trail: Trail;
	private readonly watch: Watch;
	private readonly children: Relations;
	/** By packet: those that were merged into it. */
	private readonly merged: Relations;

	/** @param functions of the session, there may be more of them later; @param limit packets at most. */
	constructor(
		private readonly store: Store,
		private readonly functions: readonly TracedFunction[],
		readonly limit = LIMIT,
	) {
		this.columns = new PacketColumns(limit);
		this.slots = new Slots(limit);
		this.ledger = new Ledger(this.columns, this.fates, this.waits, limit);
		this.parts = new Parts(limit);
		this.trail = new Trail(store, () => this.rolesNow());
		this.watch = new Watch(this.waits, this.fill.bind(this), this.merge.bind(this));
		this.children = new Relations(2 * limit);
		this.merged = new Relations(2 * limit);
	}

	/** Takes an entry, each once, in the order in which they became complete. */
	add(entry: Entry): void {
		if (entry.kind === Kind.LOSS) return void this.watch.loss();
		const {view, end, id} = entry;
		const {parts, columns} = this;
		const roles = this.rolesNow();
		const {looks} = roles;
		let packet = 0;
		let slot = -1;
		for (let at = entry.at; at < end; at += recordSize(view.bytes, at)) {
			const number = view.packet(at);
			if (number !== 0) {
				if (number !== packet) {
					if (this.accepts?.(number) === false) continue;
					packet = number;
					slot = this.slotOf(number);
					this.reopen(slot);
					if (parts.full && !parts.isCut(slot)) this.makeRoom(slot);
				}
				if (parts.add(slot, id, at - entry.at)) {
					this.seen++;
					if (columns.what[slot] !== 0) this.over.add(number);
				}
				columns.flows.learn(slot, view, at);
			}
			if (looks[view.fn(at)]) {
				this.watch.record(entry, at, roles, this.store.epoch, columns.what[slot] === 0);
			}
		}
		this.watch.endEntry();
		const ended = this.store.begin(id) + (view.ended(entry.at) ? view.duration(entry.at) : 0);
		if (ended > this.latest) this.latest = ended;
	}

	/** Takes a RECORD_LIFE. */
	life(view: RecordView, at: number): void {
		const {columns} = this;
		const what = view.lifeWhat(at);
		const number = view.lifePacket(at);
		const other = view.lifeOther(at);
		const time = view.begin(at, this.store.epoch);
		if (time > this.latest) this.latest = time;
		if (number === 0 || what === 0 || what > Life.EVICTED) return;
		const slot = this.slotOf(number);
		if (what <= Life.FRAGMENT) {
			if (columns.setBirth(slot, other, what, time) && other !== 0) this.children.add(other, number);
			return;
		}
		// The first end counts: what was merged may be freed without its bytes later.
		if (columns.what[slot] !== 0) return;
		this.reopen(slot);
		columns.setEnd(slot, view, at, time);
		if (what === Life.EVICTED) this.evicted++;
		if (what === Life.MERGED) this.merged.add(other, number);
		this.over.add(number);
		if (this.over.count > 2 * this.limit) this.settle();
	}

	/** Settles what is over. @param all also what is over just now, and what is alive, for good: the session has ended. */
	settle(all = false): void {
		const {over, slots, columns} = this;
		const until = all ? Number.POSITIVE_INFINITY : this.latest - GRACE;
		for (let number = over.peek(); number !== undefined; number = over.peek()) {
			const slot = slots.get(number);
			// More than there are slots wait only behind a packet whose time is wrong.
			if (over.count <= this.limit && slot !== undefined && (columns.died[slot] as number) > until) break;
			over.drop();
			if (slot !== undefined) this.settleOne(slot);
		}
		if (all) for (const slot of slots.values()) this.settleOne(slot);
	}

	/** Slots of the packets that have records, in the order in which they were first seen. */
	*all(): Generator<number> {
		for (const slot of this.slots.values()) if (this.parts.has(slot)) yield slot;
	}

	/** Slot of a packet, undefined where it is not known, or not any more. */
	slot(number: number): number | undefined {
		const slot = this.slots.get(number);
		return slot !== undefined && this.parts.has(slot) ? slot : undefined;
	}

	isSettled(slot: number): boolean {
		return this.ledger.isSettled(slot);
	}

	/** Packets whose bytes went on in it, as far as they are known. */
	mergedInto(number: number): readonly number[] {
		return this.merged.of(number);
	}

	/** Packets that came out of it, in their order. */
	childrenOf(number: number): readonly number[] {
		return this.children.of(number);
	}

	/** The way of a packet; valid until the next call of anything here. Figures of one that is alive are of this moment. */
	trailOf(slot: number): Trail {
		const died = this.columns.what[slot] === 0 ? Number.POSITIVE_INFINITY : (this.columns.died[slot] as number);
		const {number, filled} = this.columns;
		this.trail.read(number[slot] as number, this.parts, slot, died, filled[slot]);
		if (this.parts.isCut(slot)) this.trail.cut = true;
		return this.trail;
	}

	/** Figures of a packet that is not settled, as of now. */
	refresh(slot: number): void {
		if (!this.ledger.isSettled(slot)) this.figure(slot, this.trailOf(slot));
	}

	/** What the functions that are known now have to do with packets. */
	rolesNow(): Roles {
		if (this.roles.marks.length !== this.functions.length) this.roles = rolesOf(this.functions);
		return this.roles;
	}

	/** Entries with records of a packet, in the order in which they became complete. */
	entriesOf(slot: number): Iterable<number> {
		return this.parts.entries(slot);
	}

	clear(): void {
		this.slots.clear();
		this.parts.clear();
		this.over.clear();
		this.children.clear();
		this.merged.clear();
		this.waits.clear();
		this.watch.clear();
		this.fates.fill(0);
		this.seen = 0;
		this.forgotten = 0;
		this.evicted = 0;
	}

	private fill(packet: number, time: number): void {
		const slot = this.slots.get(packet);
		if (slot === undefined) return;
		this.reopen(slot);
		this.columns.filled[slot] = time;
	}

	/** In a call of these times: a packet may have been freed there, when its bytes had been taken. */
	private merge(packet: number, into: number, begin: number, end: number): void {
		const {columns} = this;
		const slot = this.slots.get(packet);
		if (slot === undefined) return;
		const what = columns.what[slot];
		if (what !== 0 && !(what === Life.CONSUMED && (columns.died[slot] as number) >= begin)) return;
		this.reopen(slot);
		columns.setMerged(slot, into, end);
		this.merged.add(into, packet);
		this.over.add(packet);
	}

	private slotOf(number: number): number {
		const known = this.slots.get(number);
		if (known !== undefined) return known;
		const slot = this.taken++ % this.limit; // that of the packet known longest, when all are taken
		this.forget(slot);
		this.slots.set(number, slot);
		this.columns.begin(slot, number);
		this.ledger.begin(slot);
		return slot;
	}

	private forget(slot: number): void {
		const number = this.columns.number[slot] as number;
		if (this.slots.get(number) !== slot) return;
		this.settleOne(slot); // it has its fate by then: alive, where nothing else is known
		this.slots.delete(number);
		this.merged.forget(number);
		this.children.forget(number);
		if (this.parts.has(slot)) this.forgotten++;
		this.parts.forget(slot);
	}

	/** No packet has room for one more part: another one, known longest, goes. */
	private makeRoom(own: number): void {
		for (const slot of this.slots.values()) {
			if (slot !== own) this.forget(slot);
			if (!this.parts.full) return;
		}
	}

	/** Something came of a packet that was settled already: what was counted of it is taken back. */
	private reopen(slot: number): void {
		if (!this.ledger.isSettled(slot)) return;
		this.ledger.takeBack(slot, this.trailOf(slot));
		if (this.columns.what[slot] !== 0) this.over.add(this.columns.number[slot] as number);
	}

	private settleOne(slot: number): void {
		if (this.ledger.isSettled(slot) || !this.parts.has(slot)) return;
		const trail = this.trailOf(slot);
		this.figure(slot, trail);
		this.ledger.settle(slot, trail);
		this.share(slot, CHAIN);
		const into =
			this.columns.what[slot] === Life.MERGED ? this.slots.get(this.columns.into[slot] as number) : undefined;
		if (into !== undefined && into !== slot && this.ledger.isSettled(into)) this.ledger.adopt(slot, into);
		this.onSettled?.(this.columns.number[slot] as number);
	}

	/** What went on in a packet has its fate. */
	private share(slot: number, deep: number): void {
		if (deep === 0) return;
		for (const number of this.merged.of(this.columns.number[slot] as number)) {
			const other = this.slots.get(number);
			if (other === undefined || other === slot || !this.ledger.isSettled(other)) continue;
			this.ledger.adopt(other, slot);
			this.share(other, deep - 1);
		}
	}

	private figure(slot: number, trail: Trail): void {
		this.columns.setFate(slot, fateOf(trail, this.rolesNow(), this.columns.what[slot] as number));
		this.columns.setTimes(slot, trail);
	}
}
