/**
 * The session file (-w, -r): everything of a session, readable without root and on another machine.
 *
 * Layout, in the byte order of the machine that recorded it (the records are copied as they left the kernel):
 *
 *     magic    8 bytes: 0x89 'pkttop' 0x0a; 0x89 is no ASCII, so that no text file is taken for a session
 *     order    u32 0x01020304
 *     version  u32
 *     chunks   type u32, length u32, payload of that length, a multiple of 8 (JSON is padded with blanks)
 *
 * The first chunk is the header, the last one the end; a file without end was cut off. Records stand in the order in which
 * they left the kernel, whole in their chunk, and names before the first record that refers to them.
 * A change of the chunks or of bpf/record.h is a new version. Version 1 had no
 * records with FLAG_TCP, version 2 none with FLAG_PACKET or of RECORD_LIFE, and its times are CLOCK_MONOTONIC: both are read as 3.
 */
import {Kind, Life, LifeAt, LONGEST_RECORD, recordSize} from '../trace/record.js';
import type {Names} from '../trace/session.js';
import {alignedView} from '../trace/view.js';
import {Input} from './input.js';
import {
	endFromJson,
	headerFromJson,
	namesFromJson,
	type SessionEnd,
	SessionFileError,
	type SessionHeader,
	type SessionNames,
	toJson,
} from './session-json.js';

export {type SessionEnd, SessionFileError, type SessionHeader, type SessionNames} from './session-json.js';

const MAGIC = Uint8Array.of(0x89, 0x70, 0x6b, 0x74, 0x74, 0x6f, 0x70, 0x0a);
const ORDER = 0x01020304;
const VERSION = 3;
const OLDEST_VERSION = 1;
const HEAD_BYTES = 16;
const CHUNK_HEAD_BYTES = 8;

const Chunk = {HEADER: 1, RECORDS: 2, NAMES: 3, END: 4} as const;

/** A JSON chunk is held in memory whole; 4096 functions need less than 1 MiB. */
const LONGEST_JSON = 16 << 20;
const MOST_SYMBOLS = 65_536;

/** Writes a session as it happens. `write` must take all bytes or throw, and keep none of them. */
export class SessionWriter {
	private readonly devices = new Set<number>();
	private readonly symbols = new Set<bigint>();

	/** Writes the head of the file. @param names are asked for what the records refer to. */
	constructor(
		private readonly write: (bytes: Uint8Array) => void,
		header: SessionHeader,
		private readonly names: Names,
	) {
		const head = new Uint8Array(HEAD_BYTES);
		head.set(MAGIC);
		head.set(new Uint8Array(Uint32Array.of(ORDER, VERSION).buffer), MAGIC.length);
		write(head);
		this.json(Chunk.HEADER, toJson(header));
	}

	/** Whole records, as the kernel side sent them. */
	records(bytes: Uint8Array, offset = 0, length = bytes.length - offset): void {
		if (length === 0) return;
		const records = bytes.subarray(offset, offset + length);
		this.newNames(records);
		this.chunk(Chunk.RECORDS, records);
	}

	/** Without this the file counts as cut off. */
	end(end: SessionEnd): void {
		this.json(Chunk.END, toJson(end));
	}

	private newNames(records: Uint8Array): void {
		const fresh: {devices: SessionNames['devices'][number][]; symbols: SessionNames['symbols'][number][]} = {
			devices: [],
			symbols: [],
		};
		const {view, start} = alignedView(records, 0, records.length);
		for (let at = start, size = 0; at < start + records.length; at += size) {
			size = recordSize(view.bytes, at);
			if (size === 0) break;
			const kind = view.kind(at);
			if (kind === Kind.LIFE && view.lifeWhat(at) === Life.DROPPED)
				this.symbol(view.u64(at + LifeAt.location), fresh.symbols);
			if (kind > Kind.DROP) continue;
			const dev = view.dev(at);
			if (dev !== 0 && !this.devices.has(dev)) {
				const device = this.names.device(dev);
				if (device !== undefined) {
					this.devices.add(dev);
					fresh.devices.push({dev, device});
				}
			}
			if (kind === Kind.DROP) this.symbol(view.location(at), fresh.symbols);
		}
		if (fresh.devices.length + fresh.symbols.length > 0) this.json(Chunk.NAMES, toJson(fresh));
	}

	private symbol(address: bigint, fresh: SessionNames['symbols'][number][]): void {
		if (this.symbols.has(address) || this.symbols.size === MOST_SYMBOLS) return;
		this.symbols.add(address);
		fresh.push({address, text: this.names.symbol(address)});
	}

	private json(type: number, text: string): void {
		const bytes = new TextEncoder().encode(text);
		const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8).fill(0x20);
		padded.set(bytes);
		this.chunk(type, padded);
	}

	private chunk(type: number, payload: Uint8Array): void {
		this.write(new Uint8Array(Uint32Array.of(type, payload.length).buffer));
		this.write(payload);
	}
}

export type SessionChunk =
	/** Whole, checked records; valid until the next chunk is asked for. */
	| {
			readonly type: 'records';
			readonly bytes: Uint8Array<ArrayBuffer>;
			readonly offset: number;
			readonly length: number;
	  }
	| ({readonly type: 'names'} & SessionNames)
	| ({readonly type: 'end'} & SessionEnd);

