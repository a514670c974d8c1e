import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {compilePredicate} from '../../src/trace/filter/predicate.js';
import {type FlowRow, FlowTable} from '../../src/trace/flows.js';
import {At, Family, Kind, Proto, recordSize} from '../../src/trace/record.js';
import {Entry, Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {join, makeLoss, makeRecord, makeSession, type RecordFields} from './support/records.js';

const NAMES = [
	'tcp_sendmsg', // 0
	'ip_output', // 1
	'__dev_queue_xmit', // 2
	'__netif_receive_skb_one_core', // 3
	'ip_local_deliver', // 4
	'tcp_v4_rcv', // 5
	'ip_forward', // 6
	'-kfree_skb', // 7
	'udp_recvmsg', // 8
	'arp_rcv', // 9
	'net_rx_action', // 10
];
const [SEND, OUTPUT, QUEUE, FRAME, DELIVER, TCP, FORWARD, DROP, UDP_RECV, ARP, SOFTIRQ] = [
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
] as const;

const CLIENT = [10, 0, 0, 1];
const SERVER = [10, 0, 0, 2];
const request = {proto: Proto.TCP, src: CLIENT, sport: 40_000, dst: SERVER, dport: 80};
const reply = {proto: Proto.TCP, src: SERVER, sport: 80, dst: CLIENT, dport: 40_000};

/** Each list of records is a block, from root to leaf; begin and duration follow from the place in the list. */
function flowsOf(blocks: readonly RecordFields[][], names = NAMES, limit?: number): FlowTable {
	const table = new FlowTable(makeSession(names).functions, limit);
	feed(table, blocks);
	return table;
}

function feed(table: FlowTable, blocks: readonly RecordFields[][]): void {
	const store = new Store(1 << 17);
	const entry = new Entry();
	store.onEntry = (id) => {
		store.read(id, entry);
		table.add(entry);
	};
	const builder = new BlockBuilder(store, new Tasks());
	blocks.forEach((block, b) => {
		const records = block.map((fields, depth) =>
			makeRecord({depth, begin: b * 1000 + depth, duration: 100 * (block.length - depth), ...fields}),
		);
		builder.push(join(records.reverse()));
	});
}

const only = (table: FlowTable): FlowRow => {
	expect(table.rows()).toHaveLength(1);
	return table.rows()[0] as FlowRow;
};
const sent = (packet: RecordFields, len = 60): RecordFields[] => [
	{fn: SEND, ...packet},
	{fn: OUTPUT, len, ...packet},
	{fn: QUEUE, len: len + 14, ...packet},
];
const received = (packet: RecordFields, len = 60): RecordFields[] => [
	{fn: FRAME, len, ...packet},
	{fn: DELIVER, len, ...packet},
	{fn: TCP, len: len - 20, ...packet},
];

describe('a flow', () => {
	test('has both directions, and the first source as its side a', () => {
		const row = only(flowsOf([sent(request, 100), received(reply, 1500), sent(request, 40)]));
		expect(row).toMatchObject({proto: 'tcp', a: '10.0.0.1:40000', b: '10.0.0.2:80', packets: 3, bytes: 1640});
		expect(row).toMatchObject({calls: 9, drops: 0, lastEntry: 2});
	});

	test('counts a packet once, however many functions see it', () => {
		// Over loopback it is sent and received, forwarded it comes and goes.
		expect(only(flowsOf([sent(request), received(request)])).packets).toBe(1);
		const forwarded = [{fn: FRAME}, {fn: FORWARD}, {fn: OUTPUT}, {fn: QUEUE}].map((one) => ({
			len: 60,
			...request,
			...one,
		}));
		expect(only(flowsOf([forwarded]))).toMatchObject({packets: 1, bytes: 60, calls: 4});
		// Through a bridge and a VLAN the device layer sees it twice.
		const vlan = [{fn: OUTPUT}, {fn: QUEUE}, {fn: QUEUE}].map((one) => ({len: 60, ...request, ...one}));
		expect(only(flowsOf([vlan])).packets).toBe(1);
	});

	test('is counted where IP did not see it', () => {
		expect(only(flowsOf([[{fn: FRAME, len: 60, ...request}], [{fn: FRAME, len: 60, ...request}]])).packets).toBe(2);
		expect(only(flowsOf([[{fn: TCP, len: 40, ...request}]]))).toMatchObject({packets: 1, bytes: 40});
		expect(only(flowsOf([[{fn: SEND, ...request}]]))).toMatchObject({packets: 0, bytes: 0, calls: 1});
	});

	test('of a tracepoint session is counted at hooks, or at devices without them', () => {
		const mark = (fn: number, len: number) => [{kind: Kind.MARK, fn, len, duration: 0, ...request}];
		const all = [
			'-net_dev_queue',
			'-NF_INET_POST_ROUTING',
			'-NF_INET_POST_ROUTING',
			'-netif_receive_skb',
			'-NF_INET_LOCAL_IN',
		];
		const loopback = [mark(1, 60), mark(0, 74), mark(3, 60), mark(4, 60)];
		expect(only(flowsOf(loopback, all))).toMatchObject({packets: 1, bytes: 60, calls: 0, time: 0});
		expect(only(flowsOf([mark(0, 74), mark(1, 60)], ['-net_dev_queue', '-netif_receive_skb']))).toMatchObject({
			packets: 1,
			bytes: 60,
		});
		// A function and a mark of one name are two things.
		expect(only(flowsOf([mark(0, 60)], ['netif_receive_skb'])).packets).toBe(0);
	});

	test('sums self times: no nanosecond counts twice', () => {
		expect(only(flowsOf([sent(request), received(request)])).time).toBe(600);
		const open = flowsOf([
			[
				{fn: SEND, ...request, flags: 8, duration: 0},
				{fn: OUTPUT, ...request},
			],
		]);
		expect(only(open)).toMatchObject({calls: 2, time: 100});
	});

	test('counts drops, inside a call and outside', () => {
		const drop = {kind: Kind.DROP, fn: DROP, ...request, len: 60};
		expect(only(flowsOf([[{fn: TCP, ...reply}, drop], [drop]]))).toMatchObject({drops: 2, calls: 1, packets: 1});
	});
});

describe('which flow a call belongs to', () => {
	test('one that knows no side, to the call around it', () => {
		const row = only(flowsOf([[{fn: FRAME, ...request}, {fn: SOFTIRQ}, {fn: SEND, src: [0, 0, 0, 0], proto: 6}]]));
		expect(row).toMatchObject({calls: 3, packets: 1});
		expect(flowsOf([[{fn: SOFTIRQ}]]).rows()).toEqual([]);
	});

	test('and is no packet of it', () => {
		const socket = {proto: Proto.TCP, src: CLIENT, sport: 40_000, dst: SERVER};
		expect(
			only(
				flowsOf([
					[
						{fn: SEND, ...request},
						{fn: OUTPUT, ...socket},
					],
				]),
			),
		).toMatchObject({calls: 2, packets: 0});
	});

	test('a softirq that handles several, to none', () => {
		const table = flowsOf([[{fn: SOFTIRQ}, {fn: FRAME, ...request}]]);
		expect(only(table)).toMatchObject({calls: 1, time: 100});
	});

	test('a root that knows one side only, to the first inside it that knows both', () => {
		const unconnected = {proto: Proto.TCP, src: [0, 0, 0, 0], sport: 40_000, dst: SERVER, dport: 80};
		const rows = flowsOf([
			[
				{fn: SEND, ...unconnected},
				{fn: ARP, src: CLIENT, dst: SERVER, arp: true},
				{fn: OUTPUT, ...request},
			],
		]).rows();
		expect(rows.map(({proto, a, calls}) => `${proto} ${a} ${calls}`)).toEqual([
			'tcp 10.0.0.1:40000 2',
			'arp 10.0.0.1 1',
		]);
	});

	test('a datagram read from a socket for all addresses, to the flow it came with, else to one of its own', () => {
		const datagram = {proto: Proto.UDP, src: [0, 0, 0, 0], sport: 53, dst: CLIENT, dport: 9};
		expect(only(flowsOf([[{fn: UDP_RECV, ...datagram}]]))).toMatchObject({proto: 'udp', a: '0.0.0.0:53', calls: 1});
		const packet = {proto: Proto.UDP, src: CLIENT, sport: 9, dst: SERVER, dport: 53};
		const noise = [
			{...packet, sport: 10},
			{...packet, proto: Proto.TCP},
			{...packet, src: SERVER, dst: CLIENT},
		];
		const blocks = [...noise, packet].map((one) => [{fn: FRAME, len: 60, ...one}]);
		const rows = flowsOf([...blocks, [{fn: UDP_RECV, len: 60, ...datagram}]]).rows();
		expect(rows.map(({packets, calls}) => [packets, calls])).toEqual([
			[1, 1],
			[1, 1],
			[1, 1],
			[1, 2],
		]);
		const listening = {proto: Proto.TCP, src: SERVER, sport: 80, dst: [0, 0, 0, 0]};
		expect(flowsOf([[{fn: SEND, ...listening}]]).rows()).toEqual([]);
	});

	test('losses belong to none', () => {
		const table = new FlowTable([]);
		const store = new Store(1 << 20);
		const entry = new Entry();
		store.onEntry = (id) => {
			store.read(id, entry);
			table.add(entry);
		};
		new BlockBuilder(store, new Tasks()).push(makeLoss(0, 3, 9));
		expect(store.end).toBe(1);
		expect(table.rows()).toEqual([]);
	});
});

test('the flows that were silent longest make room, and are counted', () => {
	const flow = (port: number) => [{fn: OUTPUT, len: 60, ...request, sport: port}];
	const table = flowsOf([1, 2, 3, 4, 5, 6, 7, 8, 1].map(flow), NAMES, 8);
	expect(table.forgotten).toBe(0);
	feed(table, [[{fn: OUTPUT, len: 60, ...request, sport: 9}]]);
	const ports = table.rows().map(({a}) => a.split(':')[1]);
	expect([...ports, table.forgotten]).toEqual(['1', '4', '5', '6', '7', '8', '9', 2]);
	expect(table.rows().map(({packets}) => packets)).toEqual([2, 1, 1, 1, 1, 1, 1]);
	feed(
		table,
		Array.from({length: 1000}, (_, i) => flow(i + 100)),
	);
	expect(table.rows().length).toBeLessThanOrEqual(8);
	expect(table.forgotten + table.rows().length).toBe(1009);
	expect(table.rows().reduce((sum, {calls}) => sum + calls, 0)).toBe(table.rows().length);
	table.clear();
	expect([table.rows(), table.forgotten]).toEqual([[], 0]);
	feed(table, [flow(3)]);
	expect(only(table)).toMatchObject({calls: 1, packets: 1});
});

test('a thousand flows stay apart, each found again in both directions and by its server alone', () => {
	const flows = Array.from({length: 1000}, (_, i) => {
		return {proto: Proto.UDP, src: [10, 0, i % 7, 1], sport: 1 + (i >> 2), dst: [10, 0, 9, i % 3], dport: 53 + (i % 4)};
	});
	const back = flows.map(({proto, src, sport, dst, dport}) => ({
		proto,
		src: dst,
		sport: dport,
		dst: src,
		dport: sport,
	}));
	const heard = back.map((packet) => ({...packet, src: [0, 0, 0, 0]}));
	const count = new Set(flows.map((one) => JSON.stringify(one))).size;
	const table = flowsOf(
		[...flows, ...back, ...heard].map((one) => [{fn: FRAME, len: 60, ...one}]),
		NAMES,
		1024,
	);
	expect(table.rows()).toHaveLength(count);
	expect(table.rows().reduce((sum, {calls}) => sum + calls, 0)).toBe(3000);
	expect(Math.min(...table.rows().map(({packets}) => packets))).toBeGreaterThanOrEqual(2);
});

test('a block of more flows than there is room for', () => {
	const block = Array.from({length: 100}, (_, i) => ({fn: OUTPUT, ...request, sport: i + 1, duration: 1000 - i}));
	const table = flowsOf([block], NAMES, 8);
	expect(table.forgotten + table.rows().length).toBe(100);
	expect(table.rows().at(-1)).toMatchObject({a: '10.0.0.1:100', calls: 1});
});

describe('the filter of a flow', () => {
	const address = fc.constantFrom(CLIENT, SERVER, [127, 0, 0, 1]);
	const six = fc.constantFrom<number[]>(
		[...new Array<number>(15).fill(0), 1],
		[0xfe, 0x80, ...new Array<number>(13).fill(0), 2],
	);
	const port = fc.constantFrom(80, 443, 40_000);
	const fields = fc
		.record({
			proto: fc.constantFrom(Proto.TCP, Proto.UDP, Proto.SCTP, Proto.ICMP, 47),
			hosts: fc.oneof(fc.tuple(address, address), fc.tuple(six, six)),
			ports: fc.tuple(port, port),
			arp: fc.boolean(),
			fragment: fc.boolean(),
		})
		.map(({proto, hosts: [src, dst], ports: [sport, dport], arp, fragment}): RecordFields => {
			if (arp && src.length === 4) return {fn: OUTPUT, src, dst, arp};
			const has = !fragment && [Proto.TCP, Proto.UDP, Proto.SCTP].some((one) => one === proto);
			const real = proto === Proto.ICMP && src.length === 16 ? Proto.ICMP6 : proto;
			return {fn: OUTPUT, proto: real, src, dst, ...(has ? {sport, dport} : {})};
		});

	test('selects its records in both directions, and no other flow', () => {
		fc.assert(
			fc.property(fc.array(fields, {minLength: 1, maxLength: 20}), (all) => {
				const records = all.map((one) => makeRecord(one));
				const rows = flowsOf(
					all.map((one) => [one]),
					NAMES,
					64,
				).rows();
				const predicates = rows.map(({filter}) => compilePredicate(parseFilter(filter)));
				const lookup = {pid: () => undefined, device: () => undefined};
				rows.forEach((row, r) => {
					const chosen = records.filter((bytes) => predicates[r]?.(bytes, 0, lookup));
					const mine = records.filter((bytes) => sameFlow(bytes, row));
					expect(mine.length).toBe(row.calls);
					for (const bytes of mine) expect(chosen).toContain(bytes);
					for (const bytes of chosen) if (!mine.includes(bytes)) expect(isLookAlike(bytes, row)).toBe(true);
				});
				expect(rows.reduce((sum, {calls}) => sum + calls, 0)).toBe(records.length);
			}),
			{numRuns: 300},
		);
	});

	/** By the words of the row alone. */
	function sameFlow(bytes: Uint8Array, row: FlowRow): boolean {
		const [one] = flowsOf([[fieldsOf(bytes)]], NAMES, 1).rows();
		const sides = (flow: FlowRow | undefined) => [flow?.a, flow?.b].toSorted().join(' ');
		return one?.proto === row.proto && sides(one) === sides(row);
	}

	/** The two that a filter of hosts and ports cannot tell apart: exchanged ports, and fragments without ports. */
	function isLookAlike(bytes: Uint8Array, row: FlowRow): boolean {
		const [one] = flowsOf([[fieldsOf(bytes)]], NAMES, 1).rows() as [FlowRow];
		const port = (text: string) => /[\].\d]:(\d+)$/.exec(text)?.[1] ?? '';
		const exchanged =
			port(one.a) !== port(one.b) &&
			[port(one.a), port(one.b)].toSorted().join() === [port(row.a), port(row.b)].toSorted().join();
		return one.proto === row.proto && (exchanged || !row.filter.includes('port'));
	}

	function fieldsOf(bytes: Uint8Array): RecordFields {
		const view = new DataView(bytes.buffer);
		const size = bytes[At.family] === Family.IPV6;
		expect(recordSize(bytes, 0)).toBe(bytes.length);
		return {
			fn: OUTPUT,
			proto: bytes[At.proto] ?? 0,
			src: [...bytes.subarray(size ? At.saddr6 : At.saddr, (size ? At.saddr6 : At.saddr) + (size ? 16 : 4))],
			dst: [...bytes.subarray(size ? At.daddr6 : At.daddr, (size ? At.daddr6 : At.daddr) + (size ? 16 : 4))],
			sport: view.getUint16(At.sport, true),
			dport: view.getUint16(At.dport, true),
			arp: bytes[At.family] === Family.ARP,
		};
	}

	test('reads well', () => {
		const filters = [request, {...request, src: SERVER, sport: 80}, {src: CLIENT, dst: SERVER, arp: true}].map(
			(one) => only(flowsOf([[{fn: OUTPUT, ...one}]])).filter,
		);
		expect(filters).toEqual([
			'tcp and host 10.0.0.1 and host 10.0.0.2 and port 40000 and port 80',
			'tcp and src and dst host 10.0.0.2 and src and dst port 80',
			'arp and host 10.0.0.1 and host 10.0.0.2',
		]);
	});
});
