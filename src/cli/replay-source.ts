/** A recorded session as a source of the screen: all of it at once, or in the time in which it happened. */
import type {Recording} from '../formats/recording.js';
import type {SessionEnd} from '../formats/session-file.js';
import {SessionFileError} from '../formats/session-file.js';
import type {BlockBuilder} from '../trace/blocks.js';
import {LOSS_CAUSES} from '../trace/losses.js';
import {NameTable} from '../trace/names.js';
import type {Keeper} from '../trace/packets/keep.js';
import type {PacketTest} from '../trace/packets/packet-filter.js';
import {Kind, recordSize} from '../trace/record.js';
import type {FunctionStat} from '../trace/session.js';
import type {Counters} from '../trace/statistics.js';
import {Store} from '../trace/store.js';
import {Tasks} from '../trace/tasks.js';
import {RecordView} from '../trace/view.js';
import type {Source} from '../ui/source.js';
import {keeping} from './kept.js';

/** Records between two looks at the clock, bytes. */
const PIECE = 64 * 1024;

export class ReplaySource implements Source {
	readonly live = false;
	readonly store: Store;
	readonly builder: BlockBuilder;
	readonly keeper: Keeper | undefined;
	readonly names: NameTable;
	readonly tasks = new Tasks();
	done = false;
	problem = '';
	private readonly chunks;
	private end: SessionEnd | undefined;
	private piece: {bytes: Uint8Array; at: number; end: number} | undefined;
	private view = new RecordView(new Uint8Array(0));
	/** How far it is played, ns since the epoch of `first`; and by which clock (ms) that was so. */
	private played = 0;
	private playedAt: number | undefined;
	private held = false;
	private latest: bigint;
	/** When the first record was made, monotonic ns. */
	private first: bigint | undefined;

	/** The file is cut off or damaged, and `problem` says where. */
	broken = false;

	/**
	 * @param speed 1 is as it happened, 0 all at once; @param most blocks to read; @param clock ms;
	 * @param keep only what belongs to packets that ended so is shown, when they have.
	 */
	constructor(
		private readonly reader: Recording,
		buffer: number,
		readonly file: string,
		private readonly speed: number,
		private readonly most = Number.POSITIVE_INFINITY,
		private readonly clock: () => number = () => performance.now(),
		keep?: PacketTest,
	) {
		this.store = new Store(buffer);
		this.names = new NameTable(reader.header.session, this.tasks);
		const {builder, keeper} = keeping(this.store, keep, this.names, this.tasks);
		this.builder = builder;
		this.keeper = keeper;
		this.chunks = reader.chunks();
		this.latest = reader.header.started;
	}

	pump(late: () => boolean): boolean {
		if (this.done || (this.held && this.speed > 0)) return false;
		this.advance();
		while (!late()) {
			if (this.store.blocks >= this.most) {
				this.done = true;
				return false;
			}
			if (this.piece === undefined && !this.next()) return false;
			if (this.piece !== undefined && !this.play(this.piece)) return false;
		}
		return true;
	}

	stats(): readonly FunctionStat[] | undefined {
		return undefined;
	}

	counters(): Counters {
		return this.end?.counters ?? {emitted: 0n, lost: LOSS_CAUSES.map(() => 0n)};
	}

	fill(): number {
		return 0;
	}

	now(): bigint {
		return this.end?.ended ?? this.latest;
	}

	setFilter(): void {}

	switch(): string {
		return 'a recording cannot be switched';
	}

	isOn(): boolean {
		return true;
	}

	hold(on: boolean): void {
		this.held = on;
		this.playedAt = undefined;
	}

	skip(time: number): void {
		if (this.first === undefined) return;
		const began = Number(this.first - (BigInt(this.store.epoch) << 32n));
		this.played = Math.max(this.played, time - began);
	}

	/** The time that has passed counts `speed` times. */
	private advance(): void {
		const now = this.clock();
		if (this.playedAt !== undefined) this.played += (now - this.playedAt) * 1e6 * this.speed;
		this.playedAt = now;
	}

	/** The next chunk of the file; false at its end. */
	private next(): boolean {
		try {
			const {value: chunk, done} = this.chunks.next();
			if (done === true) {
				this.finish(this.reader.problem);
				return false;
			}
			if (chunk.type === 'records') {
				this.piece = {bytes: chunk.bytes, at: chunk.offset, end: chunk.offset + chunk.length};
				if (this.view.bytes !== chunk.bytes) this.view = new RecordView(chunk.bytes);
			} else if (chunk.type === 'end') this.end = chunk;
			else {
				for (const {dev, device} of chunk.devices) this.names.setDevice(dev, device);
				for (const {address, text} of chunk.symbols) this.names.setSymbol(address, text);
			}
			return true;
		} catch (error) {
			if (!(error instanceof SessionFileError)) throw error;
			this.broken = true;
			this.finish(error.message);
			return false;
		}
	}

	private finish(problem: string): void {
		this.builder.flush();
		this.keeper?.settle(true);
		this.done = true;
		this.problem = problem;
	}

	/** Plays what is due of a piece; false when what comes next is not due yet. */
	private play(piece: {bytes: Uint8Array; at: number; end: number}): boolean {
		const {bytes, at} = piece;
		let to = at;
		const most = Math.min(piece.end, at + (this.most === Number.POSITIVE_INFINITY ? PIECE : 1));
		let due = true;
		while (to < most) {
			const size = recordSize(bytes, to);
			if (this.speed > 0 && !this.isDue(to)) {
				due = false;
				break;
			}
			to += size;
		}
		if (to > at) this.builder.push(bytes, at, to - at);
		this.keeper?.settle();
		piece.at = to;
		if (to === piece.end) this.piece = undefined;
		return due;
	}

	/** Whether the moment has come at which the record was made: the end of its call. */
	private isDue(at: number): boolean {
		const {view} = this;
		const kind = view.kind(at);
		if (kind === Kind.TASK || kind === Kind.LOSS) return true;
		const time = view.time(at) + (view.ended(at) ? BigInt(view.duration(at)) : 0n);
		if (this.first === undefined) this.first = time;
		if (Number(time - this.first) > this.played) return false;
		if (time > this.latest) this.latest = time;
		return true;
	}
}
