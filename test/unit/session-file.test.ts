import {closeSync, mkdtempSync, openSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join as path} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {
	type SessionChunk,
	type SessionEnd,
	SessionFileError,
	SessionReader,
	SessionWriter,
} from '../../src/formats/session-file.js';
import {LOSS_CAUSES} from '../../src/trace/losses.js';
import {NameTable} from '../../src/trace/names.js';
import {Kind} from '../../src/trace/record.js';
import {BUCKETS} from '../../src/trace/statistics.js';
import {Tasks} from '../../src/trace/tasks.js';
import {join, makeLoss, makeRecord, makeSession, makeTask} from './support/records.js';

let directory = '';
beforeAll(() => {
	directory = mkdtempSync(path(tmpdir(), 'pkttop-session-'));
});
afterAll(() => rmSync(directory, {recursive: true}));

const session = makeSession(['tcp_v4_rcv', 'ip_rcv*', '-kfree_skb'], 1_700_000_000_123_456_789n);
const header = {session, options: {group: 'tcpin', filter: ''}, started: 2n ** 60n + 1n};
const end: SessionEnd = {
	ended: 2n ** 60n + 99n,
	counters: {emitted: 2n ** 63n, lost: LOSS_CAUSES.map((_, i) => BigInt(i))},
	stats: session.functions.map((_, fn) => ({
		total: 2n ** 62n,
		self: BigInt(fn),
		max: 7n,
		bucket: Array.from({length: BUCKETS}, (_b, b) => BigInt(b * fn)),
	})),
};
const lo = {ifindex: 1, netns: 4026531840, name: 'lo'};

/** Three times records: with a device, with a drop, with neither. */
const parts = [
	join([
		makeTask(7, 6, 'curl'),
		makeRecord({begin: 5, dev: 1}),
		makeRecord({src: new Array<number>(16).fill(7), dev: 1}),
	]),
	join([makeRecord({kind: Kind.DROP, fn: 2, duration: 0xffffffff81000010n, dev: 9}), makeLoss(0, 12, 500)]),
	join([makeRecord({fn: 1, under: 3})]),
];

function write(finish = true, chunks: readonly Uint8Array[] = parts): Uint8Array {
	const written: Uint8Array[] = [];
	const names = new NameTable(session, new Tasks(), () => 'tcp_v4_rcv+0x10');
	names.setDevice(1, lo);
	const writer = new SessionWriter((bytes) => written.push(bytes.slice()), header, names);
	for (const chunk of chunks) writer.records(chunk);
	if (finish) writer.end(end);
	return join(written);
}

interface Read {
	header?: SessionReader['header'];
	records: Uint8Array;
	others: SessionChunk[];
	error?: SessionFileError;
}

/** What can be read of a file with these bytes. An error that is not a SessionFileError fails the test. */
function read(bytes: Uint8Array): Read {
	const file = path(directory, 'session');
	writeFileSync(file, bytes);
	const fd = openSync(file, 'r');
	const records: Uint8Array[] = [];
	const others: SessionChunk[] = [];
	let header: SessionReader['header'] | undefined;
	let error: SessionFileError | undefined;
	try {
		const reader = new SessionReader(fd);
		header = reader.header;
		for (const chunk of reader.chunks()) {
			if (chunk.type === 'records') records.push(chunk.bytes.slice(chunk.offset, chunk.offset + chunk.length));
			else others.push(chunk);
		}
	} catch (thrown) {
		if (!(thrown instanceof SessionFileError)) throw thrown;
		error = thrown;
		expect(error.message).toMatch(/^[\x20-\x7e]+$/);
	} finally {
		closeSync(fd);
	}
	return {records: join(records), others, ...(header && {header}), ...(error && {error})};
}

/** toEqual takes seconds for a large array. */
function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
	expect(Buffer.compare(actual, expected)).toBe(0);
}

test('what is written is what is read', () => {
	const file = read(write());
	expect(file.error).toBe(undefined);
	expect(file.header).toEqual(header);
	expect(file.records).toEqual(join(parts));
	expect(file.others).toEqual([
		{type: 'names', devices: [{dev: 1, device: lo}], symbols: []},
		{type: 'names', devices: [], symbols: [{address: 0xffffffff81000010n, text: 'tcp_v4_rcv+0x10'}]},
		{type: 'end', ...end},
	]);
});

test('records larger than what is read at a time, in chunks of any size', () => {
	const many = Array.from({length: 9000}, (_, i) =>
		makeRecord({begin: i, ...(i % 3 ? {} : {src: new Array<number>(16).fill(1)})}),
	);
	expectBytes(read(write(true, [join(many)])).records, join(many));
	const file = read(write(true, many.slice(0, 5000)));
	expectBytes(file.records, join(many.slice(0, 5000)));
	expect(file.error).toBe(undefined);
});

test('a header larger than what is read at a time', () => {
	const names = Array.from({length: 4096}, (_, i) => `function_${i}_größer`);
	const large = {...header, session: makeSession(names)};
	const written: Uint8Array[] = [];
	const write = (bytes: Uint8Array) => void written.push(bytes.slice());
	new SessionWriter(write, large, new NameTable(large.session, new Tasks())).records(parts[2] as Uint8Array);
	expect(written.reduce((sum, {length}) => sum + length, 0)).toBeGreaterThan(300_000);
	const file = read(join(written));
	expect(file.header).toEqual(large);
	expect(file.records).toEqual(parts[2]);
});

