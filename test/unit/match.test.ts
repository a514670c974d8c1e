/** `-r SESSION --match CAPTURE`: what people read of it. */
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join as path} from 'node:path';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {main} from '../../src/cli/main.js';
import {SessionWriter} from '../../src/formats/session-file.js';
import {LOSS_CAUSES} from '../../src/trace/losses.js';
import {NameTable} from '../../src/trace/names.js';
import {Kind} from '../../src/trace/record.js';
import {BUCKETS} from '../../src/trace/statistics.js';
import {Tasks} from '../../src/trace/tasks.js';
import {ETHER, ethernet, packet, pcapFile, pcapngFile, type Timed} from './support/frames.js';
import {join, makeRecord, makeSession} from './support/records.js';

const WALL = 1_700_000_000_000_000_000n;
const MS = 1_000_000;
const UPTIME = 5_000_000 * MS;

let folder = '';
let said = '';
beforeEach(() => {
	folder = mkdtempSync(path(tmpdir(), 'pkttop-match-'));
	said = '';
	vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
		said += text;
		return true;
	});
	vi.stubEnv('TZ', 'UTC');
});
afterEach(() => {
	vi.restoreAllMocks();
	vi.unstubAllEnvs();
	rmSync(folder, {recursive: true});
});

const udp = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], proto: 17, sport: 1000, dport: 53, len: 48};
const receive = (ms: number, ipid: number, more = {}) => [
	makeRecord({...udp, ...more, ipid, fn: 1, depth: 1, begin: UPTIME + ms * MS + 10, duration: 300, tid: 1, dev: 1}),
	makeRecord({...udp, ...more, ipid, fn: 0, begin: UPTIME + ms * MS, duration: 900, tid: 1, dev: 1}),
];

/** Three blocks of UDP, one of TCP, a mark. */
const RECORDS = [
	...receive(0, 1),
	...receive(1, 2),
	...receive(2, 3),
	...receive(3, 4, {proto: 6, seq: 9, ack: 8, tcpFlags: 24, len: 45}),
	makeRecord({...udp, kind: Kind.MARK, fn: 2, ipid: 2, begin: UPTIME + MS + 50_000, tid: 9, dev: 1}),
];

function session(records = RECORDS, end = true): string {
	const written: Uint8Array[] = [];
	const traced = makeSession(['ip_rcv*', 'udp_rcv', '-sk_data_ready'], WALL - BigInt(UPTIME));
	const names = new NameTable(traced, new Tasks());
	names.setDevice(1, {ifindex: 2, netns: 1, name: 'eth0'});
	const header = {session: traced, options: {}, started: BigInt(UPTIME)};
	const writer = new SessionWriter((bytes) => written.push(bytes.slice()), header, names);
	writer.records(join(records));
	const counters = {emitted: 9n, lost: LOSS_CAUSES.map(() => 0n)};
	const stats = traced.functions.map(() => ({
		total: 0n,
		self: 0n,
		max: 0n,
		bucket: new Array<bigint>(BUCKETS).fill(0n),
	}));
	if (end) writer.end({ended: BigInt(UPTIME) + 10n ** 9n, counters, stats});
	return file('session', join(written));
}

function file(name: string, bytes: Uint8Array): string {
	writeFileSync(path(folder, name), bytes);
	return path(folder, name);
}

const frame = (ms: number, fields: Parameters<typeof packet>[0]): Timed => {
	const bytes = ethernet(packet({sport: 1000, dport: 53, carried: 20, ...fields}));
	return {wall: WALL + BigInt(ms * MS), bytes};
};
const FRAMES = [
	frame(0, {id: 1}),
	frame(1, {id: 2}),
	frame(3, {proto: 6, seq: 9, ack: 8, flags: 24, id: 4, carried: 5}),
	frame(4, {id: 99}),
	{wall: WALL, bytes: ethernet(Uint8Array.of(1, 2, 3), 0x88cc)},
	frame(60_000, {id: 1}),
];

async function match(capture: string, ...args: string[]): Promise<{code: number; out: string}> {
	const out = path(folder, 'out');
	const code = await main(['-r', session(), '--match', capture, '-o', out, '--force', ...args]);
	return {code, out: readFileSync(out, 'utf8')};
}

