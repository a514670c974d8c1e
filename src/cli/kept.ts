/** `--keep`: how it is set up, what is recorded of it, and what is said of what was not kept. */
import {EntryRecords} from '../formats/entry-records.js';
import type {NotKept} from '../formats/json.js';
import type {SessionWriter} from '../formats/session-file.js';
import {BlockBuilder} from '../trace/blocks.js';
import type {NameTable} from '../trace/names.js';
import {Keeper} from '../trace/packets/keep.js';
import type {PacketTest} from '../trace/packets/packet-filter.js';
import {SIZE_LIFE} from '../trace/record.js';
import type {Entry, Store} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';
import type {RecordView} from '../trace/view.js';

/** What records go to where all, or what matters, is kept in `store`. The keeper's `onLife` is free. */
export function keeping(
	store: Store,
	test: PacketTest | undefined,
	names: NameTable,
	tasks: Tasks,
): {readonly builder: BlockBuilder; readonly keeper: Keeper | undefined} {
	if (test === undefined) return {builder: new BlockBuilder(store, tasks), keeper: undefined};
	const keeper = new Keeper(store, test, names, tasks);
	const builder = new BlockBuilder(keeper.pending, tasks);
	builder.onLife = (view, at) => keeper.life(view, at);
	return {builder, keeper};
}

/** Records what is kept: births and ends of packets, and entries. */
export class KeptRecorder {
	private readonly records: EntryRecords;

	constructor(
		private readonly writer: SessionWriter,
		tasks: Tasks,
	) {
		this.records = new EntryRecords(tasks);
	}

	/** Takes births and ends beside whoever does so by now. */
	listen(keeper: Keeper): void {
		const other = keeper.onLife;
		keeper.onLife = (view, at) => {
			this.life(view, at);
			other?.(view, at);
		};
	}

	life(view: RecordView, at: number): void {
		this.writer.records(view.bytes, at, SIZE_LIFE);
	}

	entry(entry: Entry): void {
		this.writer.records(this.records.of(entry));
	}
}

/** @param option that wants numbers; @param identity why there are none. */
export function noNumbers(option: string, identity: string): string {
	return `${option} wants packets to have numbers, and here they have none: ${identity}`;
}

/** What was not kept, because of its packets or because there was no room until they had ended. */
export function notKept({all, packets, notKept, overflowed}: Keeper): NotKept {
	return {
		packets: all.seen - packets,
		blocks: notKept.blocks + overflowed.blocks,
		events: notKept.events + overflowed.events,
	};
}

/** How much was kept, where not everything was. */
export function keptLines(keeper: Keeper | undefined, store: Store): string[] {
	if (keeper === undefined) return [];
	const {all, notKept, overflowed, packets} = keeper;
	const lines = [
		`kept ${packets} of ${all.seen} packets, ${store.blocks} blocks; not kept: ${notKept.blocks} blocks, ${notKept.events} events`,
	];
	if (overflowed.blocks > 0) {
		lines.push(`${overflowed.blocks} blocks (${overflowed.events} events) had to go before their packets had ended`);
	}
	return lines;
}