/** Reads a session from an open file (or pipe) from its beginning, in bounded memory. */
export class SessionReader {
	readonly header: SessionHeader;
	/** A session is read whole, or an error says where that ends. */
	readonly problem = '';
	/** What its classic log has where nobody asks for more. */
	readonly time = 'us';
	private readonly input: Input;

	/**
	 * Reads up to the header. Throws SessionFileError, or what the system says about `fd`.
	 * @param head what has been read of it already, at most BUFFER.
	 */
	constructor(fd: number, head = new Uint8Array(0)) {
		this.input = new Input(fd, head);
		this.readHead();
		const chunk = this.nextChunk();
		if (chunk.type !== Chunk.HEADER) throw new SessionFileError('damaged', 'it does not begin with a header');
		this.header = headerFromJson(this.readJson(chunk.length));
	}

	/**
	 * What follows the header, to be asked for once. Ends after the end chunk; throws SessionFileError where the file is cut
	 * off or damaged, after everything whole before that place was delivered.
	 */
	*chunks(): Generator<SessionChunk, void, undefined> {
		for (;;) {
			const {type, length} = this.nextChunk();
			if (type === Chunk.RECORDS) yield* this.readRecords(length);
			else if (type === Chunk.NAMES) yield {type: 'names', ...namesFromJson(this.readJson(length))};
			else if (type === Chunk.END) {
				const end = endFromJson(this.readJson(length), this.header.session.functions.length);
				yield {type: 'end', ...end};
				if (this.input.fill(1) > 0) throw this.damaged('there is something behind its end');
				return;
			} else throw this.damaged(`a chunk of unknown type ${type}`);
		}
	}

	private readHead(): void {
		const {input} = this;
		const there = input.fill(HEAD_BYTES);
		for (let i = 0; i < Math.min(there, MAGIC.length); i++) {
			if (input.bytes[i] !== MAGIC[i]) throw new SessionFileError('foreign', 'this is no pkttop session');
		}
		if (there === 0) throw new SessionFileError('foreign', 'this is no pkttop session: it is empty');
		if (there < HEAD_BYTES) throw this.truncated();
		const order = input.u32(8);
		if (order === 0x04030201) {
			throw new SessionFileError('foreign', 'it was recorded on a machine of the other byte order');
		}
		if (order !== ORDER) throw this.damaged('its head is wrong');
		const version = input.u32(12);
		if (version < OLDEST_VERSION || version > VERSION) {
			const advice = version > VERSION ? 'a newer pkttop wrote it' : 'its format is no longer read';
			throw new SessionFileError('version', `session file version ${version}, this pkttop reads ${VERSION}: ${advice}`);
		}
		input.skip(HEAD_BYTES);
	}

	private nextChunk(): {type: number; length: number} {
		const {input} = this;
		if (input.fill(CHUNK_HEAD_BYTES) < CHUNK_HEAD_BYTES) throw this.truncated();
		const [type, length] = [input.u32(0), input.u32(4)];
		if (length % 8 !== 0) throw this.damaged('a chunk of impossible length');
		input.skip(CHUNK_HEAD_BYTES);
		return {type, length};
	}

	private readJson(length: number): string {
		if (length > LONGEST_JSON) throw this.damaged('a chunk of impossible length');
		const decoder = new TextDecoder();
		let text = '';
		for (let left = length; left > 0; ) {
			// Whole words, so that what follows stays aligned.
			const there = Math.min(left, this.input.fill(8) & ~7);
			if (there === 0) throw this.truncated();
			text += decoder.decode(this.input.bytes.subarray(this.input.at, this.input.at + there), {stream: true});
			this.input.skip(there);
			left -= there;
		}
		return text + decoder.decode();
	}

	private *readRecords(length: number): Generator<SessionChunk, void, undefined> {
		const {input} = this;
		for (let left = length; left > 0; ) {
			const there = Math.min(left, input.fill(Math.min(left, LONGEST_RECORD)));
			const {whole, problem} = this.check(input.at, there);
			if (whole > 0) yield {type: 'records', bytes: input.bytes, offset: input.at, length: whole};
			input.skip(whole);
			left -= whole;
			if (problem !== '') throw this.damaged(problem);
			// Not even one record is whole although as much was asked for as the largest takes.
			if (whole === 0) {
				if (there === left) throw this.damaged('a record that does not fit its chunk');
				throw this.truncated();
			}
		}
	}

	/** How many bytes of whole, possible records there are, and what is wrong with the next one. */
	private check(from: number, length: number): {whole: number; problem: string} {
		const {bytes, view} = this.input;
		const functions = this.header.session.functions.length;
		let at = from;
		while (at < from + length) {
			const size = recordSize(bytes, at);
			if (size === 0) return {whole: at - from, problem: 'a record of unknown kind'};
			if (at + size > from + length) break;
			if (
				view.kind(at) <= Kind.DROP &&
				(view.fn(at) >= functions || (view.depth(at) === 0 && view.under(at) > functions))
			) {
				return {whole: at - from, problem: 'a record of an unknown function'};
			}
			at += size;
		}
		return {whole: at - from, problem: ''};
	}

	private truncated(): SessionFileError {
		const where = `it ends after ${this.input.total} bytes without its end`;
		return new SessionFileError('truncated', `the recording was cut off: ${where}`);
	}

	private damaged(what: string): SessionFileError {
		return new SessionFileError('damaged', `the file is damaged at byte ${this.input.position}: ${what}`);
	}
}