test('each frame with its blocks, then what is missing', async () => {
	const {code, out} = await match(file('pcap', pcapFile(FRAMES)));
	expect(said).toBe('');
	expect(code).toBe(0);
	expect(out).toBe(`frame 1 22:13:20:000000 10.0.0.1:1000 10.0.0.2:53 1 UDP
  block 1 22:13:20:000000 ip_rcv
frame 2 22:13:20:001000 10.0.0.1:1000 10.0.0.2:53 2 UDP
  block 2 22:13:20:001000 ip_rcv
  mark 22:13:20:001050 sk_data_ready
frame 3 22:13:20:003000 10.0.0.1:1000 10.0.0.2:53 P 9 ack 8 4 TCP
  block 4 22:13:20:003000 ip_rcv
frame 4 22:13:20:004000 10.0.0.1:1000 10.0.0.2:53 99 UDP: no block
frame 5 22:13:20:000000 neither IP nor ARP: no block
block 3 22:13:20:002000 ip_rcv 10.0.0.1:1000 10.0.0.2:53 3 UDP on eth0: no frame
# 6 frames: 3 with blocks, 1 without, 1 before or after the session, 1 neither IP nor ARP
# 5 blocks and marks with a packet: 4 with frames, 1 without
`);
});

test('as JSON', async () => {
	const {out} = await match(file('pcap', pcapngFile(FRAMES.slice(0, 2), {names: ['eth0']})), '--json');
	const lines = out
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, unknown>);
	expect(lines.map(({type}) => type)).toEqual(['frame', 'frame', 'summary']);
	expect(lines[1]).toMatchObject({
		frame: 2,
		ifname: 'eth0',
		proto: 'udp',
		src: '10.0.0.1',
		sport: 1000,
		ipid: 2,
		len: 48,
	});
	expect(lines[1]?.blocks).toMatchObject([{block: 2, fn: 'ip_rcv'}, {fn: 'sk_data_ready'}]);
	const sums = {
		frames: 2,
		matched: 2,
		unmatched: 0,
		blocks: 5,
		blocks_matched: 3,
		blocks_unmatched: 0,
		blocks_outside: 2,
	};
	expect(lines[2]).toMatchObject(sums);
});

test('the filter is for both sides, a device as far as the capture names it', async () => {
	const {out} = await match(file('pcap', pcapFile(FRAMES)), 'tcp');
	expect(out).toMatch(/^frame 3 .*\n {2}block 1 .*ip_rcv\n# 6 frames: 1 with blocks, 0 without/);
	const other = await match(file('pcap', pcapngFile(FRAMES.slice(0, 1), {names: ['eth1']})));
	expect(other.out).toMatch(/^frame 1 .* on eth1: no block\n/);
	const narrowed = await match(
		file('pcap', pcapngFile(FRAMES.slice(0, 2), {links: [1, 1], names: ['eth1', 'eth0']})),
		'-i',
		'eth0',
	);
	expect(narrowed.out).toMatch(/^frame 2 .* on eth0\n {2}block 2/);
});

test('an ARP frame has the block of its packet', async () => {
	const bytes = Uint8Array.from([0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2]);
	const records = [makeRecord({...udp, proto: 0, sport: 0, dport: 0, arp: true, begin: UPTIME + MS, duration: 5})];
	const capture = file('pcap', pcapFile([{wall: WALL + BigInt(MS), bytes: ethernet(bytes, ETHER.arp)}]));
	const out = path(folder, 'out');
	expect(await main(['-r', session(records), '--match', capture, '-o', out])).toBe(0);
	expect(readFileSync(out, 'utf8')).toMatch(/^frame 1 .* 10.0.0.1 10.0.0.2 ARP\n {2}block 1 .* ip_rcv\n/);
});

test('a capture that is cut off: what could be read, a line, and 1', async () => {
	const whole = pcapFile(FRAMES);
	const {code, out} = await match(file('pcap', whole.subarray(0, whole.length - 5)));
	expect(code).toBe(1);
	expect(out).toContain('# 5 frames: 3 with blocks');
	expect(said).toMatch(/^pkttop: \S+pcap: the capture was cut off after \d+ bytes\n$/);
});

test.each([
	['empty', new Uint8Array(0), /pcap: this is no capture: it is empty/],
	['foreign', Buffer.from('no capture'), /pcap: this is no capture of pcap or pcapng/],
	['of another link type', pcapFile(FRAMES, {link: 127}), /pcap: frames of link type 127 cannot be read/],
])('a capture that is %s: one line, 1, and no file', async (_, bytes, line) => {
	const out = path(folder, 'none');
	expect(await main(['-r', session(), '--match', file('pcap', bytes), '-o', out])).toBe(1);
	expect(said).toMatch(line);
	expect(said.trim().split('\n')).toHaveLength(1);
	expect(() => readFileSync(out)).toThrow();
});

test('what makes no sense is said', async () => {
	expect(await main(['--match', 'x'])).toBe(2);
	expect(await main(['-r', 'y', '--match', 'x', '-c', '5'])).toBe(2);
	expect(await main(['-r', session(), '--match', path(folder, 'nowhere')])).toBe(1);
	expect(said).toMatch(/nowhere: no such file or directory\n$/);
});
