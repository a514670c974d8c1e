/** The running kernel as a source of the screen, and of the file that is recorded beside it. */
import {now} from '../collector/clock.js';
import type {LiveCollector} from '../collector/live.js';
import type {SessionWriter} from '../formats/session-file.js';
import type {BlockBuilder} from '../trace/blocks.js';
import type {Predicate} from '../trace/filter/predicate.js';
import type {NameTable} from '../trace/names.js';
import type {Keeper} from '../trace/packets/keep.js';
import type {PacketTest} from '../trace/packets/packet-filter.js';
import type {FunctionStat} from '../trace/session.js';
import type {Counters} from '../trace/statistics.js';
import {Entry, Store} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';
import type {Source} from '../ui/source.js';
import {KeptRecorder, keeping} from './kept.js';
import type {Pcap} from './pcap.js';

/** How old figures from the kernel may be, ms: each asks every CPU's maps. */
const FRESH = 200;
/** Bytes of records that may wait to be looked at, where some may be skipped: half of what the reader holds. */
const MOST = 128 << 20;

export class LiveSource implements Source {
	readonly live = true;
	readonly done = false;
	readonly store: Store;
	readonly builder: BlockBuilder;
	readonly keeper: Keeper | undefined;
	readonly names: NameTable;
	/** Why the recording ended early. */
	problem = '';
	/** Records what is kept, and how far it has come; undefined where all is recorded as it comes. */
	private readonly kept: KeptRecorder | undefined;
	private keptTo = 0;
	private listening = false;
	private readonly entry = new Entry();
	/** Bytes that may wait; 0 where every record is to be written, or is asked whether it is kept. */
	private readonly keep: number;
	private read: {readonly at: number; readonly counters: Counters; readonly stats: readonly FunctionStat[]} | undefined;

	/**
	 * @param fail is called once when the recording cannot be written any more;
	 * @param keep only what belongs to packets that ended so is shown; @param follow whether a filter sticks to packets,
	 * undefined: where that costs nothing.
	 */
	constructor(
		private readonly collector: LiveCollector,
		readonly tasks: Tasks,
		buffer: number,
		readonly file: string,
		private readonly writer: SessionWriter | undefined,
		private readonly fail: (error: unknown) => string,
		private readonly pcap: Pcap | undefined,
		keep?: PacketTest,
		private readonly follow?: boolean,
	) {
		this.store = new Store(buffer);
		this.names = collector.names;
		const {builder, keeper} = keeping(this.store, keep, this.names, tasks);
		this.builder = builder;
		this.keeper = keeper;
		this.keep = writer === undefined && pcap === undefined && keeper === undefined ? Math.min(buffer, MOST) : 0;
		if (writer !== undefined && keeper !== undefined) this.kept = new KeptRecorder(writer, tasks);
	}

	pump(late: () => boolean): boolean {
		return this.take(false, late);
	}

	/** Everything that has come, at the end. */
	finish(): void {
		this.take(true);
		this.builder.flush();
		this.keeper?.settle(true);
		this.recordKept();
		this.pcap?.noteBlocks();
	}

	stats(): readonly FunctionStat[] {
		return this.figures().stats;
	}

	counters(): Counters {
		return this.figures().counters;
	}

	fill(): number {
		return this.collector.fill();
	}

	now(): bigint {
		return now();
	}

	setFilter(bytes: Uint8Array, predicate: Predicate | undefined): void {
		this.collector.setFilter(bytes);
		this.collector.follow(this.follow ?? predicate === undefined);
		this.pcap?.setFilter(predicate);
	}

	switch(fn: number, on: boolean): string {
		return this.collector.switch(fn, on) ? '' : 'the kernel is not traced any more';
	}

	isOn(fn: number): boolean {
		return this.collector.isOn(fn);
	}

	hold(): void {}

	skip(): void {}

	private take(last: boolean, late?: () => boolean): boolean {
		const {pcap, kept, keeper} = this;
		if (!this.listening && keeper !== undefined) kept?.listen(keeper);
		this.listening = true;
		const more = this.collector.drain(
			(bytes, length) => {
				if (kept === undefined) this.record((writer) => writer.records(bytes, 0, length));
				if (pcap === undefined) this.builder.push(bytes, 0, length);
				else pcap.records(bytes, length);
			},
			late,
			this.keep,
		);
		pcap?.release((bytes) => this.builder.push(bytes, 0, bytes.length), last);
		keeper?.settle();
		this.recordKept();
		pcap?.noteBlocks();
		return more;
	}

	private figures() {
		const at = performance.now();
		if (this.read === undefined || at - this.read.at > FRESH) {
			this.read = {at, counters: this.collector.counters(), stats: this.collector.stats()};
		}
		return this.read;
	}

	/** Records the entries that have been kept since the last time. */
	private recordKept(): void {
		const {store, entry, kept} = this;
		if (kept === undefined) return;
		for (this.keptTo = Math.max(this.keptTo, store.first); this.keptTo < store.end; this.keptTo++) {
			if (store.read(this.keptTo, entry)) this.record(() => kept.entry(entry));
		}
	}

	private record(write: (writer: SessionWriter) => void): void {
		if (this.writer === undefined || this.problem !== '') return;
		try {
			write(this.writer);
		} catch (error) {
			this.problem = this.fail(error);
		}
	}
}
