/** `--pcap` from the kernel's frames to the file, with a kernel that is played. */

import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join as path} from 'node:path';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {parseOptions} from '../../src/cli/options.js';
import {Pcap} from '../../src/cli/pcap.js';
import {BASE, now} from '../../src/collector/clock.js';
import type {Addon} from '../../src/collector/native.js';
import {ClassicWriter} from '../../src/formats/classic.js';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {compilePredicate} from '../../src/trace/filter/predicate.js';
import {NameTable} from '../../src/trace/names.js';
import {inOrder} from '../../src/trace/order.js';
import {Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {readPcapng} from '../kernel/support/pcapng.js';
import {ethernet, type PacketFields, packet} from './support/frames.js';
import {makeRecord, makeSession} from './support/records.js';

const WALL = 1_700_000_000_000_000_000n;
const ETHER = 1;
const LOOPBACK = 772;
const PPP = 512;

let folder = '';
let said = '';
beforeEach(() => {
	folder = mkdtempSync(path(tmpdir(), 'pkttop-live-'));
	said = '';
	vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
		said += text;
		return true;
	});
});
afterEach(() => {
	vi.restoreAllMocks();
	rmSync(folder, {recursive: true});
});

interface Sent extends PacketFields {
	readonly ifindex?: number;
	readonly hatype?: number;
	readonly time?: bigint;
	readonly type?: number;
	readonly bytes?: Uint8Array;
}

/** The part of the addon that captures. */
class Kernel {
	readonly waiting: Sent[] = [];
	until = 2n ** 62n;
	lost = 0;
	closed = false;
	error = '';
	opened: readonly string[] = [];
	readonly addon = {
		openCapture: (places: readonly string[]) => {
			this.opened = places;
			return this.error;
		},
		drainCapture: (buffer: Uint8Array) => {
			const data = new DataView(buffer.buffer);
			let at = 0;
			for (const sent of this.waiting.splice(0, 500)) at = this.put(sent, buffer, data, at);
			return at;
		},
		captureUntil: () => this.until + BASE,
		captureDropped: () => this.lost,
		captureDevice: (_: number, ifindex: number) => ['', 'lo', 'eth0', 'ppp0'][ifindex] ?? '',
		closeCapture: () => {
			this.closed = true;
		},
	} as unknown as Addon;

	private put(sent: Sent, buffer: Uint8Array, data: DataView, at: number): number {
		const {ifindex = 2, hatype = ETHER, type = 0, time = now()} = sent;
		const bytes = sent.bytes ?? ethernet(packet(sent));
		data.setBigUint64(at, time + BASE, true);
		data.setUint32(at + 8, bytes.length, true);
		data.setUint32(at + 12, bytes.length + 1, true);
		data.setUint32(at + 16, ifindex, true);
		data.setUint16(at + 20, hatype, true);
		data.setUint8(at + 22, type);
		data.setUint8(at + 23, 0);
		buffer.set(bytes, at + 24);
		return at + 24 + Math.ceil(bytes.length / 8) * 8;
	}
}

function setUp(filter = '', kernel = new Kernel()) {
	const options = parseOptions(['--pcap', path(folder, 'file'), ...(filter === '' ? [] : [filter])]);
	const pcap = Pcap.open(path(folder, 'file'), options, compilePredicate(parseFilter(filter)), kernel.addon, []);
	if (pcap === undefined) throw new Error('no capture');
	const store = new Store(1 << 20);
	const names = new NameTable(makeSession(['ip_rcv*', 'udp_rcv'], WALL), new Tasks());
	pcap.begin(names, store);
	const builder = new BlockBuilder(store, new Tasks());
	return {kernel, pcap, names, store, builder};
}

const written = () => readPcapng(readFileSync(path(folder, 'file')));
const udp = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], proto: 17, sport: 7, dport: 8, len: 48};
const sent = (id: number, more: Sent = {}): Sent => ({sport: 7, dport: 8, carried: 20, id, ...more});

