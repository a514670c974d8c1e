import {expect, test} from 'vitest';
import {JsonWriter} from '../../src/formats/json.js';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {LOSS_CAUSES} from '../../src/trace/losses.js';
import {NameTable} from '../../src/trace/names.js';
import {Context, Flag, Kind} from '../../src/trace/record.js';
import type {FunctionStat, Session} from '../../src/trace/session.js';
import {BUCKETS} from '../../src/trace/statistics.js';
import {Entry, Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {join, makeLoss, makeRecord, makeSession, makeTask} from './support/records.js';

const OFFSET = 1_700_000_000_123_456_789n;
const [src, dst] = [
	[127, 0, 0, 1],
	[10, 0, 0, 2],
];
const flow = {src, dst, sport: 1234, dport: 80};

function writer(names: string[], more: Partial<Session> = {}): {json: JsonWriter; tasks: Tasks; table: NameTable} {
	const tasks = new Tasks();
	const table = new NameTable({...makeSession(names, OFFSET), ...more}, tasks, (address) =>
		address === 0xffffffff81000010n ? 'tcp_v4_rcv+0x10' : undefined,
	);
	return {json: new JsonWriter(table, tasks), tasks, table};
}

function lines(names: string[], records: Uint8Array[]): string {
	const {json, tasks, table} = writer(names);
	table.setDevice(2, {ifindex: 1, netns: 4026531840, name: 'lo'});
	table.setDevice(3, {ifindex: 0, netns: 4026531841, name: ''});
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, tasks);
	builder.push(join(records));
	builder.flush();
	let text = '';
	const entry = new Entry();
	for (let id = store.first; id < store.end; id++) if (store.read(id, entry)) text += json.entry(entry);
	for (const line of text.trimEnd().split('\n')) JSON.parse(line);
	return text;
}

test('a softirq on top of a task, nested calls, marks and drops', () => {
	const irq = {cpu: 1, tid: 7, flags: Flag.IRQ_STACK, context: Context.SOFTIRQ};
	const segment = {...flow, proto: 6, tcpFlags: 0x52, seq: 4294967295, ack: 8};
	const text = lines(
		['udp_sendmsg', 'ip_output*', 'tcp_v4_rcv', '-nf_hook', '-kfree_skb'],
		[
			makeTask(7, 6, 'na"me'),
			makeRecord({...irq, kind: Kind.MARK, fn: 3, depth: 1, begin: 160}),
			makeRecord({...irq, fn: 2, under: 2, begin: 150, duration: 20, ret: -5, len: 60, dev: 2, ...segment}),
			makeRecord({fn: 1, tid: 7, depth: 1, begin: 140, duration: 50, proto: 17, ...flow}),
			makeRecord({fn: 0, tid: 7, begin: 100, duration: 200, ret: 3, dev: 3}),
			makeRecord({
				kind: Kind.DROP,
				fn: 4,
				begin: 400,
				ret: 3,
				duration: 0xffffffff81000010n,
				proto: 132,
				ipid: 9,
				src,
				dst,
			}),
			makeRecord({kind: Kind.DROP, fn: 4, begin: 401, ret: 99, duration: 0xffffffff82000000n}),
			makeLoss(0, 12, 500),
		],
	);
	const packet = '"family":4,"proto":"tcp","src":"127.0.0.1","dst":"10.0.0.2","sport":1234,"dport":80';
	const wall = (ns: number) => `"wall":${OFFSET + BigInt(ns)}`;
	const who = '"pid":6,"comm":"na\\"me"';
	expect(text).toBe(
		[
			`{"type":"call","fn":"tcp_v4_rcv","group":"tcpin","begin":150,"end":170,${wall(150)},"duration":20,"self":20,"depth":0,"block":1,"cpu":1,"context":"softirq","under":"2:ip_output",${who},"ret":-5,${packet},"flags":"S.E","seq":4294967295,"ack":8,"len":60,"ifname":"lo","netns":4026531840}`,
			`{"type":"mark","fn":"nf_hook","at":160,${wall(160)},"depth":1,"block":1,"cpu":1,"context":"softirq",${who}}`,
			`{"type":"call","fn":"udp_sendmsg","group":"tcpin","begin":100,"end":300,${wall(100)},"duration":200,"self":150,"depth":0,"block":2,"cpu":0,"context":"task",${who},"ret":3,"netns":4026531841}`,
			`{"type":"call","fn":"ip_output","group":"tcpin","begin":140,"end":190,${wall(140)},"duration":50,"self":30,"depth":1,"block":2,"cpu":0,"context":"task",${who},"ret":0,${packet.replace('tcp', 'udp')},"ipid":0}`,
			`{"type":"drop","fn":"kfree_skb","at":400,${wall(400)},"depth":0,"cpu":0,"context":"task","family":4,"proto":132,"src":"127.0.0.1","dst":"10.0.0.2","ipid":9,"reason":"NO_SOCKET","location":"tcp_v4_rcv+0x10"}`,
			`{"type":"drop","fn":"kfree_skb","at":401,${wall(401)},"depth":0,"cpu":0,"context":"task","reason":"99","location":"0xffffffff82000000"}`,
			`{"type":"loss","cause":"ring","count":12,"at":500,${wall(500)}}`,
			'',
		].join('\n'),
	);
});

