/** `-r SESSION --match CAPTURE`: a capture of tcpdump beside a recorded session. */
import {closeSync, openSync} from 'node:fs';
import {type MatchSums, type MatchWriter, matchJson, matchText} from '../formats/match.js';
import {CaptureError, capturedFrames} from '../formats/pcap.js';
import {compilePredicate, type Predicate} from '../trace/filter/predicate.js';
import {type Joined, joinFrames} from '../trace/frame-join.js';
import {FrameMatcher, WINDOW} from '../trace/frame-match.js';
import {FRAME_COST, Frames} from '../trace/frames.js';
import {NameTable} from '../trace/names.js';
import {Kind, recordSize} from '../trace/record.js';
import {Entry, type Store} from '../trace/store.js';
import {Tasks} from '../trace/tasks.js';
import {cannot, Exit, ExitError, say} from './exit.js';
import {select} from './narrow.js';
import type {Options} from './options.js';
import {fileError, Output, OutputClosed} from './output.js';
import {Pipeline} from './pipeline.js';
import {openRecorded} from './recorded.js';
import {openRecording, readRecording} from './replay.js';

/** Says for each frame which blocks are its, then what is missing. Returns the exit code; 1 when a file is not whole. */
export function match(options: Options, path: string, capture: string): number {
	const {expression, narrowing} = select(options, false);
	const all = options.filter === '' && Object.keys(narrowing).length === 0;
	const file = openRecorded(path, narrowing);
	try {
		const recording = openRecording(file);
		const names = new NameTable(recording.header.session, new Tasks());
		const wanted = all ? undefined : compilePredicate(expression, narrowing);
		const pipeline = new Pipeline(options.buffer, names.tasks, names, wanted);
		const {problem} = readRecording(recording, names, pipeline, path);
		// Processes and namespaces are not in a capture; its devices are compared by name.
		const {device} = narrowing;
		const frames = new CaptureFrames(names, pipeline.store, compilePredicate(expression), device, options.buffer);
		const captureProblem = frames.read(capture);
		const joined = joinFrames(pipeline.store, new FrameMatcher(frames.frames, frames.sameDevice));
		print(options, names, pipeline.store, frames, joined);
		if (problem !== undefined) say(`${path}: ${problem}`);
		if (captureProblem !== '') say(`${capture}: ${captureProblem}`);
		return problem === undefined && captureProblem === '' ? Exit.done : Exit.cannot;
	} finally {
		closeSync(file.fd);
	}
}

/** The frames of a capture that may belong to a session. */
class CaptureFrames {
	readonly frames = new Frames();
	/** Of each frame its number in the capture, from 1. */
	readonly numbers: number[] = [];
	count = 0;
	outside = 0;
	unknown = 0;
	filtered = 0;
	/** Of the first and the last frame, CLOCK_MONOTONIC, ns. */
	span: {from: bigint; to: bigint} | undefined;
	private readonly devices = new Map<string, number>();
	private readonly deviceNames: string[] = [''];

	constructor(
		private readonly names: NameTable,
		private readonly store: Store,
		private readonly predicate: Predicate,
		private readonly device: string | undefined,
		private readonly room: number,
	) {}

	/** Reads the file. Returns why it could not be read to its end, ''; throws ExitError where nothing of it can be. */
	read(path: string): string {
		let fd: number | undefined;
		try {
			fd = openSync(path, 'r');
			return this.take(fd);
		} catch (error) {
			if (error instanceof CaptureError) {
				if (this.count === 0) throw cannot(`${path}: ${error.message}`);
				return error.message;
			}
			throw error instanceof ExitError ? error : cannot(fileError(path, error));
		} finally {
			if (fd !== undefined) closeSync(fd);
		}
	}

	readonly sameDevice = (record: number, frame: number): boolean => {
		const known = this.names.device(record)?.name ?? '';
		return frame === 0 || known === '' || known === this.deviceNames[frame];
	};

	deviceName(frame: number): string {
		return this.deviceNames[this.frames.view.dev(this.frames.at(frame))] ?? '';
	}

