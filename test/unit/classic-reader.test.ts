/** What the lines of a log become: packets, times, losses, what was open; and what they do not say. */
import {expect, test} from 'vitest';
import {JsonWriter} from '../../src/formats/json.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {compilePredicate} from '../../src/trace/filter/predicate.js';
import {NameTable} from '../../src/trace/names.js';
import {inOrder} from '../../src/trace/order.js';
import {recordSize} from '../../src/trace/record.js';
import {Tasks} from '../../src/trace/tasks.js';
import {inBerlin, outline, readLog} from './support/logs.js';

type Facts = Readonly<Record<string, unknown>>;

/** The log as JSON lines. */
function json(log: string, written?: number): Facts[] {
	const {store, session} = readLog(log, written);
	const writer = new JsonWriter(new NameTable(session, new Tasks()), new Tasks());
	let text = '';
	for (const entry of inOrder(store)) text += writer.entry(entry);
	text += writer.summary(1, 2, []);
	return text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Facts);
}

/** Names of the records that a filter shows. */
function shown(log: string, filter: string): string[] {
	const {store, session} = readLog(log);
	const wanted = compilePredicate(parseFilter(filter));
	const lookup = {pid: () => undefined, device: () => undefined};
	const names: string[] = [];
	for (const {view, at: first, end} of inOrder(store)) {
		for (let at = first; at < end; at += recordSize(view.bytes, at)) {
			if (wanted(view.bytes, at, lookup)) names.push(session.functions[view.fn(at)]?.name ?? '');
		}
	}
	return names;
}

test('a packet as JSON, without what a log does not say', () => {
	const [rcv, lookup, summary] = inBerlin(() =>
		json(
			`35 19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 2291929752 ack 516203532
36   19:26:16:525109 128.235.204.81:21 192.168.1.20 __tcp_v4_lookup B
37   19:26:16:525180 128.235.204.81:21 192.168.1.20:33056 __tcp_v4_lookup E
38 19:26:16:525265 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv E P 2291929752 ack 516203532
Time : 264
`,
			Date.UTC(2005, 2, 2, 20, 0),
		),
	);
	expect(rcv).toEqual({
		type: 'call',
		fn: 'tcp_v4_rcv',
		group: 'tcpin',
		begin: expect.any(Number),
		end: (rcv?.begin as number) + 264_000,
		wall: Date.UTC(2005, 2, 2, 18, 26, 16) * 1e6 + 525_001_000,
		duration: 264_000,
		self: 193_000,
		depth: 0,
		block: 1,
		family: 4,
		proto: 'tcp',
		src: '128.235.204.81',
		dst: '192.168.1.20',
		sport: 21,
		dport: 33056,
		flags: 'P.',
		seq: 2291929752,
		ack: 516203532,
	});
	// A name of Linux 2.4 has its group, too.
	expect(lookup).toMatchObject({fn: '__tcp_v4_lookup', group: 'tcpin', duration: 71_000, depth: 1, proto: 'tcp'});
	expect(summary).toEqual({type: 'summary', blocks: 1, events: 2, lost: expect.any(Object)});
});

test('the protocol of lines that do not say it', () => {
	const t = '10:00:00:000000';
	const udp = '1.1.1.1:5 2.2.2.2:6';
	const tcp = '1.1.1.1:7 2.2.2.2:8';
	const log = `${t} ${udp} inet_sendmsg B
${t} ${udp} udp_sendmsg B
${t} ${udp} dev_hard_start_xmit -
${t} ${udp} udp_sendmsg E
${t} ${udp} inet_sendmsg E
${t} ${tcp} tcp_v4_rcv - S 1 ack 0
${t} 2.2.2.2:8 1.1.1.1:7 inet_accept -
${t} 1.1.1.1:9 2.2.2.2 inet_release -
${t} 1.1.1.1 2.2.2.2 arp_rcv -
${t} 1.1.1.1 2.2.2.2 ip_rcv - 7 ICMP
${t} 1.1.1.1 2.2.2.2 icmp_rcv -
`;
	expect(shown(log, 'udp')).toEqual(['inet_sendmsg', 'udp_sendmsg', 'dev_hard_start_xmit']);
	expect(shown(log, 'tcp port 8')).toEqual(['tcp_v4_rcv', 'inet_accept']);
	expect(shown(log, 'arp')).toEqual(['arp_rcv']);
	expect(shown(log, 'icmp')).toEqual(['ip_rcv', 'icmp_rcv']);
});

test('the day is that of the file, or the one before; midnight may pass in a call and between two', () => {
	const mark = (time: string) => `${time} 0.0.0.0 0.0.0.0 f_x -\n`;
	const days = (log: string, written: number) =>
		inBerlin(() =>
			json(log, written).flatMap(({wall}) => (wall === undefined ? [] : [new Date(Number(wall) / 1e6).toISOString()])),
		);
	const noon = Date.UTC(2026, 5, 10, 10);
	expect(days(mark('11:59:59:000000'), noon)).toEqual(['2026-06-10T09:59:59.000Z']);
	expect(days(mark('12:00:01:000000'), noon)).toEqual(['2026-06-09T10:00:01.000Z']);
	const night = mark('23:59:59:000000') + mark('00:00:01:000000') + mark('23:59:58:000000') + mark('00:00:02:000000');
	expect(days(night, noon)).toEqual([
		'2026-06-09T21:59:58.000Z',
		'2026-06-09T21:59:59.000Z',
		'2026-06-09T22:00:01.000Z',
		'2026-06-09T22:00:02.000Z',
	]);
	const two = mark('23:59:59:000000') + mark('00:00:01:000000') + mark('11:00:00:000000') + mark('23:00:00:000000');
	expect(days(two + mark('00:30:00:000000'), noon).at(-1)).toBe('2026-06-10T22:30:00.000Z');
	const call = '23:59:59:999999 0.0.0.0 0.0.0.0 f_x B\n00:00:00:000001 0.0.0.0 0.0.0.0 f_x E\n';
	expect(inBerlin(() => json(call, noon))[0]).toMatchObject({duration: 2_000});
});

test('losses stand behind what came before them, calls that are open last', () => {
	const log = `# lost 5 events (ring full)
1 10:00:00:000000 0.0.0.0 0.0.0.0 a_a B
2 10:00:00:000000 0.0.0.0 0.0.0.0 a_a E
Time : 0
# lost 7 events (calls nested too deep)
3 10:00:00:000000 0.0.0.0 0.0.0.0 b_b B
# open: b_b, 12.4 s so far
# lost 9 events (something new)
4 10:00:00:000000 0.0.0.0 0.0.0.0 c_c B
# end unknown: c_c
# 3 events, 30 lost
`;
	const read = readLog(log);
	expect(outline(read)).toEqual(['loss', 'a_a', 'loss', 'b_b open', 'loss', 'c_c ?']);
	expect(read.lost).toBe(30n);
	expect(read.problem).toBe('');
});

test('a log of losses alone', () => {
	const read = readLog('# lost 5 events (ring full)\n# 0 events, 5 lost\n');
	expect(outline(read)).toEqual(['loss']);
	expect(read.lost).toBe(5n);
});

test('other comments, and the end of another log in the same file', () => {
	const one = '1 10:00:00:000000 0.0.0.0 0.0.0.0 a_a B\n# 1 events, 2 lost\n';
	const read = readLog(`# mine\n${one}${one}`);
	expect(outline(read)).toEqual(['a_a ?', 'a_a ?']);
	expect(read.lost).toBe(4n);
});