test('cut off at any byte: what is whole is there, and one line says so', () => {
	const whole = write();
	const all = join(parts);
	let before = 0;
	for (let length = 0; length < whole.length; length++) {
		const {records, error, header: head} = read(whole.subarray(0, length));
		expect(error?.kind).toBe(length === 0 ? 'foreign' : 'truncated');
		if (length > 0) expect(error?.message).toContain(`after ${length} bytes`);
		expectBytes(records, all.subarray(0, records.length));
		expect(records.length).toBeGreaterThanOrEqual(before);
		before = records.length;
		if (head !== undefined) expect(head).toEqual(header);
	}
	expect(before).toBe(all.length);
	// As it stands while it is being recorded.
	expect(read(write(false))).toMatchObject({records: all, error: {kind: 'truncated'}});
}, 60_000);

test('what is no session, or one of a newer version', () => {
	expect(read(new TextEncoder().encode('35 19:26:16:525001 128.235.204.81:21')).error?.kind).toBe('foreign');
	expect(read(new Uint8Array(100)).error?.kind).toBe('foreign');
	const newer = write();
	new Uint32Array(newer.buffer, 12, 1)[0] = 99;
	expect(read(newer).error).toMatchObject({
		kind: 'version',
		message: expect.stringContaining('newer pkttop') as string,
	});
	const swapped = write();
	swapped.subarray(8, 12).reverse();
	expect(read(swapped).error?.message).toContain('byte order');
});

/** Offsets of the chunks of a file: type, length, payload. */
function chunksOf(bytes: Uint8Array): {at: number; type: number; length: number}[] {
	const data = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
	const chunks = [];
	for (let at = 16, length = 0; at < bytes.length; at += 8 + length) {
		length = data[at / 4 + 1] as number;
		chunks.push({at, type: data[at / 4] as number, length});
	}
	return chunks;
}

test('lengths that lie, unknown chunks and impossible records end with one line', () => {
	const whole = write();
	const first = chunksOf(whole).find(({type}) => type === 2);
	if (first === undefined) throw new Error('no records');
	const damage = (offset: number, value: number) => {
		const copy = whole.slice();
		new Uint32Array(copy.buffer, offset, 1)[0] = value;
		return read(copy);
	};
	for (const {at, type} of chunksOf(whole)) {
		for (const length of [0, 8, 4, 7, 0x7ffffff8, 0xfffffff8, 0xffffffff])
			expect(damage(at + 4, length).error).toBeDefined();
		for (const other of [0, 5, 0xffffffff]) expect(damage(at, other).error?.kind).toBe('damaged');
		if (type !== 1) expect(damage(at, 1).error?.kind).toBe('damaged');
	}
	// The second record gets function 3 of 3: the first is delivered.
	const second = first.at + 8 + 32;
	expect(damage(second, 0x00030001)).toMatchObject({
		records: parts[0]?.subarray(0, 32),
		error: {
			kind: 'damaged',
			message: expect.stringContaining(`at byte ${second}: a record of an unknown function`) as string,
		},
	});
	expect(damage(second, 99).error?.message).toContain('unknown kind');
	expect(damage(second + 24, 4 << 16).error?.message).toContain('unknown function');
	expect(read(join([whole, new Uint8Array(8)])).error?.kind).toBe('damaged');
});

test('any damage to any byte is an error of its own or changes a value, never a crash', () => {
	const whole = write();
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), {minLength: 1, maxLength: 4}), (changes) => {
			const copy = whole.slice();
			for (const [at, value] of changes) copy[at] = value;
			read(copy);
		}),
		{numRuns: 500},
	);
});

test('any JSON as a header is taken whole or refused', () => {
	const good = JSON.parse(
		new TextDecoder().decode(write().subarray(24, 24 + (chunksOf(write())[0]?.length ?? 0))),
	) as object;
	const withHeader = (text: string) => {
		const json = new TextEncoder().encode(text);
		const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(32);
		padded.set(json);
		return read(join([write().subarray(0, 16), new Uint8Array(Uint32Array.of(1, padded.length).buffer), padded]));
	};
	expect(withHeader(JSON.stringify(good)).error?.kind).toBe('truncated');
	const keys = [
		'kernel',
		'backend',
		'wallOffset',
		'functions',
		'attached',
		'wanted',
		'attachMs',
		'dropReasons',
		'filter',
	];
	fc.assert(
		fc.property(fc.constantFrom('', 'name', ...keys), fc.jsonValue(), (key, value) => {
			const changed = structuredClone(good) as {
				session: Record<string, unknown> & {functions: Record<string, unknown>[]};
			};
			if (key === '') return void withHeader(JSON.stringify(value));
			if (key === 'name') (changed.session.functions[0] as Record<string, unknown>).name = value;
			else changed.session[key] = value;
			const {header: head, error} = withHeader(JSON.stringify(changed));
			expect(error).toBeDefined();
			const name = head?.session.functions[0]?.name;
			if (name !== undefined) expect(name).not.toMatch(/\s/);
		}),
		{numRuns: 300},
	);
	expect(withHeader('['.repeat(1 << 20)).error?.kind).toBe('damaged');
	const hostile = structuredClone(good) as {session: {functions: {name: string}[]; kernel: string}};
	(hostile.session.functions[0] as {name: string}).name = 'f\u001b[2J\n1 x';
	hostile.session.kernel = '\u202e6.12';
	const {header: head} = withHeader(JSON.stringify(hostile));
	expect([head?.session.functions[0]?.name, head?.session.kernel]).toEqual(['f?[2J?1?x', '?6.12']);
});
