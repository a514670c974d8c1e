import {closeSync, mkdtempSync, openSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join as path} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {CaptureError, capturedFrames} from '../../src/formats/pcap.js';
import {ethernet, packet, pcapFile, pcapngFile} from './support/frames.js';
import {join} from './support/records.js';

let folder = '';
beforeAll(() => {
	folder = mkdtempSync(path(tmpdir(), 'pkttop-pcap-'));
});
afterAll(() => rmSync(folder, {recursive: true}));

interface Read {
	readonly frames: {bytes: number[]; wire: number; link: number; wall: bigint | undefined; device: string}[];
	readonly error?: CaptureError;
}

/** What can be read of a file with these bytes. An error that is not a CaptureError fails the test. */
function read(content: Uint8Array): Read {
	const file = path(folder, 'capture');
	writeFileSync(file, content);
	const fd = openSync(file, 'r');
	const frames: Read['frames'] = [];
	try {
		for (const {bytes, at, end, wire, link, wall, device} of capturedFrames(fd)) {
			frames.push({bytes: [...bytes.subarray(at, end)], wire, link, wall, device});
		}
		return {frames};
	} catch (error) {
		if (!(error instanceof CaptureError)) throw error;
		return {frames, error};
	} finally {
		closeSync(fd);
	}
}

const START = 1_700_000_000_123_456_789n;
const sent = [1, 2, 3].map((i) => ({
	wall: START + BigInt(i),
	bytes: ethernet(packet({id: i, carried: i})),
	wire: 70 + i,
}));
const bytes = sent.map((frame) => [...frame.bytes]);

test.each([true, false])('pcap of microseconds and nanoseconds, little-endian %s', (little) => {
	const micro = read(pcapFile(sent, {little}));
	expect(micro.error).toBeUndefined();
	expect(micro.frames.map((frame) => frame.bytes)).toEqual(bytes);
	expect(micro.frames.map(({wire, link}) => [wire, link])).toEqual([
		[71, 1],
		[72, 1],
		[73, 1],
	]);
	expect(micro.frames[0]?.wall).toBe(1_700_000_000_123_456_000n);
	const nano = read(pcapFile(sent, {little, nano: true, link: 276}));
	expect(nano.frames.map(({wall}) => wall)).toEqual(sent.map(({wall}) => wall));
	expect(nano.frames[0]?.link).toBe(276);
});

test.each([true, false])('pcapng with interfaces of their own, little-endian %s', (little) => {
	const result = read(pcapngFile(sent, {little, links: [1, 113], names: ['eth0', 'any']}));
	expect(result.error).toBeUndefined();
	expect(result.frames.map((frame) => frame.bytes)).toEqual(bytes);
	expect(result.frames.map(({link, device}) => [link, device])).toEqual([
		[1, 'eth0'],
		[113, ''],
		[1, 'eth0'],
	]);
	expect(result.frames[0]?.wall).toBe(1_700_000_000_123_456_000n);
});

test('pcapng counts time in what its interface says', () => {
	const wall = (resolution: number, units: bigint) =>
		read(pcapngFile([{wall: 0n, bytes: Uint8Array.of(1), units}], {resolution})).frames[0]?.wall;
	expect(wall(9, START)).toBe(START);
	expect(wall(3, 1_700_000_000_123n)).toBe(1_700_000_000_123_000_000n);
	expect(wall(12, 1_700_000_000_123_456n)).toBe(1_700_000_000_123n);
	expect(wall(0x80 | 10, 1024n * 5n + 512n)).toBe(5_500_000_000n);
	const late = pcapngFile([{wall: 0n, bytes: Uint8Array.of(1), units: 7n}], {resolution: 9, offset: 3, little: false});
	expect(read(late).frames[0]?.wall).toBe(3_000_000_007n);
});

test('a section begins anew, also in the other byte order', () => {
	const result = read(join([pcapngFile(sent, {little: true}), pcapngFile(sent, {little: false, names: ['lo']})]));
	expect(result.frames).toHaveLength(6);
	expect(result.frames[5]?.device).toBe('lo');
});

test('names cannot reach a terminal as they are', () => {
	expect(read(pcapngFile(sent, {names: ['\u001b[2J']})).frames[0]?.device).toBe('?[2J');
});

test('what is no capture, or empty, is said', () => {
	for (const content of ['', 'PK', 'not a capture at all '.repeat(20)]) {
		const {frames, error} = read(Buffer.from(content));
		expect(frames).toEqual([]);
		expect(error?.kind).toBe('foreign');
	}
	expect(read(pcapFile([])).error).toBeUndefined();
});

test('another link type is said', () => {
	expect(read(pcapFile(sent, {link: 105})).error?.message).toMatch(/^frames of link type 105 cannot be read/);
	const mixed = read(pcapngFile(sent, {links: [1, 105]}));
	expect(mixed.frames).toHaveLength(1);
	expect(mixed.error?.kind).toBe('link');
});

test.each([
	['pcap', pcapFile(sent)],
	['pcapng', pcapngFile(sent)],
])('%s cut off anywhere: what is whole is read', (_, whole) => {
	let most = 0;
	let clean = 0;
	for (let length = 1; length < whole.length; length++) {
		const {frames, error} = read(whole.subarray(0, length));
		// Only where a frame or block ends is it no less than a whole file.
		if (error === undefined) clean++;
		else expect(error.kind).toMatch(length < 12 ? /truncated|foreign/ : /truncated/);
		expect(frames.length).toBeGreaterThanOrEqual(most);
		most = frames.length;
		for (const [i, frame] of frames.entries()) expect(frame.bytes).toEqual(bytes[i]);
	}
	expect(most).toBeGreaterThanOrEqual(2);
	expect(clean).toBeLessThan(10);
});

test('impossible lengths neither take memory nor time', () => {
	const one = pcapFile(sent.slice(0, 1));
	new DataView(one.buffer).setUint32(32, 0x7fffffff, true);
	expect(read(one).error?.message).toMatch(/damaged at byte 24: a frame of 2147483647 bytes/);
	const ng = pcapngFile(sent.slice(0, 1));
	new DataView(ng.buffer).setUint32(4, 30, true);
	expect(read(ng).error?.kind).toBe('damaged');
});

test('no bytes make it fail in another way', () => {
	const start = fc.constantFrom(pcapFile(sent), pcapFile(sent, {little: false}), pcapngFile(sent));
	const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), {minLength: 1, maxLength: 6});
	fc.assert(
		fc.property(start, changes, fc.nat(500), (whole, list, length) => {
			const content = whole.slice(0, length);
			for (const [at, value] of list) if (at < content.length) content[at] = value;
			read(content);
		}),
		{numRuns: 1500},
	);
	fc.assert(
		fc.property(fc.uint8Array({maxLength: 100}), (content) => void read(content)),
		{numRuns: 300},
	);
});