test('packets with their device, time, direction, blocks and lines', () => {
	const {kernel, pcap, names, store, builder} = setUp();
	const time = now();
	kernel.waiting.push(sent(1, {time}), sent(2, {time: time + 5n, ifindex: 1, hatype: LOOPBACK, type: 4}));
	const log = new ClassicWriter(names.session, {time: 'us', now: () => 0n, beside: pcap.beside});
	const begin = time + 1000n;
	pcap.records(makeRecord({...udp, ipid: 1, begin, duration: 5}), 64);
	kernel.until = begin - 500n;
	let pushed = 0;
	const push = (bytes: Uint8Array) => {
		pushed++;
		builder.push(bytes);
	};
	pcap.release(push);
	expect(pushed).toBe(0);
	kernel.until = 2n ** 62n;
	pcap.release(push);
	expect(pushed).toBe(1);
	const text = [...inOrder(store)].map((entry) => log.entry(entry)).join('');
	expect(text).toMatch(/^# frame 1\n1 .*ip_rcv B 1 UDP\n2 .*ip_rcv E 1 UDP\nTime : \d\n$/);
	pcap.finish();
	expect(written()).toMatchObject([
		{device: 'eth0', link: 1, wall: WALL + time, direction: 'in', comment: 'pkttop: blocks 1, clean_log lines 1-2'},
		{device: 'lo', link: 1, wall: WALL + time + 5n, direction: 'out', comment: ''},
	]);
	expect(written()[0]?.wire).toBe(63);
	expect(said).toBe(`pkttop: pcap ${path(folder, 'file')}: 2 packets, 1 with blocks\n`);
	expect(kernel.closed).toBe(true);
});

test('a log that is saved later has lines of its own; the last one counts', () => {
	const {kernel, pcap, names, store, builder} = setUp();
	const time = now();
	kernel.waiting.push(sent(1, {time}));
	builder.push(makeRecord({...udp, ipid: 1, begin: time, duration: 5}));
	pcap.release(() => {});
	pcap.noteBlocks();
	for (const firstLine of [100, 200]) {
		const log = new ClassicWriter(names.session, {time: 'us', now: () => 0n, firstLine, beside: pcap.saving()});
		for (const entry of inOrder(store)) expect(log.entry(entry)).toContain('# frame 1\n');
	}
	pcap.finish();
	expect(written()[0]?.comment).toBe('pkttop: blocks 1, clean_log lines 200-201');
});

test('where the log ends, the file ends', () => {
	const {kernel, pcap, store, builder} = setUp();
	const time = now();
	kernel.waiting.push(...[1, 2, 3].map((id) => sent(id, {time})));
	builder.push(makeRecord({...udp, ipid: 2, begin: time, duration: 5}));
	pcap.release(() => {});
	for (const entry of inOrder(store)) {
		pcap.beside?.entry(entry);
		pcap.beside?.written(0, 0);
	}
	pcap.endLog();
	pcap.finish();
	expect(written().map(({comment}) => comment)).toEqual(['', 'pkttop: blocks 1']);
	expect(said).toContain('2 packets, 1 with blocks\n');
});

test('only what passes the filter in force is written, and only while there is tracing', () => {
	const early = now() - 1n;
	const {kernel, pcap} = setUp('udp port 7');
	kernel.waiting.push(sent(0, {time: early}), sent(1), sent(2, {sport: 9}), {
		bytes: ethernet(new Uint8Array(40), 0x88cc),
	});
	pcap.setFilter(compilePredicate(parseFilter('udp port 9')));
	kernel.waiting.push(sent(3), sent(4, {sport: 9}));
	pcap.release(() => {});
	pcap.pause();
	kernel.waiting.push(sent(5, {sport: 9, time: now() + 10_000_000n}));
	pcap.release(() => {}, true);
	pcap.finish();
	expect(written().map(({bytes}) => (bytes[18] as number) * 256 + (bytes[19] as number))).toEqual([1, 4]);
});

test('what is missing is said: not captured, not readable, written before its blocks', () => {
	const kernel = new Kernel();
	kernel.lost = 3;
	const {pcap} = setUp('', kernel);
	kernel.lost += 12;
	const large = new Uint8Array(1400);
	large.set(ethernet(packet(sent(1))));
	for (let i = 0; i < 50_000; i++) kernel.waiting.push(sent(1, {bytes: large}));
	kernel.waiting.splice(100, 0, sent(1, {ifindex: 3, hatype: PPP}));
	for (let left = 1; left > 0; left = kernel.waiting.length) pcap.release(() => {});
	pcap.finish();
	expect(said).toContain('pkttop: pcap: 1 packets not written: of ppp0, whose link layer is not known\n');
	expect(said).toContain('pkttop: pcap: 12 packets not captured\n');
	expect(said).toMatch(
		/50000 packets, 0 with blocks, \d+ written before their blocks were known: too many to be held\n$/,
	);
	expect(written()).toHaveLength(50_000);
});

test('a frame without link header gets one, so that tcpdump reads the file', () => {
	const {kernel, pcap} = setUp();
	const [four, six] = [packet(sent(1)), packet({src: new Array(16).fill(1), dst: new Array(16).fill(2)})];
	for (const bytes of [four, six]) kernel.waiting.push({ifindex: 3, hatype: 65_534, bytes});
	pcap.release(() => {});
	pcap.finish();
	const zeros = new Array<number>(12).fill(0);
	expect(written().map(({bytes}) => [...bytes])).toEqual([
		[...zeros, 8, 0, ...four],
		[...zeros, 0x86, 0xdd, ...six],
	]);
	expect(written()[0]).toMatchObject({link: 1, wire: four.length + 15});
});

test('what cannot be opened is one line, and leaves no file', () => {
	const kernel = new Kernel();
	kernel.error = 'a packet socket: Operation not permitted';
	expect(() => setUp('', kernel)).toThrow('--pcap: a packet socket: Operation not permitted');
	expect(() => readFileSync(path(folder, 'file'))).toThrow('ENOENT');
});

test('what makes no sense is said', () => {
	expect(() => parseOptions(['--pcap', '-'])).toThrow('--pcap wants a file');
	expect(() => parseOptions(['--pcap', 'x', '-p', '1'])).toThrow('a captured packet does not tell whose it is');
	expect(() => parseOptions(['--pcap', 'x', '-r', 'y'])).toThrow('--pcap makes no sense with a recorded session');
});
