/** From records to printed lines; the same for live events and recorded ones. */
import {BlockBuilder} from '../trace/blocks.js';
import type {Predicate} from '../trace/filter/predicate.js';
import type {NameTable} from '../trace/names.js';
import type {PacketWorld} from '../trace/packets/packet-row.js';
import {PacketTable} from '../trace/packets/packet-table.js';
import {Kind, recordSize} from '../trace/record.js';
import {Entry, Store} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';

export class Pipeline {
	readonly store: Store;
	readonly builder: BlockBuilder;
	/** The packets, where they are followed. */
	packets: PacketTable | undefined;
	private readonly entry = new Entry();
	private take: ((entry: Entry) => void) | undefined;

	/**
	 * @param wanted is asked for every call and mark; undefined where the kernel has decided already.
	 */
	constructor(
		buffer: number,
		private readonly tasks: Tasks,
		private readonly names: () => NameTable,
		private readonly wanted: Predicate | undefined,
	) {
		this.store = new Store(buffer);
		this.builder = new BlockBuilder(this.store, tasks);
	}

	/** Each entry as it becomes complete. */
	onEntry(take: (entry: Entry) => void): void {
		this.take = take;
		this.listen();
	}

	/** From now on it is known where each packet has been. @param limit packets at most. */
	followPackets(limit?: number): PacketWorld {
		const names = this.names();
		const table = new PacketTable(this.store, names.session.functions, limit);
		this.packets = table;
		this.builder.onLife = (view, at) => table.life(view, at);
		this.listen();
		return {table, store: this.store, names, tasks: this.tasks};
	}

	/** Whole records, as they left the kernel. */
	push(bytes: Uint8Array, offset: number, length: number): void {
		if (this.wanted === undefined) this.builder.push(bytes, offset, length);
		else this.pushWanted(bytes, offset, length, this.wanted);
		this.packets?.settle();
	}

	/** End of the session: what is open, and what became of each packet as far as that is known. */
	flush(): void {
		this.builder.flush();
		this.packets?.settle(true);
	}

	private listen(): void {
		this.store.onEntry = (id) => {
			if (!this.store.read(id, this.entry)) return;
			this.packets?.add(this.entry);
			this.take?.(this.entry);
		};
	}

	private pushWanted(bytes: Uint8Array, offset: number, length: number, wanted: Predicate): void {
		const names = this.names();
		const lookup = {pid: (tid: number) => names.task(tid)?.pid, device: (dev: number) => names.device(dev)};
		for (let at = offset; at < offset + length; ) {
			const size = recordSize(bytes, at);
			if (size === 0) return;
			// What is no call and no mark has no packet's bytes to be asked for: of a packet without any it is not shown.
			if ((bytes[at] as number) > Kind.DROP || wanted(bytes, at, lookup)) this.builder.push(bytes, at, size);
			at += size;
		}
	}
}