test('a call that is open and one whose end is unknown have no end, duration, self or return value', () => {
	const text = lines(
		['f', 'g'],
		[
			makeRecord({fn: 1, tid: 7, depth: 1, begin: 20, flags: Flag.END_UNKNOWN, ret: 4}),
			makeRecord({kind: Kind.OPEN, fn: 0, tid: 7, begin: 10}),
		],
	);
	for (const line of text.trimEnd().split('\n')) {
		const call = JSON.parse(line) as Record<string, unknown>;
		expect(Object.keys(call)).toEqual(['type', 'fn', 'group', 'begin', 'wall', 'depth', 'block', 'cpu', 'context']);
	}
});

test('times beyond 2^53 are exact', () => {
	const begin = 10n ** 17n + 12_345n;
	const [call] = lines(['f'], [makeRecord({begin, duration: 1_000_000_001})]).split('\n');
	const wall = begin + OFFSET;
	expect(call).toContain(`"begin":${begin},"end":${begin + 1_000_000_001n},"wall":${wall},"duration":1000000001`);
});

test('IPv6, ARP, flags of a segment and a socket without one', () => {
	const packets = (record: Uint8Array) => {
		const line = lines(['f'], [record]);
		return line.slice(line.indexOf('"ret":0') + 7, -2);
	};
	const six = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
	expect(packets(makeRecord({src: six, dst: six, proto: 58, ipid: 4}))).toBe(
		',"family":6,"proto":"icmp6","src":"2001:db8::1","dst":"2001:db8::1"',
	);
	expect(packets(makeRecord({src, dst, arp: true}))).toBe(',"proto":"arp","src":"127.0.0.1","dst":"10.0.0.2"');
	expect(packets(makeRecord({proto: 6, tcpFlags: 0xff, seq: 1, ack: 2}))).toBe(
		',"proto":"tcp","flags":"FSRP.UEW","seq":1,"ack":2',
	);
	expect(packets(makeRecord({proto: 6, tcpFlags: 2, seq: 1, ack: 2}))).toBe(',"proto":"tcp","flags":"S","seq":1');
	expect(packets(makeRecord({proto: 6}))).toBe(',"proto":"tcp"');
});

test('the lines at the end', () => {
	const {json} = writer(['f']);
	const bucket = new Array<bigint>(BUCKETS).fill(0n);
	bucket[4] = 3n;
	bucket[10] = 1n;
	const stat: FunctionStat = {total: 2n ** 60n, self: 9n, max: 1500n, bucket};
	const [fn] = makeSession(['f']).functions;
	if (fn === undefined) throw new Error('no function');
	expect(json.functionLine(fn, stat)).toBe(
		`{"type":"function","fn":"f","group":"tcpin","calls":4,"total":${2n ** 60n},"self":9,"p50":26,"p90":1309,"p99":1480,"max":1500}\n`,
	);
	const lost = LOSS_CAUSES.map(({name}, i) => `"${name}":${i}`).join(',');
	expect(
		json.summary(
			2,
			10,
			LOSS_CAUSES.map((_, i) => BigInt(i)),
		),
	).toBe(
		`{"type":"summary","blocks":2,"events":10,"lost":{${lost}},"attached":1,"wanted":2,"attach_ms":12,"backend":"fentry","kernel":"6.12.0"}\n`,
	);
	const own = (corrected: boolean) =>
		writer(['f'], {ownCost: {inside: 90, total: 219, corrected}}).json.summary(0, 0, []);
	expect(own(false)).toMatch(/,"kernel":"6.12.0","probe_cost_ns":219,"probe_inside_ns":90}\n$/);
	expect(own(true)).toMatch(/,"probe_cost_ns":219,"probe_inside_ns":90,"corrected":true}\n$/);
});
