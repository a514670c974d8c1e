/**
 * Keeping only what matters: everything is taken into a store of limited size, and an entry goes on into the kept store when
 * a packet in it has ended as wanted. Counted are all packets, kept or not (`all`).
 *
 * An entry whose packets have all ended otherwise goes. One without any packet, such as a call of a socket, is kept when a
 * packet of its flow was kept that was on its way while it ran, or shortly before or after: so what a task asked for stays
 * beside what the packet met. Losses are always kept: they say what may be missing.
 *
 * What is kept goes on in the order of arrival. But a packet may be on its way for hours, in the queue of a task that does
 * not read; entries that wait for it let others pass after a while.
 */
import {Sides, sidesOf} from '../flow-sides.js';
import {Kind, Life, recordSize} from '../record.js';
import type {Names} from '../session.js';
import {Entry, ON_TOP_BYTES, Store} from '../store.js';
import type {Tasks} from '../tasks.js';
import type {RecordView} from '../view.js';
import {KeptFlows} from './kept-flows.js';
import {writeLives} from './lives.js';
import type {PacketTest} from './packet-filter.js';
import {PacketRow, type PacketWorld} from './packet-row.js';
import {PacketTable} from './packet-table.js';

/** Bytes of entries that wait for their packets. */
const PENDING = 64 << 20;
/** ns of the records' time: entries that wait longer let others pass; so long those without packets wait for one. */
const PATIENCE = 1e9;
/** ns before and after a call in which packets of its flow belong to it. */
const NEAR = 1e6;
/** Packets that are known to be kept, the latest ones. */
const PACKETS = 131_072;
/** Entries after which it is decided what can be. */
const TURN = 256;

interface Waiting {
	readonly events: number;
	readonly end: number;
	/** Packets that have not ended yet. */
	readonly open: Set<number>;
	readonly alone: boolean;
	keep: boolean;
}

export interface Lost {
	blocks: number;
	events: number;
}

export class Keeper {
	/** Where the builder puts entries. */
	readonly pending: Store;
	/** All packets, over `pending`. */
	readonly all: PacketTable;
	/** Packets that have ended as wanted. */
	packets = 0;
	/** Entries that were not kept because no packet in them ended as wanted. */
	readonly notKept: Lost = {blocks: 0, events: 0};
	/** Entries that had to go before their packets had ended: there was no more room. */
	readonly overflowed: Lost = {blocks: 0, events: 0};
	/** Called with what is known of a packet that is kept, as RECORD_LIFE, valid during the call. */
	onLife: ((view: RecordView, at: number) => void) | undefined;

	private readonly world: PacketWorld;
	private readonly waiting = new Map<number, Waiting>();
	private readonly passed = new Set<number>();
	private readonly flows = new KeptFlows();
	/** The entry that arrives; one that is looked at meanwhile. */
	private readonly entry = new Entry();
	private readonly other = new Entry();
	private now = 0;

	/**
	 * @param kept store that gets what is kept; @param test which packets matter, asked when they have ended;
	 * @param bytes of entries that may wait.
	 */
	constructor(
		private readonly kept: Store,
		private readonly test: PacketTest,
		names: Names,
		tasks: Tasks,
		private readonly bytes = PENDING,
	) {
		this.pending = new Store(bytes);
		this.all = new PacketTable(this.pending, names.session.functions);
		this.world = {table: this.all, store: this.pending, names, tasks};
		this.all.onSettled = (packet) => this.ended(packet);
		this.pending.onEntry = (id) => this.add(id);
	}

	/** Whether a packet has ended as wanted. For PacketTable.accepts of a table over the kept store. */
	isKept(packet: number): boolean {
		return this.passed.has(packet);
	}

	/** Takes a RECORD_LIFE, from the builder. */
	life(view: RecordView, at: number): void {
		this.now = Math.max(this.now, view.begin(at, this.pending.epoch));
		const known = this.passed.has(view.lifePacket(at));
		this.all.life(view, at);
		if (known) this.onLife?.(view, at);
	}

