/** From records to printed lines; the same for live events and recorded ones. */
import type {BlockBuilder} from '../trace/blocks.js';
import type {Predicate} from '../trace/filter/predicate.js';
import type {NameTable} from '../trace/names.js';
import type {Keeper} from '../trace/packets/keep.js';
import type {PacketTest} from '../trace/packets/packet-filter.js';
import type {PacketWorld} from '../trace/packets/packet-row.js';
import {PacketTable} from '../trace/packets/packet-table.js';
import {Kind, recordSize} from '../trace/record.js';
import {Entry, Store} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';
import {alignedView, type RecordView} from '../trace/view.js';
import {keeping} from './kept.js';

/** Packets that are followed, those that were wanted first go first. */
const FOLLOWED = 131_072;

export class Pipeline {
	readonly store: Store;
	readonly builder: BlockBuilder;
	/** What decides what is kept, where not everything is. */
	readonly keeper: Keeper | undefined;
	/** The packets, where they are followed. */
	packets: PacketTable | undefined;
	/** Each birth and end of a packet, of those that are kept; valid during the call. */
	onLife: ((view: RecordView, at: number) => void) | undefined;
	/** Packets that were wanted before, where these are wanted from then on. */
	private followed: Set<number> | undefined;
	private readonly entry = new Entry();
	private take: ((entry: Entry) => void) | undefined;

	/**
	 * @param wanted is asked for every call and mark; undefined where the kernel has decided already;
	 * @param keep only what belongs to packets that ended so becomes an entry, when they have.
	 */
	constructor(
		buffer: number,
		private readonly tasks: Tasks,
		private readonly names: NameTable,
		private readonly wanted: Predicate | undefined,
		keep?: PacketTest,
	) {
		this.store = new Store(buffer);
		const {builder, keeper} = keeping(this.store, keep, names, tasks);
		this.builder = builder;
		this.keeper = keeper;
		(keeper ?? builder).onLife = (view, at) => this.life(view, at);
	}

	/** Each entry as it becomes complete. */
	onEntry(take: (entry: Entry) => void): void {
		this.take = take;
		this.listen();
	}

	/** From now on it is known where each packet has been. @param limit packets at most. */
	followPackets(limit?: number): PacketWorld {
		const {names} = this;
		const table = new PacketTable(this.store, names.session.functions, limit);
		this.packets = table;
		const {keeper} = this;
		if (keeper !== undefined) table.accepts = (packet) => keeper.isKept(packet);
		this.listen();
		return {table, store: this.store, names, tasks: this.tasks};
	}

	/** A packet that was wanted once is wanted from then on. */
	followAccepted(): void {
		this.followed = new Set();
	}

	/** Whole records, as they left the kernel. */
	push(bytes: Uint8Array, offset: number, length: number): void {
		if (this.wanted === undefined) this.builder.push(bytes, offset, length);
		else this.pushWanted(bytes, offset, length, this.wanted);
		this.keeper?.settle();
		this.packets?.settle();
	}

	/** End of the session: what is open, and what became of each packet as far as that is known. */
	flush(): void {
		this.builder.flush();
		this.keeper?.settle(true);
		this.packets?.settle(true);
	}

	private life(view: RecordView, at: number): void {
		this.packets?.life(view, at);
		this.onLife?.(view, at);
	}

	private listen(): void {
		this.store.onEntry = (id) => {
			if (!this.store.read(id, this.entry)) return;
			this.packets?.add(this.entry);
			this.take?.(this.entry);
		};
	}

	private pushWanted(bytes: Uint8Array, offset: number, length: number, wanted: Predicate): void {
		const {names} = this;
		const lookup = {pid: (tid: number) => names.task(tid)?.pid, device: (dev: number) => names.device(dev)};
		const {view, start} = alignedView(bytes, offset, length);
		for (let at = start; at < start + length; ) {
			const size = recordSize(view.bytes, at);
			if (size === 0) return;
			// What is no call and no mark has no packet's bytes to be asked for: of a packet without any it is not shown.
			const all = view.kind(at) > Kind.DROP;
			if (all || this.isWanted(view, at, wanted(view.bytes, at, lookup))) this.builder.push(view.bytes, at, size);
			at += size;
		}
	}

	/** @param now whether the filter wants it. */
	private isWanted(view: RecordView, at: number, now: boolean): boolean {
		const {followed} = this;
		if (followed === undefined) return now;
		const packet = view.packet(at);
		if (!now || packet === 0) return now || followed.has(packet);
		followed.add(packet);
		if (followed.size > FOLLOWED) followed.delete(followed.values().next().value as number);
		return true;
	}
}
