/** Packets whose headers are made of a record: read again, they have the facts of the record. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {EntryPackets} from '../../src/formats/entry-packet.js';
import {packetFields} from '../../src/formats/json.js';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {decodeFrame, Link} from '../../src/trace/frame.js';
import {headersOf} from '../../src/trace/headers.js';
import {Kind, SIZE_IPV6} from '../../src/trace/record.js';
import {Entry, Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {RecordView} from '../../src/trace/view.js';
import {makeRecord, makeSession, type RecordFields} from './support/records.js';

const address = (length: number) => fc.array(fc.nat(255), {minLength: length, maxLength: length});
const packets = fc.constantFrom(4, 16).chain((length) =>
	fc.record({
		src: address(length),
		dst: address(length),
		proto: fc.constantFrom(1, 6, 6, 17, 17, 58, 132, 89),
		sport: fc.integer({min: 1, max: 65_535}),
		dport: fc.integer({min: 1, max: 65_535}),
		seq: fc.nat(2 ** 32 - 1),
		ack: fc.nat(2 ** 32 - 1),
		tcpFlags: fc.integer({min: 1, max: 255}),
		ipid: fc.nat(65_535),
		len: fc.oneof(fc.integer({min: 60, max: 65_535}), fc.integer({min: 60, max: 200_000})),
	}),
);

/** What a kernel records of such a packet. */
function recordOf({
	sport,
	dport,
	seq,
	ack,
	tcpFlags,
	ipid,
	...rest
}: Required<Pick<RecordFields, Field>>): RecordFields {
	const ports = [6, 17, 132].includes(rest.proto) ? {sport, dport} : {};
	const segment = rest.proto === 6 ? {seq, ack, tcpFlags} : {};
	return {...rest, ...ports, ...segment, ...(rest.src.length === 4 ? {ipid} : {})};
}
type Field = 'src' | 'dst' | 'proto' | 'sport' | 'dport' | 'seq' | 'ack' | 'tcpFlags' | 'ipid' | 'len';

const decoded = new RecordView(new Uint8Array(SIZE_IPV6));
const facts = (view: RecordView): unknown => JSON.parse(`{${packetFields(view, 0, true).slice(1)}}`);

test('headers read back are the facts that they were made of', () => {
	fc.assert(
		fc.property(packets, (packet) => {
			const view = new RecordView(makeRecord(recordOf(packet)));
			const bytes = headersOf(view, 0, view.len(0));
			expect(decodeFrame({bytes, at: 0, end: bytes.length, wire: view.len(0)}, Link.RAW, decoded, 0)).toBe(true);
			expect(facts(decoded)).toEqual(facts(view));
		}),
	);
});

test('the checksum of an IPv4 header is right', () => {
	fc.assert(
		fc.property(packets, (packet) => {
			fc.pre(packet.src.length === 4);
			const bytes = headersOf(new RecordView(makeRecord(recordOf(packet))), 0, packet.len);
			const data = new DataView(bytes.buffer);
			let sum = 0;
			for (let at = 0; at < 20; at += 2) sum += data.getUint16(at);
			expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff);
		}),
	);
});

test('a length that is not known is that of the headers; a header that nobody recorded is left out', () => {
	const ends = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2]};
	const made = (fields: RecordFields) => headersOf(new RecordView(makeRecord({...ends, ...fields})), 0, 0);
	expect(made({proto: 17, sport: 1, dport: 2})).toHaveLength(28);
	expect([...made({proto: 17, sport: 1, dport: 2}).subarray(24, 26)]).toEqual([0, 8]);
	expect(made({proto: 1})).toHaveLength(20);
	expect(made({proto: 6, ipid: 9})).toHaveLength(20);
	expect([...made({proto: 1}).subarray(2, 4)]).toEqual([0, 20]);
});

const FUNCTIONS = ['ip_queue_xmit', 'ip_output', '__dev_queue_xmit', 'tcp_v4_rcv', '__netif_receive_skb_one_core'];
const [QUEUE, OUTPUT, DEVICE, TRANSPORT, RECEIVE] = [0, 1, 2, 3, 4];
const out = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], proto: 6, sport: 1000, dport: 80, seq: 5, tcpFlags: 16, tid: 1};
const back = {...out, src: out.dst, dst: out.src, sport: 80, dport: 1000, seq: 77};

/** Of one block with these records, the root first: the packet as function, length and way. */
function chosen(names: readonly string[], ...records: readonly RecordFields[]): unknown {
	const session = makeSession(names);
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	records
		.map((record, i) => makeRecord({begin: 1000 + i, duration: 1000 - 2 * i, depth: i, ...record}))
		.reverse()
		.forEach((record) => {
			builder.push(record);
		});
	const entry = new Entry();
	expect(store.read(0, entry)).toBe(true);
	expect(entry.records).toBe(records.length);
	const packet = new EntryPackets(session).of(entry);
	if (packet === undefined) return undefined;
	const fn = session.functions[entry.view.fn(packet.at)]?.name;
	return {fn, length: packet.length, outgoing: packet.outgoing, seq: entry.view.seq(packet.at)};
}

test('of a block the record that knows most of its first packet', () => {
	// IP has not written its header yet where it is asked to send.
	const sent = [
		{fn: QUEUE, len: 232},
		{fn: OUTPUT, len: 252, ipid: 7},
		{fn: DEVICE, len: 266, ipid: 7},
	].map((one) => ({
		...out,
		...one,
	}));
	expect(chosen(FUNCTIONS, ...sent)).toEqual({fn: 'ip_output', length: 252, outgoing: true, seq: 5});
	// The device layer sends with the link header.
	expect(chosen(FUNCTIONS, {...out, fn: DEVICE, len: 266})).toMatchObject({length: 252, outgoing: true});
	const received = {...back, fn: RECEIVE, len: 52};
	expect(chosen(FUNCTIONS, received, {...back, fn: TRANSPORT, len: 32})).toMatchObject({length: 52, outgoing: false});
	// The answer knows its identification, but it is another packet.
	const answer = {...out, fn: OUTPUT, len: 52, ipid: 8};
	expect(chosen(FUNCTIONS, received, {...back, fn: TRANSPORT, len: 32}, answer)).toMatchObject({length: 52, seq: 77});
	expect(chosen(FUNCTIONS, {...back, fn: TRANSPORT, len: 32})).toMatchObject({fn: 'tcp_v4_rcv', length: 32});
});

test('blocks and marks without an IP packet', () => {
	const socket = {...out, tcpFlags: 0, seq: 0};
	expect(chosen(['tcp_sendmsg'], socket)).toBeUndefined();
	expect(chosen(['arp_rcv'], {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], arp: true, len: 28})).toBeUndefined();
	expect(chosen(['net_rx_action'], {})).toBeUndefined();
	expect(chosen(['-net_dev_queue'], {...out, kind: Kind.MARK, duration: 0, len: 66})).toMatchObject({length: 52});
	expect(chosen(['odd'], {...out, len: 60})).toMatchObject({length: 60, outgoing: undefined});
});