	/** Decides about what has ended. @param all everything: the session has ended. */
	settle(all = false): void {
		this.all.settle(all);
		const old = all ? Number.POSITIVE_INFINITY : this.now - PATIENCE;
		for (const [id, one] of this.waiting) {
			const late = one.end < old || this.isPressed(id);
			// Until all its packets have ended, so that whoever reads the kept store knows then which of them are kept.
			if (one.open.size > 0 || (one.alone && !one.keep)) {
				if (!late) return;
				if (one.open.size > 0 && !one.keep && !all) continue;
			}
			if (one.alone) one.keep = this.isNear(id, one.end);
			this.waiting.delete(id);
			if (one.keep) this.move(id);
			else count(this.notKept, one.events);
		}
	}

	/** An entry is among the older half of a store that is full, and will have to go. */
	private isPressed(id: number): boolean {
		const {first, end, size} = this.pending;
		return size * 2 > this.bytes && (end - id) * 2 > end - first;
	}

	private isNear(id: number, end: number): boolean {
		if (!this.pending.read(id, this.other)) return false;
		return this.flows.has(this.other, this.pending.begin(id) - NEAR, end + NEAR);
	}

	private add(id: number): void {
		const {entry, pending} = this;
		pending.read(id, entry);
		const {view} = entry;
		this.kept.epoch = pending.epoch;
		const loss = entry.kind === Kind.LOSS;
		const open = new Set<number>();
		if (!loss) {
			for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
				const packet = view.packet(at);
				if (packet !== 0) open.add(packet);
			}
		}
		const end = pending.begin(id) + (view.ended(entry.at) ? view.duration(entry.at) : 0);
		if (!loss) this.now = Math.max(this.now, end);
		this.waiting.set(id, {events: entry.records, end, open, alone: !loss && open.size === 0, keep: loss});
		this.all.add(entry);
		this.overflow();
		if (id % TURN === 0) this.settle();
	}

	/** A packet has ended, as far as is known; or again, as something came of it later. */
	private ended(packet: number): void {
		const {all} = this;
		const {columns} = all;
		const slot = all.slot(packet);
		if (slot === undefined) return;
		// What goes on in another packet has that one's fate.
		if (columns.what[slot] === Life.MERGED) {
			const into = all.slot(columns.into[slot] as number);
			if (into !== undefined && into !== slot && !all.isSettled(into)) return;
		}
		for (const merged of all.mergedInto(packet)) {
			const other = all.slot(merged);
			if (other !== undefined && other !== slot && all.isSettled(other)) this.decide(merged, other);
		}
		this.decide(packet, slot);
	}

	private decide(packet: number, slot: number): void {
		const row = new PacketRow(this.world, slot);
		const keep = this.test(row);
		if (keep && !this.passed.has(packet)) this.pass(packet, slot, row);
		for (const id of this.all.entriesOf(slot)) {
			const one = this.waiting.get(id);
			if (one === undefined) continue;
			one.open.delete(packet);
			if (keep) one.keep = true;
		}
	}

	private pass(packet: number, slot: number, {first, last}: PacketRow): void {
		this.passed.add(packet);
		this.packets++;
		if (this.passed.size > PACKETS) this.passed.delete(this.passed.values().next().value as number);
		writeLives(this.all.columns, slot, this.pending.epoch, (view, at) => this.onLife?.(view, at));
		const {other, pending} = this;
		const trail = this.all.trailOf(slot);
		for (let i = 0; i < trail.count; i++) {
			if (!pending.read(trail.entry[i] as number, other)) continue;
			const at = other.at + (trail.offset[i] as number);
			if (sidesOf(other.view, at) !== Sides.BOTH) continue;
			this.flows.add(other.view, at, first, last);
			return;
		}
	}

	/** Byte for byte, under the same number of the block. */
	private move(id: number): void {
		const {other: entry, pending, kept} = this;
		if (!pending.read(id, entry)) return;
		const {view} = entry;
		const to = kept.reserve(entry.end - entry.at + entry.onTop * ON_TOP_BYTES);
		const end = entry.end + entry.onTop * ON_TOP_BYTES;
		kept.target.bytes.set(view.bytes.subarray(entry.at, end), to);
		const {records, onTop, block, under, task} = entry;
		kept.commit(entry.end - entry.at, records, onTop, block, under, task, pending.begin(id));
	}

	/** What is not in the pending store any more cannot be kept. */
	private overflow(): void {
		for (const [id, one] of this.waiting) {
			if (id >= this.pending.first) return;
			this.waiting.delete(id);
			count(this.overflowed, one.events);
		}
	}
}

function count(lost: Lost, events: number): void {
	lost.blocks++;
	lost.events += events;
}
