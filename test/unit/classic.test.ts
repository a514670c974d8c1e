import {afterAll, beforeAll, expect, test} from 'vitest';
import {type ClassicOptions, ClassicWriter, classicLine, tcpColumns, timeLine} from '../../src/formats/classic.js';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {Flag, Kind} from '../../src/trace/record.js';
import {Entry, Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {join, makeLoss, makeRecord, makeSession} from './support/records.js';

const zone = process.env.TZ;
beforeAll(() => {
	process.env.TZ = 'America/New_York';
});
afterAll(() => {
	if (zone === undefined) delete process.env.TZ;
	else process.env.TZ = zone;
});

/** 19:26:16 in New York, ns since the epoch; the records count from the boot, a year before, and 525001 us. */
const WALL = BigInt(Date.UTC(2005, 2, 2, 0, 26, 16)) * 1_000_000n;
const BOOT = 365n * 86_400n * 1_000_000_000n;
const OFFSET = WALL - BOOT;
const at = (us: number) => BOOT + BigInt(us) * 1000n;

const server = [128, 235, 204, 81];
const client = [192, 168, 1, 20];

function render(names: string[], records: Uint8Array[], options: Partial<ClassicOptions> = {}): string {
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	builder.push(join(records));
	builder.flush();
	const writer = new ClassicWriter(makeSession(names, OFFSET), {time: 'us', now: () => at(0), ...options});
	const entry = new Entry();
	let text = '';
	for (let id = store.first; id < store.end; id++) if (store.read(id, entry)) text += writer.entry(entry);
	return text + writer.last(2n);
}

test('the block of the thesis', () => {
	const [from, to] = ['128.235.204.81:21', '192.168.1.20:33056'];
	const tcp = tcpColumns(0x18, 2291929752, 516203532);
	const lines = [
		classicLine(35, 0, '19:26:16:525001', `${from} ${to}`, 'tcp_v4_rcv', 'B', tcp),
		classicLine(36, 1, '19:26:16:525109', `${from} 192.168.1.20`, '__tcp_v4_lookup', 'B', ''),
		classicLine(37, 1, '19:26:16:525180', `${from} ${to}`, '__tcp_v4_lookup', 'E', ''),
		classicLine(38, 0, '19:26:16:525265', `${from} ${to}`, 'tcp_v4_rcv', 'E', tcp),
		timeLine(264),
	];
	expect(
		lines.join(''),
	).toBe(`35 19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 2291929752 ack 516203532
36   19:26:16:525109 128.235.204.81:21 192.168.1.20 __tcp_v4_lookup B
37   19:26:16:525180 128.235.204.81:21 192.168.1.20:33056 __tcp_v4_lookup E
38 19:26:16:525265 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv E P 2291929752 ack 516203532
Time : 264
`);
});

// A record has its packet once, as it was at begin: E repeats B, where the thesis looked again.
test('the block of the thesis, from records', () => {
	const lookup = {fn: 1, depth: 1, begin: at(525109), duration: 71_000, src: server, sport: 21, dst: client};
	const rcv = {begin: at(525001), duration: 264_000, src: server, sport: 21, dst: client, dport: 33056, proto: 6};
	const records = [makeRecord(lookup), makeRecord({...rcv, tcpFlags: 0x18, seq: 2291929752, ack: 516203532})];
	const text = render(['tcp_v4_rcv', '__tcp_v4_lookup'], records, {firstLine: 35});
	expect(text).toBe(`35 19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 2291929752 ack 516203532
36   19:26:16:525109 128.235.204.81:21 192.168.1.20 __tcp_v4_lookup B
37   19:26:16:525180 128.235.204.81:21 192.168.1.20 __tcp_v4_lookup E
38 19:26:16:525265 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv E P 2291929752 ack 516203532
Time : 264
# 2 events, 2 lost
`);
});

test('the columns of every kind of packet', () => {
	const mark = (fields: object) => makeRecord({kind: Kind.MARK, begin: at(0), ...fields});
	const six = (last: number) => [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, last];
	const text = render(
		['any', 'ip*'],
		[
			mark({}),
			mark({fn: 1}),
			mark({src: server, dst: client, arp: true, fn: 1}),
			mark({src: server, dst: client, proto: 17, sport: 53, dport: 4000, ipid: 77}),
			mark({src: server, dst: client, proto: 17, ipid: 77, fn: 1}),
			mark({src: server, dst: client, proto: 1, ipid: 0, fn: 1}),
			mark({src: server, dst: client, proto: 89, ipid: 5, fn: 1}),
			mark({src: server, dst: client, proto: 6, tcpFlags: 0x14, seq: 4294967295, ack: 1, ipid: 5, fn: 1}),
			mark({src: six(1), dst: six(2), proto: 6, sport: 80, tcpFlags: 0x0b, seq: 1}),
			mark({src: six(1), dst: six(2), proto: 58, dport: 9, fn: 1}),
		],
	);
	const wall = '19:26:16:000000';
	expect(text).toBe(`1 ${wall} 0.0.0.0 0.0.0.0 any -
2 ${wall} 0.0.0.0 0.0.0.0 ip -
3 ${wall} 128.235.204.81 192.168.1.20 ip -
4 ${wall} 128.235.204.81:53 192.168.1.20:4000 any -
5 ${wall} 128.235.204.81 192.168.1.20 ip - 77 UDP
6 ${wall} 128.235.204.81 192.168.1.20 ip - 0 ICMP
7 ${wall} 128.235.204.81 192.168.1.20 ip - 5 unknown protocol
8 ${wall} 128.235.204.81 192.168.1.20 ip - ! 4294967295 ack 1 5 TCP
9 ${wall} [2001:db8::1:0:0:1]:80 2001:db8::1:0:0:2 any - SFP 1 ack 0
10 ${wall} 2001:db8::1:0:0:1 [2001:db8::1:0:0:2]:9 ip - 0 ICMP
# 10 events, 2 lost
`);
});

test('marks inside, calls one after the other, losses, numbers that run over the whole file', () => {
	const records = [
		makeRecord({fn: 1, depth: 1, tid: 5, begin: at(10), duration: 5_000}),
		makeRecord({kind: Kind.DROP, fn: 3, depth: 2, tid: 5, begin: at(25)}),
		makeRecord({fn: 2, depth: 1, tid: 5, begin: at(20), duration: 10_000}),
		makeLoss(0, 12, at(31)),
		makeLoss(1, 1, at(31)),
		makeRecord({fn: 0, tid: 5, begin: at(0), duration: 40_000}),
		makeRecord({fn: 0, tid: 5, begin: at(50), duration: 999}),
	];
	const none = '0.0.0.0 0.0.0.0';
	expect(render(['root', 'a', 'b', '-drop'], records)).toBe(`# lost 12 events (ring full)
# lost 1 events (calls nested too deep)
1 19:26:16:000000 ${none} root B
2   19:26:16:000010 ${none} a B
3   19:26:16:000015 ${none} a E
4   19:26:16:000020 ${none} b B
5     19:26:16:000025 ${none} drop -
6   19:26:16:000030 ${none} b E
7 19:26:16:000040 ${none} root E
Time : 40
8 19:26:16:000050 ${none} root B
9 19:26:16:000050 ${none} root E
Time : 0
# 5 events, 2 lost
`);
});

test('open calls and unknown ends have a comment instead of E', () => {
	const records = [
		makeRecord({fn: 1, depth: 1, tid: 5, begin: at(10), flags: Flag.END_UNKNOWN}),
		makeRecord({kind: Kind.OPEN, tid: 5, begin: at(0)}),
		makeRecord({kind: Kind.OPEN, fn: 2, tid: 5, depth: 1, begin: at(30)}),
	];
	const none = '0.0.0.0 0.0.0.0';
	const now = () => at(12_400_000);
	expect(
		render(['tcp_recvmsg', 'a', 'wait'], records, {time: 'ns', now}),
	).toBe(`1 19:26:16:000000000 ${none} tcp_recvmsg B
2   19:26:16:000010000 ${none} a B
# end unknown: a
3   19:26:16:000030000 ${none} wait B
# open: wait, 12.4 s so far
# open: tcp_recvmsg, 12.4 s so far
# 3 events, 2 lost
`);
});

test('Time is E minus B as they are displayed', () => {
	const record = makeRecord({begin: at(0) + 900n, duration: 999_999_200});
	expect(render(['f'], [record])).toContain(
		'16:000000 0.0.0.0 0.0.0.0 f B\n2 19:26:17:000000 0.0.0.0 0.0.0.0 f E\nTime : 1000000\n',
	);
	expect(render(['f'], [record], {time: 'ns'})).toContain('Time : 999999200\n');
});

test('what left the memory before it was written is said', () => {
	const writer = new ClassicWriter(makeSession([]), {time: 'us', now: () => 0n});
	expect(writer.dropped(0, 0)).toBe('');
	expect(writer.dropped(3, 40)).toBe('# 3 older blocks (40 events) did not fit into the buffer\n');
});
