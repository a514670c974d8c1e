/** What `--pcap` writes, and what of it stands in the log. */

import {closeSync, mkdtempSync, openSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join as path} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import {FrameComments} from '../../src/cli/frame-comments.js';
import {HeldRecords} from '../../src/cli/held-records.js';
import {BASE} from '../../src/collector/clock.js';
import {ClassicWriter} from '../../src/formats/classic.js';
import {capturedFrames} from '../../src/formats/pcap.js';
import {PcapngWriter} from '../../src/formats/pcapng.js';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {ByteRing} from '../../src/trace/byte-ring.js';
import {Link} from '../../src/trace/frame.js';
import {FrameMatcher} from '../../src/trace/frame-match.js';
import {FrameNotes} from '../../src/trace/frame-notes.js';
import {Frames} from '../../src/trace/frames.js';
import {inOrder} from '../../src/trace/order.js';
import {Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {readPcapng} from '../kernel/support/pcapng.js';
import {packet} from './support/frames.js';
import {join, makeRecord, makeSession} from './support/records.js';

let folder = '';
beforeAll(() => {
	folder = mkdtempSync(path(tmpdir(), 'pkttop-pcapng-'));
});
afterAll(() => rmSync(folder, {recursive: true}));

const WALL = 1_700_000_000_123_456_789n;

test('pcapng that others read, and we do', () => {
	const packets = fc.array(
		fc.record({
			bytes: fc.uint8Array({maxLength: 70}),
			more: fc.nat(1000),
			comment: fc.constantFrom('', 'pkttop: blocks 1', 'pkttop: blocks 1 2, clean_log lines 3-4'),
			device: fc.nat(1),
			outgoing: fc.constantFrom(true, false, undefined),
		}),
		{maxLength: 20},
	);
	fc.assert(
		fc.property(packets, (list) => {
			const written: Uint8Array[] = [];
			const writer = new PcapngWriter((bytes) => written.push(bytes.slice()), 'pkttop');
			const numbers = [writer.device(Link.ETHERNET, 99, 'eth0', 'one'), writer.device(Link.RAW, 99, 'tun-ü', 'two')];
			for (const [i, {bytes, more, comment, device, outgoing}] of list.entries()) {
				const wall = WALL + BigInt(i);
				const wire = bytes.length + more;
				writer.packet({device: numbers[device] as number, wall, bytes, wire, outgoing, comment});
			}
			writer.flush();
			const file = join(written);
			expect(readPcapng(file)).toEqual(
				list.map(({bytes, more, comment, device, outgoing}, i) => ({
					device: device === 0 ? 'eth0' : 'tun-ü',
					description: device === 0 ? 'one' : 'two',
					link: device === 0 ? Link.ETHERNET : Link.RAW,
					wall: WALL + BigInt(i),
					bytes,
					wire: bytes.length + more,
					comment,
					direction: outgoing === undefined ? '' : outgoing ? 'out' : 'in',
				})),
			);
			writeFileSync(path(folder, 'file'), file);
			const fd = openSync(path(folder, 'file'), 'r');
			try {
				const read = [...capturedFrames(fd)].map(({wall, wire, device}) => ({wall, wire, device}));
				expect(read).toHaveLength(list.length);
				for (const [i, {wall, device}] of read.entries()) {
					expect(wall).toBe(WALL + BigInt(i));
					expect(device).toBe(list[i]?.device === 0 ? 'eth0' : 'tun-ü');
				}
			} finally {
				closeSync(fd);
			}
		}),
		{numRuns: 100},
	);
});

test('a packet larger than what is collected is whole', () => {
	const written: Uint8Array[] = [];
	const writer = new PcapngWriter((bytes) => written.push(bytes.slice()), 'pkttop');
	const device = writer.device(Link.RAW, 1, 'lo', '');
	const bytes = new Uint8Array(300_000).fill(7);
	for (let i = 0; i < 3; i++) writer.packet({device, wall: 1n, bytes, wire: 1, outgoing: false, comment: 'x'});
	writer.flush();
	expect(readPcapng(join(written)).map((one) => Buffer.compare(one.bytes, bytes))).toEqual([0, 0, 0]);
});

test('what is noted of a frame, in words', () => {
	const notes = new FrameNotes();
	notes.addBlock(12);
	notes.addLines(35, 40);
	notes.addBlock(14);
	notes.addLines(61, 88);
	expect(notes.text()).toBe('pkttop: blocks 12 14, clean_log lines 35-40 61-88');
	notes.forgetLines();
	expect(notes.text()).toBe('pkttop: blocks 12 14');
	const marks = new FrameNotes();
	marks.addBlock(0);
	expect(marks.text()).toBe('pkttop: marks 1');
	for (const line of [5, 6, 7, 9]) marks.addLines(line, line);
	expect(marks.text()).toBe('pkttop: clean_log lines 5-7 9');
	for (let i = 0; i < 100_000; i++) marks.addLines(2 * i + 100, 2 * i + 100);
	expect(marks.text().length).toBeLessThan(10_000);
});

test('the log has the number of a frame before the first line that has its packet', () => {
	const udp = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], proto: 17, sport: 1000, dport: 53, len: 48};
	const frames = new Frames();
	for (const id of [1, 2]) {
		const bytes = packet({sport: 1000, dport: 53, id, carried: 20});
		frames.keep(frames.decode({bytes, at: 0, end: 48, wire: 48}, Link.RAW, 1000n, 0));
	}
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	// A call that has two packets in it: the first in two calls, the second in one.
	builder.push(makeRecord({...udp, ipid: 1, fn: 1, depth: 2, begin: 1200, duration: 50, tid: 1}));
	builder.push(makeRecord({...udp, ipid: 1, fn: 0, depth: 1, begin: 1100, duration: 300, tid: 1}));
	builder.push(makeRecord({...udp, ipid: 2, fn: 0, depth: 1, begin: 1500, duration: 100, tid: 1}));
	builder.push(makeRecord({fn: 2, begin: 1000, duration: 900, tid: 1}));
	const notes = new Map<number, FrameNotes>();
	const note = (frame: number) => {
		const made = notes.get(frame) ?? new FrameNotes();
		notes.set(frame, made);
		return made;
	};
	const beside = new FrameComments(new FrameMatcher(frames, () => true), () => store.epoch, true, note);
	const session = makeSession(['ip_rcv', 'udp_rcv', 'net_rx_action']);
	const writer = new ClassicWriter(session, {time: 'us', now: () => 0n, firstLine: 35, beside});
	const text = [...inOrder(store)].map((entry) => writer.entry(entry)).join('');
	expect(text.replaceAll(/\d\d:\d\d:\d\d:\d{6} \S+ \S+ /g, '')).toBe(`35 net_rx_action B
# frame 1
36   ip_rcv B
37     udp_rcv B
38     udp_rcv E
39   ip_rcv E
# frame 2
40   ip_rcv B
41   ip_rcv E
42 net_rx_action E
Time : 0
`);
	expect(notes.get(0)?.text()).toBe('pkttop: blocks 1, clean_log lines 35-42');
	expect(notes.get(1)?.text()).toBe('pkttop: blocks 1, clean_log lines 35-42');
});

