/**
 * The packets of a session: where the records of each are, how it was born and how it ended, and in figures where it spent
 * its time. Numbers in columns; what a packet's rows and texts are is made for who looks (packet-row.ts, journey.ts).
 *
 * A packet is settled a moment after its end, when the calls around its end have ended, too. What comes later than that (a
 * call that slept meanwhile) settles it anew, so that what is counted is right in the end.
 */
import {Kind, Life, LifeAt, recordSize} from '../record.js';
import type {TracedFunction} from '../session.js';
import type {Entry, Store} from '../store.js';
import type {RecordView} from '../view.js';
import {FATES, fateOf} from './fate.js';
import {Fragments} from './fragments.js';
import {PacketColumns} from './packet-columns.js';
import {Parts} from './parts.js';
import {Role, type Roles, rolesOf} from './queues.js';
import {SocketWaits} from './socket-waits.js';
import {Trail, type Wait} from './trail.js';
import {WaitStats} from './wait-stats.js';

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
	/** Packets that had to go because of the limit, the oldest first. */
	forgotten = 0;
	/** Packets that the kernel side had no room for, and packets whose end it has not seen. */
	evicted = 0;
	readonly waits = new WaitStats();
	/** Called with each packet that is over, once, when it is settled; and with those that are alive at the end. */
	onSettled: ((packet: number) => void) | undefined;

	readonly columns: PacketColumns;

	private readonly settled: Uint8Array;
	private readonly slots = new Map<number, number>();
	/** Slots ever taken; a slot is used again when the table is full. */
	private taken = 0;
	private readonly parts: Parts;
	/** Numbers of packets that are over and not settled, in the order of their ends. */
	private over: number[] = [];
	private overAt = 0;
	private latest = 0;
	private roles: Roles = rolesOf([]);
	private known = -1;
	private readonly trail: Trail;
	private readonly sockets: SocketWaits;
	private readonly fragments = new Fragments();
	private readonly children = new Map<number, number[]>();
	/** By packet: those that were merged into it. */
	private readonly merged = new Map<number, number[]>();

	/** @param functions of the session, there may be more of them later; @param limit packets at most. */
	constructor(
		private readonly store: Store,
		private readonly functions: readonly TracedFunction[],
		readonly limit = LIMIT,
	) {
		this.columns = new PacketColumns(limit);
		this.settled = new Uint8Array(limit);
		this.parts = new Parts(limit);
		this.trail = new Trail(store, () => this.current());
		this.sockets = new SocketWaits((wait) => this.waits.add(wait));
	}

	/** Takes an entry, each once, in the order in which they became complete. */
	add(entry: Entry): void {
		if (entry.kind === Kind.LOSS) return;
		const {view, end} = entry;
		const {epoch} = this.store;
		const roles = this.current();
		let packet = 0;
		let slot = -1;
		for (let at = entry.at; at < end; at += recordSize(view.bytes, at)) {
			const fn = view.fn(at);
			if (((roles.socketPuts[fn] as number) | (roles.socketTakes[fn] as number)) !== 0)
				this.sockets.add(view, at, roles, epoch);
			const number = view.packet(at);
			if (number === 0) continue;
			if (number !== packet) {
				packet = number;
				slot = this.slotOf(number);
				this.reopen(slot);
			}
			const offset = at - entry.at;
			if (this.parts.add(slot, entry.id, offset)) this.seen++;
			this.columns.flows.learn(slot, view, at);
			if (((roles.marks[fn] as number) & Role.DEFRAG) !== 0) this.defragment(view, at, number, epoch);
		}
		const ended = this.store.begin(entry.id) + (view.ended(entry.at) ? view.duration(entry.at) : 0);
		if (ended > this.latest) this.latest = ended;
	}

	private defragment(view: RecordView, at: number, into: number, epoch: number): void {
		const {what, died} = this.columns;
		const begin = view.begin(at, epoch);
		for (const number of this.fragments.add(view, at, into)) {
			const slot = this.slots.get(number);
			if (slot === undefined) continue;
			// Of some only the bytes are taken, and what is left is freed in that call.
			const taken = what[slot] === Life.CONSUMED && (died[slot] as number) >= begin;
			if (what[slot] === 0 || taken) this.end(slot, Life.MERGED, begin + view.duration(at), into);
		}
	}

	/** Takes a RECORD_LIFE. */
	life(view: RecordView, at: number): void {
		const what = view.lifeWhat(at);
		const number = view.lifePacket(at);
		const time = view.begin(at, this.store.epoch);
		if (time > this.latest) this.latest = time;
		if (number === 0) return;
		const slot = this.slotOf(number);
		if (what <= Life.FRAGMENT) {
			const parent = view.lifeOther(at);
			this.columns.parent[slot] = parent;
			this.columns.birth[slot] = what;
			this.columns.born[slot] = time;
			remember(this.children, parent, number, this.limit);
			return;
		}
		if (what === Life.EVICTED) this.evicted++;
		// What went on in another one is freed with it.
		if (this.columns.what[slot] === Life.MERGED) return;
		this.columns.tid[slot] = view.words[(at + LifeAt.tid) >>> 2] as number;
		this.columns.location[slot] = Number(BigInt.asIntN(64, view.u64(at + LifeAt.location)));
		this.end(slot, what, time, view.lifeOther(at));
	}

	/** @param other the packet in which it goes on, or the reason of a drop. */
	private end(slot: number, what: number, time: number, other: number): void {
		const {columns} = this;
		const number = columns.number[slot] as number;
		this.reopen(slot);
		columns.what[slot] = what;
		columns.died[slot] = time;
		if (what === Life.MERGED) {
			columns.into[slot] = other;
			remember(this.merged, other, number, this.limit);
		}
		if (what === Life.DROPPED) columns.reason[slot] = other;
		this.over.push(number);
	}

	/** Settles what is over. @param all also what is over just now, and what is alive, for good: the session has ended. */
	settle(all = false): void {
		const {over} = this;
		const until = all ? Number.POSITIVE_INFINITY : this.latest - GRACE;
		while (this.overAt < over.length) {
			const slot = this.slots.get(over[this.overAt] as number);
			if (slot !== undefined && (this.columns.died[slot] as number) > until) break;
			this.overAt++;
			if (slot !== undefined) this.settleOne(slot);
		}
		if (this.overAt > 4096) {
			this.over = over.slice(this.overAt);
			this.overAt = 0;
		}
		if (!all) return;
		for (const slot of this.slots.values())
			if (this.columns.what[slot] === 0 && this.parts.has(slot)) this.settleOne(slot);
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

	/** Packets that came out of it, in their order. */
	childrenOf(number: number): readonly number[] {
		return this.children.get(number) ?? [];
	}

	/** The way of a packet; valid until the next call of anything here. Figures of one that is alive are of this moment. */
	trailOf(slot: number): Trail {
		const died = this.columns.what[slot] === 0 ? Number.POSITIVE_INFINITY : (this.columns.died[slot] as number);
		this.trail.read(this.columns.number[slot] as number, this.parts.of(slot), died);
		return this.trail;
	}

	/** Figures of a packet that is not settled, as of now. */
	refresh(slot: number): void {
		if (this.settled[slot] === 0) this.figure(slot, this.trailOf(slot));
	}

	rolesNow(): Roles {
		return this.current();
	}

	/** Entries with records of a packet, in the order in which they became complete. */
	*entriesOf(slot: number): Generator<number> {
		let last = -1;
		for (const {entry} of this.parts.of(slot)) {
			if (entry !== last) yield entry;
			last = entry;
		}
	}

	clear(): void {
		this.slots.clear();
		this.parts.clear();
		this.over = [];
		this.overAt = 0;
		this.children.clear();
		this.merged.clear();
		this.fragments.clear();
		this.waits.clear();
		this.fates.fill(0);
		this.seen = 0;
		this.forgotten = 0;
	}

	private current(): Roles {
		if (this.known !== this.functions.length) {
			this.roles = rolesOf(this.functions);
			this.known = this.functions.length;
		}
		return this.roles;
	}

	private slotOf(number: number): number {
		const known = this.slots.get(number);
		if (known !== undefined) return known;
		const slot = this.taken++ % this.limit;
		if (this.taken > this.limit) this.forget(slot);
		this.slots.set(number, slot);
		this.columns.begin(slot, number);
		this.settled[slot] = 0;
		return slot;
	}

	private forget(slot: number): void {
		const number = this.columns.number[slot] as number;
		if (this.slots.get(number) !== slot) return;
		this.settleOne(slot); // it has its fate by then: alive, where nothing else is known
		this.slots.delete(number);
		this.merged.delete(number);
		this.children.delete(number);
		if (this.parts.has(slot)) this.forgotten++;
		this.parts.forget(slot);
	}

	/** Something came of a packet that was settled already: what was counted of it is taken back. */
	private reopen(slot: number): void {
		if (this.settled[slot] === 0) return;
		this.settled[slot] = 0;
		this.count(slot, this.trailOf(slot).waits, -1);
		this.over.push(this.columns.number[slot] as number);
	}

	private settleOne(slot: number): void {
		if (this.settled[slot] !== 0 || !this.parts.has(slot)) return;
		this.settled[slot] = 1;
		const trail = this.trailOf(slot);
		this.figure(slot, trail);
		this.count(slot, trail.waits, 1);
		this.share(slot, CHAIN);
		const into = this.slots.get(this.columns.into[slot] as number);
		if (this.columns.what[slot] === Life.MERGED && into !== undefined && this.settled[into] !== 0)
			this.adopt(slot, into);
		this.onSettled?.(this.columns.number[slot] as number);
	}

	/** What went on in a packet has its fate. */
	private share(slot: number, deep: number): void {
		if (deep === 0) return;
		for (const number of this.merged.get(this.columns.number[slot] as number) ?? []) {
			const other = this.slots.get(number);
			if (other === undefined || this.settled[other] === 0) continue;
			this.adopt(other, slot);
			this.share(other, deep - 1);
		}
	}

	private adopt(slot: number, of: number): void {
		this.count(slot, [], -1);
		this.columns.takeFate(slot, of);
		this.count(slot, [], 1);
	}

	private count(slot: number, waits: readonly Wait[], times: number): void {
		for (const wait of waits) this.waits.add(wait, times);
		const fate = this.columns.fate[slot] as number;
		this.fates[fate] = (this.fates[fate] as number) + times;
	}

	private figure(slot: number, trail: Trail): void {
		const verdict = fateOf(trail, this.current(), this.columns.what[slot] as number);
		this.columns.setFate(slot, verdict);
		this.columns.setTimes(slot, trail);
		let [slowest, at] = [0, -1];
		for (let i = 0; i < trail.count; i++) {
			if ((trail.self[i] as number) > slowest) [slowest, at] = [trail.self[i] as number, trail.fn[i] as number];
		}
		for (const {queue, begin, end} of trail.waits) {
			if (end - begin > slowest && end < Number.POSITIVE_INFINITY) [slowest, at] = [end - begin, -1 - queue];
		}
		this.columns.slowest[slot] = slowest;
		this.columns.slowestAt[slot] = at;
	}
}

/** Of packets that are never seen otherwise not too many. */
function remember(lists: Map<number, number[]>, of: number, number: number, limit: number): void {
	const list = lists.get(of);
	if (list === undefined) lists.set(of, [number]);
	else list.push(number);
	if (lists.size > 2 * limit) for (const oldest of lists.keys()) return void lists.delete(oldest);
}
