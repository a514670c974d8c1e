/** From records to printed lines; the same for live events and recorded ones. */
import {BlockBuilder} from '../trace/blocks.js';
import type {Predicate} from '../trace/filter/predicate.js';
import type {NameTable} from '../trace/names.js';
import {Kind, recordSize} from '../trace/record.js';
import {Entry, Store} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';

export class Pipeline {
	readonly store: Store;
	readonly builder: BlockBuilder;
	private readonly entry = new Entry();

	/**
	 * @param wanted is asked for every call and mark; undefined where the kernel has decided already.
	 */
	constructor(
		buffer: number,
		tasks: Tasks,
		private readonly names: () => NameTable,
		private readonly wanted: Predicate | undefined,
	) {
		this.store = new Store(buffer);
		this.builder = new BlockBuilder(this.store, tasks);
	}

	/** Each entry as it becomes complete. */
	onEntry(take: (entry: Entry) => void): void {
		this.store.onEntry = (id) => {
			if (this.store.read(id, this.entry)) take(this.entry);
		};
	}

	/** Whole records, as they left the kernel. */
	push(bytes: Uint8Array, offset: number, length: number): void {
		if (this.wanted === undefined) {
			this.builder.push(bytes, offset, length);
			return;
		}
		const names = this.names();
		const lookup = {pid: (tid: number) => names.task(tid)?.pid, device: (dev: number) => names.device(dev)};
		for (let at = offset; at < offset + length; ) {
			const size = recordSize(bytes, at);
			if (size === 0) return;
			const kind = bytes[at] as number;
			if (kind === Kind.TASK || kind === Kind.LOSS || this.wanted(bytes, at, lookup)) {
				this.builder.push(bytes, at, size);
			}
			at += size;
		}
	}
}
