/**
 * Packets with numbers, as a kernel would send them: datagrams that wait in the qdisc and in the backlog and are read, one
 * that is dropped, one that is cloned; and the source that plays them.
 */
import {Context, Flag, Kind, Life} from '../../../src/trace/record.js';
import {makeLife, makeRecord, makeTask, type RecordFields} from '../../unit/support/records.js';
import {FakeKernel} from './live.js';

export const FUNCTIONS = [
	'inet_sendmsg',
	'udp_sendmsg',
	'ip_output*',
	'__dev_queue_xmit',
	'dev_qdisc_enqueue',
	'sch_direct_xmit',
	'enqueue_to_backlog',
	'__netif_receive_skb_one_core',
	'ip_rcv*',
	'udp_queue_rcv_skb',
	'__udp_enqueue_schedule_skb',
	'udp_recvmsg',
	'skb_consume_udp',
	'kfree_skb_reason',
];
const fn = (name: string): number => FUNCTIONS.findIndex((one) => one.replace('*', '') === name);

/** Milliseconds between two packets. */
const EVERY = 10;
const US = 1000;

export interface Datagram {
	readonly number: number;
	/** When it is sent, ns. */
	readonly at: number;
	/** How long it waits in the qdisc, ns. */
	readonly qdisc?: number;
	readonly dropped?: boolean;
	/** Number of a copy that is made for somebody who listens. */
	readonly clone?: number;
	readonly port?: number;
}

/** The records of one datagram's way, in the order in which they end. */
export function datagram({
	number,
	at,
	qdisc = 100 * US,
	dropped = false,
	clone = 0,
	port = 53,
}: Datagram): Uint8Array[] {
	const base: RecordFields = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], sport: 4000, dport: port, proto: 17, len: 78};
	const record = (name: string, begin: number, end: number, depth: number, more: RecordFields): Uint8Array =>
		makeRecord({...base, fn: fn(name), begin: at + begin, duration: end - begin, depth, packet: number, ...more});
	const task: RecordFields = {tid: 1, context: Context.TASK, cpu: 0, dev: 1};
	const soft: RecordFields = {tid: 901, context: Context.SOFTIRQ, flags: Flag.IRQ_STACK, cpu: 1, dev: 1};
	const peer: RecordFields = {...soft, dev: 2};
	const sent = 20 * US + qdisc;
	const arrived = sent + 40 * US;
	const birth = clone === 0 ? [] : [makeLife({what: Life.CLONE, packet: clone, other: number, at: at + sent + 2 * US})];
	return [
		record('dev_qdisc_enqueue', 14 * US, 15 * US, 4, {...task, ret: 0}),
		record('__dev_queue_xmit', 10 * US, 18 * US, 3, task),
		record('ip_output', 6 * US, 19 * US, 2, {...task, dev: 0}),
		record('udp_sendmsg', 1 * US, 20 * US, 1, {...task, packet: 0, dev: 0}),
		record('inet_sendmsg', 0, 21 * US, 0, {...task, packet: 0, dev: 0}),
		...birth,
		record('enqueue_to_backlog', sent + 4 * US, sent + 5 * US, 1, {...soft, ret: 0}),
		record('sch_direct_xmit', sent, sent + 8 * US, 0, soft),
		...(clone === 0 ? [] : [record('ip_rcv', sent + 9 * US, sent + 11 * US, 0, {...soft, packet: clone})]),
		...(clone === 0 ? [] : [makeLife({what: Life.CONSUMED, packet: clone, at: at + sent + 12 * US})]),
		...(dropped ? drop(record, peer, number, at, arrived) : read(record, peer, number, at, arrived)),
	];
}

type Make = (name: string, begin: number, end: number, depth: number, more: RecordFields) => Uint8Array;

function drop(record: Make, peer: RecordFields, packet: number, at: number, arrived: number): Uint8Array[] {
	const end = arrived + 6 * US;
	return [
		record('kfree_skb_reason', end, end, 2, {...peer, kind: Kind.DROP, ret: 3}),
		makeLife({what: Life.DROPPED, packet, other: 3, location: 0x1234n, at: at + end}),
		record('ip_rcv', arrived + 1 * US, arrived + 7 * US, 1, peer),
		record('__netif_receive_skb_one_core', arrived, arrived + 8 * US, 0, peer),
	];
}

function read(record: Make, peer: RecordFields, packet: number, at: number, arrived: number): Uint8Array[] {
	const reader: RecordFields = {tid: 2, context: Context.TASK, cpu: 1, dev: 0};
	const woken = arrived + 60 * US;
	return [
		record('__udp_enqueue_schedule_skb', arrived + 6 * US, arrived + 8 * US, 3, {...peer, ret: 0}),
		record('udp_queue_rcv_skb', arrived + 4 * US, arrived + 9 * US, 2, peer),
		record('ip_rcv', arrived + 1 * US, arrived + 10 * US, 1, peer),
		record('__netif_receive_skb_one_core', arrived, arrived + 11 * US, 0, peer),
		record('skb_consume_udp', woken + 4 * US, woken + 6 * US, 1, reader),
		makeLife({what: Life.CONSUMED, packet, at: at + woken + 6 * US, tid: 2}),
		record('udp_recvmsg', woken, woken + 8 * US, 0, {...reader, packet: 0}),
	];
}

export const TASKS = [makeTask(1, 10, 'client'), makeTask(2, 20, 'server')];
export const begin = (index: number): number => 1_000_000_000 + index * EVERY * 1_000_000;

/** Eight datagrams: the third is dropped, the fifth waits long, the sixth is copied, the last two are of another flow. */
export function scene(): Uint8Array[] {
	const sent: Datagram[] = Array.from({length: 8}, (_, index) => ({
		number: index + 1,
		at: begin(index),
		dropped: index === 2,
		qdisc: index === 4 ? 3_000_000 : 100 * US,
		...(index === 5 ? {clone: 100} : {}),
		...(index > 5 ? {port: 99} : {}),
	}));
	return [...TASKS, ...sent.flatMap(datagram), makeLife({what: Life.CONSUMED, packet: 999, at: begin(20)})];
}

/** A kernel that has sent the scene. */
export function playScene(): FakeKernel {
	const kernel = new FakeKernel(FUNCTIONS);
	for (const [dev, name] of [
		[1, 'veth0'],
		[2, 'veth1'],
	] as const)
		kernel.names.setDevice(dev, {ifindex: dev, netns: 4_026_531_840 + dev, name});
	kernel.send(...scene());
	return kernel;
}