test('a ring gives back what it was given, oldest first, and never more than it holds', () => {
	fc.assert(
		fc.property(fc.array(fc.nat(40), {maxLength: 200}), (lengths) => {
			const ring = new ByteRing(64);
			for (const [i, length] of lengths.entries()) {
				const bytes = new Uint8Array(length + 2).fill(i);
				while (!ring.add(bytes, 1, length + 1)) ring.drop();
				let held = 0;
				for (let id = ring.first; id < ring.end; id++) {
					held += lengths[id] as number;
					expect([...ring.get(id)]).toEqual(new Array(lengths[id] as number).fill(id));
				}
				expect(held).toBeLessThanOrEqual(64);
			}
			expect(ring.end).toBe(lengths.length);
		}),
	);
});

test('records wait for the packets before them, but not for ever', () => {
	const clock = vi.spyOn(process.hrtime, 'bigint');
	const held = new HeldRecords();
	const out: number[] = [];
	const release = (until: bigint) => held.release(until, (bytes) => out.push(...bytes));
	clock.mockReturnValue(BASE + 1_000_000_000n);
	held.hold(Uint8Array.of(1, 9), 1);
	clock.mockReturnValue(BASE + 1_010_000_000n);
	held.hold(Uint8Array.of(2), 1);
	release(999_000_000n);
	expect(out).toEqual([]);
	release(1_005_000_000n);
	expect(out).toEqual([1]);
	clock.mockReturnValue(BASE + 1_300_000_000n);
	release(1_005_000_000n);
	expect(out).toEqual([1, 2]);
	clock.mockRestore();
});