	private take(fd: number): string {
		const {frames} = this;
		const {from, to} = spanOf(this.store);
		const window = BigInt(WINDOW);
		for (const frame of capturedFrames(fd)) {
			this.count++;
			if (frame.wall === undefined) {
				this.unknown++;
				continue;
			}
			const time = frame.wall - this.names.session.wallOffset;
			this.widen(time);
			if (time < from - window || time > to + window) {
				this.outside++;
				continue;
			}
			const known = frames.decode(frame, frame.link, time, this.deviceNumber(frame.device));
			if (!this.passes(frame.device)) this.filtered++;
			else if ((frames.end + 1) * FRAME_COST > this.room) {
				return `its frames from number ${this.count} on did not fit into the buffer (--buffer)`;
			} else {
				if (!known) this.unknown++;
				frames.keep(known);
				this.numbers.push(this.count);
			}
		}
		return '';
	}

	/** Whether the filter wants what was decoded last. */
	private passes(device: string): boolean {
		const {frames} = this;
		if (this.device !== undefined && device !== '' && device !== this.device) return false;
		return this.predicate(frames.view.bytes, frames.at(frames.end), NO_LOOKUP);
	}

	private deviceNumber(name: string): number {
		if (name === '') return 0;
		const known = this.devices.get(name);
		if (known !== undefined) return known;
		const number = Math.min(this.deviceNames.length, 0xffff);
		this.devices.set(name, number);
		this.deviceNames[number] = name;
		return number;
	}

	private widen(time: bigint): void {
		if (this.span === undefined) this.span = {from: time, to: time};
		else if (time < this.span.from) this.span.from = time;
		else if (time > this.span.to) this.span.to = time;
	}
}

const NO_LOOKUP = {pid: () => undefined, device: () => undefined};

/** From the first begin of a record to the last; CLOCK_MONOTONIC, ns. */
function spanOf(store: Store): {from: bigint; to: bigint} {
	const entry = new Entry();
	let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	for (let id = store.first; id < store.end; id++) {
		if (!store.read(id, entry) || entry.kind === Kind.LOSS) continue;
		from = Math.min(from, store.begin(id));
		const {view} = entry;
		for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
			to = Math.max(to, view.begin(at, store.epoch));
		}
	}
	const epoch = BigInt(Math.max(0, store.epoch)) << 32n;
	return from > to ? {from: 0n, to: -(2n ** 63n)} : {from: epoch + BigInt(from), to: epoch + BigInt(to)};
}

function print(options: Options, names: NameTable, store: Store, capture: CaptureFrames, joined: Joined): void {
	const writer = options.format === 'json' ? matchJson(names) : matchText(names, options.time ?? 'us');
	const output = Output.open(options.output, options.force);
	try {
		for (const text of lines(writer, store, capture, joined)) output.text(text);
		output.flush();
	} catch (error) {
		if (!(error instanceof OutputClosed)) throw error;
	} finally {
		output.close();
	}
}

function* lines(writer: MatchWriter, store: Store, capture: CaptureFrames, joined: Joined): Generator<string> {
	const {frames, numbers, count, outside, unknown, filtered, span} = capture;
	for (let id = 0; id < frames.end; id++) {
		const entries = entriesOf(store, joined.entries.get(id) ?? []);
		yield writer.frame(numbers[id] as number, frames.view, frames.at(id), capture.deviceName(id), entries);
	}
	const entry = new Entry();
	let missing = 0;
	for (const {id, record} of joined.alone) {
		if (!store.read(id, entry)) continue;
		const at = entry.at + record;
		const begin = entry.view.time(at);
		if (span === undefined || begin < span.from || begin > span.to) continue;
		missing++;
		yield writer.alone(entry, at);
	}
	const matched = joined.entries.size;
	const sums: MatchSums = {
		frames: count,
		matched,
		unmatched: count - matched - outside - unknown - filtered,
		outside,
		unknown,
		filtered,
		blocks: joined.withPacket,
		blocksMatched: joined.withPacket - joined.alone.length,
		blocksUnmatched: missing,
		blocksOutside: joined.alone.length - missing,
	};
	yield writer.sums(sums);
}

function* entriesOf(store: Store, ids: readonly number[]): Generator<Entry> {
	const entry = new Entry();
	for (const id of ids) if (store.read(id, entry)) yield entry;
}
