/** The running kernel as a source of the screen, and of the file that is recorded beside it. */
import {now} from '../collector/clock.js';
import type {LiveCollector} from '../collector/live.js';
import type {SessionWriter} from '../formats/session-file.js';
import {BlockBuilder} from '../trace/blocks.js';
import type {Predicate} from '../trace/filter/predicate.js';
import type {NameTable} from '../trace/names.js';
import type {FunctionStat} from '../trace/session.js';
import type {Counters} from '../trace/statistics.js';
import {Store} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';
import type {Source} from '../ui/source.js';
import type {Pcap} from './pcap.js';

/** How old figures from the kernel may be, ms: each asks every CPU's maps. */
const FRESH = 200;

export class LiveSource implements Source {
	readonly live = true;
	readonly done = false;
	readonly store: Store;
	readonly builder: BlockBuilder;
	readonly names: NameTable;
	/** Why the recording ended early. */
	problem = '';
	private read: {readonly at: number; readonly counters: Counters; readonly stats: readonly FunctionStat[]} | undefined;

	/** @param fail is called once when the recording cannot be written any more. */
	constructor(
		private readonly collector: LiveCollector,
		readonly tasks: Tasks,
		buffer: number,
		readonly file: string,
		private readonly writer: SessionWriter | undefined,
		private readonly fail: (error: unknown) => string,
		private readonly pcap: Pcap | undefined,
	) {
		this.store = new Store(buffer);
		this.builder = new BlockBuilder(this.store, tasks);
		this.names = collector.names;
	}

	pump(): boolean {
		this.take(false);
		return false;
	}

	/** Everything that has come, at the end. */
	finish(): void {
		this.take(true);
		this.builder.flush();
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

	probeCost(): undefined {
		return undefined;
	}

	setFilter(bytes: Uint8Array, predicate: Predicate | undefined): void {
		this.collector.setFilter(bytes);
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

	private take(last: boolean): void {
		const {pcap} = this;
		this.collector.drain((bytes, length) => {
			this.record(bytes, length);
			if (pcap === undefined) this.builder.push(bytes, 0, length);
			else pcap.records(bytes, length);
		});
		pcap?.release((bytes) => this.builder.push(bytes, 0, bytes.length), last);
		pcap?.noteBlocks();
	}

	private figures() {
		const at = performance.now();
		if (this.read === undefined || at - this.read.at > FRESH) {
			this.read = {at, counters: this.collector.counters(), stats: this.collector.stats()};
		}
		return this.read;
	}

	private record(bytes: Uint8Array, length: number): void {
		if (this.writer === undefined || this.problem !== '') return;
		try {
			this.writer.records(bytes, 0, length);
		} catch (error) {
			this.problem = this.fail(error);
		}
	}
}
