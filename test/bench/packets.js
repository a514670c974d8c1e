/**
 * User-space cost of following packets: BlockBuilder.push() alone, and with a PacketTable that settles, on the stream of UDP
 * datagrams over loopback: twelve records of each, in three blocks, and its end. Prints figures, decides nothing. Needs
 * a build: npm run build && node test/bench/packets.js
 */
import {BlockBuilder} from '../../dist/trace/blocks.js';
import {PacketTable} from '../../dist/trace/packets/packet-table.js';
import {At, Context, Family, Flag, Kind, Life, LifeAt, Proto} from '../../dist/trace/record.js';
import {Entry, Store} from '../../dist/trace/store.js';
import {Tasks} from '../../dist/trace/tasks.js';

const SIZE = 64;
const LIFE = 32;
const PACKETS = 400;
const ROUNDS = 400;
/** ns from one packet to the next. */
const STEP = 10_000;

const NAMES = [
	'udp_sendmsg',
	'udp_send_skb',
	'ip_send_skb',
	'ip_output',
	'__dev_queue_xmit',
	'dev_hard_start_xmit',
	'enqueue_to_backlog',
	'net_rx_action',
	'__netif_receive_skb_one_core',
	'ip_rcv',
	'ip_local_deliver',
	'udp_queue_rcv_skb',
	'__udp_enqueue_schedule_skb',
	'udp_recvmsg',
	'skb_consume_udp',
];

/** Calls of a packet: [function, depth, interrupt stack, thread, begin, end, has the packet]. */
const CALLS = [
	[12, 5, true, 1, 300, 340, true],
	[11, 4, true, 1, 290, 350, true],
	[10, 3, true, 1, 280, 360, true],
	[9, 2, true, 1, 270, 370, true],
	[8, 1, true, 1, 260, 380, true],
	[7, 0, true, 1, 250, 390, false],
	[6, 6, false, 1, 60, 80, true],
	[5, 5, false, 1, 50, 100, true],
	[4, 4, false, 1, 40, 400, true],
	[3, 3, false, 1, 30, 410, true],
	[2, 2, false, 1, 20, 420, true],
	[1, 1, false, 1, 10, 430, true],
	[0, 0, false, 1, 0, 450, false],
	[14, 1, false, 2, 600, 650, true],
	[13, 0, false, 2, 500, 700, false],
];

function stream() {
	const bytes = new Uint8Array(PACKETS * (CALLS.length * SIZE + LIFE));
	const data = new DataView(bytes.buffer);
	let at = 0;
	for (let i = 0; i < PACKETS; i++) {
		for (const [fn, depth, interrupt, thread, begin, end, has] of CALLS) {
			if (fn === 13) {
				data.setUint8(at, Kind.LIFE);
				data.setUint16(at + LifeAt.what, Life.CONSUMED, true);
				at += LIFE;
			}
			data.setUint8(at, Kind.CALL);
			data.setUint8(
				at + At.flags,
				(interrupt ? Flag.IRQ_STACK | Context.SOFTIRQ : Context.TASK) | (has ? Flag.PACKET : 0),
			);
			data.setUint8(at + At.family, has ? Family.IPV4 : Family.NONE);
			data.setUint16(at + At.fn, fn, true);
			data.setUint32(at + At.tid, 1000 + (i % 4) * 10 + thread, true);
			data.setUint32(at + At.duration, end - begin, true);
			data.setUint16(at + At.cpu, i % 2, true);
			data.setUint16(at + At.under, interrupt && depth === 0 ? 5 : 0, true);
			data.setUint8(at + At.depth, depth);
			data.setUint8(at + At.proto, Proto.UDP);
			data.setUint16(at + At.sport, 40000 + (i % 4), true);
			data.setUint16(at + At.dport, 30091, true);
			data.setUint32(at + At.saddr, 0x0100007f, true);
			data.setUint32(at + At.daddr, 0x0100007f, true);
			data.setUint32(at + At.begin, begin, true);
			at += SIZE;
		}
	}
	return {bytes, data};
}

/** Gives the stream new numbers and times. */
function renew({bytes, data}, round) {
	let at = 0;
	for (let i = 0; i < PACKETS; i++) {
		const packet = 1 + round * PACKETS + i;
		const base = (round * PACKETS + i) * STEP;
		for (const [fn, , , , begin, end, has] of CALLS) {
			if (fn === 13) {
				data.setBigUint64(at + At.begin, BigInt(base + 640), true);
				data.setUint32(at + LifeAt.packet, packet, true);
				at += LIFE;
			}
			const number = has ? BigInt(packet) : 0n;
			data.setBigUint64(at + At.begin, BigInt(base + begin) | ((number & 0xfffn) << 52n), true);
			data.setBigUint64(at + At.duration, BigInt(end - begin) | ((number >> 12n) << 44n), true);
			at += SIZE;
		}
	}
	return bytes;
}

function cpuNanos() {
	const {user, system} = process.cpuUsage();
	return (user + system) * 1000;
}

const functions = NAMES.map((name) => ({name, group: 'udpio', ipLayer: false, returnsNumber: true, mark: false}));

/** ns of CPU a record. @param level 0 the builder alone, 1 with a table. */
function run(level) {
	const store = new Store(64 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	const table = new PacketTable(store, functions);
	const entry = new Entry();
	if (level > 0) {
		store.onEntry = (id) => {
			store.read(id, entry);
			table.add(entry);
		};
		builder.onLife = (view, at) => table.life(view, at);
	}
	const input = stream();
	let cost = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const bytes = renew(input, round);
		const begin = cpuNanos();
		builder.push(bytes);
		if (level > 0) table.settle();
		if (round >= ROUNDS / 4) cost += cpuNanos() - begin;
	}
	const records = ((ROUNDS * 3) / 4) * PACKETS * CALLS.length;
	return {ns: cost / records, table};
}

run(1);
const [alone, settled] = [0, 1].map((level) => Math.min(...[1, 2, 3].map(() => run(level).ns)));
const {table} = run(1);
console.log(`builder alone: ${alone.toFixed(1)} ns a record`);
console.log(`PacketTable, add() and settle(): ${(settled - alone).toFixed(1)} ns a record more`);
console.log(
	`fates ${table.fates.join(' ')}; waits ${table.waits
		.rows()
		.map(({queue, count}) => `${queue} ${count}`)
		.join(', ')}`,
);
