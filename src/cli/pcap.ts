/**
 * `--pcap FILE`: the packets that are traced, as pcapng beside the trace. A packet's comment names its blocks and the lines of
 * the log, which are known after it, so packets are held in memory, as many as fit; then the oldest are written with what is
 * known of them by then.
 */

import {statSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {Capture, CaptureFailed, type LiveFrame, type Place} from '../collector/capture.js';
import {now} from '../collector/clock.js';
import type {Addon} from '../collector/native.js';
import type {Beside} from '../trace/beside.js';
import {ByteRing} from '../trace/byte-ring.js';
import type {Lookup, Predicate} from '../trace/filter/predicate.js';
import {FrameMatcher} from '../trace/frame-match.js';
import {FrameNotes} from '../trace/frame-notes.js';
import {Frames} from '../trace/frames.js';
import {IdRing} from '../trace/id-ring.js';
import type {Names} from '../trace/session.js';
import {Entry, type Store} from '../trace/store.js';
import {cannot, say} from './exit.js';
import {FrameComments} from './frame-comments.js';
import {HeldRecords} from './held-records.js';
import {namespacePath} from './narrow.js';
import type {Options} from './options.js';
import {Output} from './output.js';
import {PcapFile} from './pcap-file.js';

/** Bytes and packets that are held. */
const HELD = 64 << 20;
const MOST = 1 << 17;
const NEVER = 2n ** 63n;
/** How long the last packets may take to be shown by the kernel, and how often they are asked for; ms. */
const SETTLE = 1000;
const ASK = 5;

export class Pcap {
	private readonly frames = new Frames();
	private readonly bytes = new ByteRing(HELD);
	/** Length before a frame was cut off, twice, and 1 when it went out. */
	private readonly wires = new IdRing();
	private readonly notes = new Map<number, FrameNotes>();
	private readonly held = new HeldRecords();
	private readonly file: PcapFile;
	private readonly lookup: Lookup;
	private names: Names | undefined;
	private store: Store | undefined;
	private from = NEVER;
	private until = NEVER;
	/** Packets that were not captured before tracing began. */
	private lostBefore = 0;
	/** The last packet to be written. */
	private last = Number.POSITIVE_INFINITY;
	private seen = 0;
	private withBlocks = 0;
	/** Packets that had to be written without any block, because more came than can be held. */
	private early = 0;
	/** Packets of devices whose frames nobody can read, and the name of one. */
	private unreadable = {count: 0, device: ''};
	private live: Beside | undefined;

	private constructor(
		private readonly path: string,
		output: Output,
		private readonly capture: Capture,
		private predicate: Predicate | undefined,
	) {
		this.file = new PcapFile(output, capture.devices);
		this.lookup = {pid: () => undefined, device: (dev) => capture.devices[dev - 1]};
	}

	/** Makes the file and begins to capture. Needs root. Throws ExitError (1), and leaves no file then. */
	static open(path: string, options: Options, predicate: Predicate, addon: Addon, demo: readonly string[]): Pcap {
		const own = options.netns === undefined ? ['', ...demo] : [namespacePath(options.netns)];
		const places = own.map(
			(place): Place => ({path: place, netns: statSync(place === '' ? '/proc/self/ns/net' : place).ino}),
		);
		const output = Output.open(path, options.force);
		try {
			return new Pcap(path, output, Capture.open(addon, places), predicate);
		} catch (error) {
			output.discard();
			throw error instanceof CaptureFailed ? cannot(`--pcap: ${error.message}`) : error;
		}
	}

	/** What comes from now on is traced. */
	begin(names: Names, store: Store): void {
		this.names = names;
		this.store = store;
		this.from = now();
		this.live = this.comments(true);
		// While functions were attached nobody took packets.
		this.take();
		this.lostBefore = this.capture.dropped();
	}

	/** The log that is printed while packets come: its blocks and lines are noted. */
	get beside(): Beside | undefined {
		return this.live;
	}

	/** A log of its own that is saved now: the lines of the one before are forgotten. */
	saving(): Beside {
		for (const note of this.notes.values()) note.forgetLines();
		return this.comments(false);
	}

	/** What comes from now on is narrowed by another filter. */
	setFilter(predicate: Predicate | undefined): void {
		this.take();
		this.predicate = predicate;
	}

	/** Takes the records that were read just now: they wait for the packets before them. */
	records(bytes: Uint8Array, length: number): void {
		this.held.hold(bytes, length);
	}

	/** Takes the packets that have come, and hands on the records whose packets are here. @param all also those that wait. */
	release(push: (bytes: Uint8Array) => void, all = false): void {
		this.take();
		this.held.release(all ? NEVER : this.capture.until(), (bytes) => {
			push(bytes);
			// Many records take their time, and the kernel's room for packets is bounded.
			this.take();
		});
	}

	/** Where nothing is printed: notes the blocks that were made since the last call. */
	noteBlocks(): void {
		const {store, live} = this;
		if (store === undefined || live === undefined) return;
		const entry = new Entry();
		for (this.seen = Math.max(this.seen, store.first); this.seen < store.end; this.seen++) {
			if (!store.read(this.seen, entry)) continue;
			live.entry(entry);
			live.written(0, 0);
		}
	}

	/** The log is at its end, though packets may have come after it: those behind the last one in it are not written. */
	endLog(): void {
		this.last = [...this.notes.keys()].reduce((last, frame) => Math.max(last, frame), this.frames.first - 1);
	}

	/** What comes from now on is not traced any more. */
	pause(): void {
		this.until = now();
	}

	/** Resolves when the packets before `pause` are here. */
	async settle(): Promise<void> {
		for (const late = performance.now() + SETTLE; performance.now() < late; await pause(ASK)) {
			this.take();
			if (this.capture.until() >= this.until) return;
		}
	}

	/** Writes all that is held, and says how much there was. Throws what made writing fail. */
	finish(): void {
		const {early, frames} = this;
		while (frames.first < frames.end && frames.first <= this.last) this.writeOldest();
		const {count, device} = this.unreadable;
		if (count > 0) say(`pcap: ${count} packets not written: of ${device}, whose link layer is not known`);
		const dropped = this.capture.dropped() - this.lostBefore;
		if (dropped > 0) say(`pcap: ${dropped} packets not captured`);
		this.capture.close();
		this.file.finish();
		const notes = early === 0 ? '' : `, ${early} written before their blocks were known: too many to be held`;
		say(`pcap ${this.path}: ${frames.first} packets, ${this.withBlocks} with blocks${notes}`);
	}

	close(): void {
		this.capture.close();
		this.file.close();
	}

	/** Takes the file away again: nothing was traced. */
	discard(): void {
		this.capture.close();
		this.file.discard();
	}

	private take(): void {
		this.capture.drain((frame) => this.keep(frame));
	}

	private comments(blocks: boolean): Beside {
		const matcher = new FrameMatcher(this.frames, this.sameDevice);
		return new FrameComments(
			matcher,
			() => this.store?.epoch ?? 0,
			blocks,
			(frame) => this.note(frame),
		);
	}

	private readonly sameDevice = (record: number, frame: number): boolean => {
		const known = record === 0 ? undefined : this.names?.device(record);
		const device = this.capture.devices[frame - 1];
		if (known === undefined || device === undefined) return true;
		return known.netns === device.netns && (known.ifindex === 0 || known.ifindex === device.ifindex);
	};

	private note(frame: number): FrameNotes {
		const known = this.notes.get(frame);
		if (known !== undefined) return known;
		const made = new FrameNotes();
		this.notes.set(frame, made);
		return made;
	}

	private keep(frame: LiveFrame): void {
		if (frame.time < this.from || frame.time > this.until || this.file.problem !== undefined) return;
		const {frames, bytes} = this;
		const device = this.capture.devices[frame.dev - 1];
		if (device?.link === undefined) {
			this.unreadable = {count: this.unreadable.count + 1, device: device?.name ?? ''};
			return;
		}
		if (!frames.decode(frame, device.link, frame.time, frame.dev)) return;
		if (this.predicate?.(frames.view.bytes, frames.at(frames.end), this.lookup) === false) return;
		if (frames.end - frames.first === MOST) this.writeOldest();
		while (!bytes.add(frame.bytes, frame.at, frame.end)) this.writeOldest();
		const id = frames.keep(true);
		this.wires.fit(frames.first, frames.end);
		this.wires.set(id, frame.wire * 2 + (frame.outgoing ? 1 : 0));
	}

	private writeOldest(): void {
		const {frames, bytes} = this;
		const id = frames.first;
		const at = frames.at(id);
		const note = this.notes.get(id);
		if (note !== undefined) this.withBlocks++;
		else this.early++;
		const wire = this.wires.get(id);
		this.file.packet({
			device: frames.view.dev(at) - 1,
			wall: frames.view.time(at) + (this.names?.session.wallOffset ?? 0n),
			bytes: bytes.get(id),
			wire: wire >>> 1,
			outgoing: (wire & 1) === 1,
			comment: note?.text() ?? '',
		});
		this.notes.delete(id);
		frames.drop();
		bytes.drop();
	}
}
