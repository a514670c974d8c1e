/** The queues in which packets and sockets wait, and the functions that put them in: one table, everything follows from it. */
import type {TracedFunction} from '../session.js';

/** Whether a return value says that the packet was taken in; the low byte alone where it is a bool. */
const ZERO = (ret: number): boolean => ret === 0;
const FALSE = (ret: number): boolean => (ret & 0xff) === 0;
const NONZERO = (ret: number): boolean => ret !== 0;
const ANY = (): boolean => true;
const IN_PROGRESS = (ret: number): boolean => ret === -115;

interface Put {
	/** Functions of this kind, by space. */
	readonly names: string;
	readonly taken: (ret: number) => boolean;
}

interface Queue {
	readonly name: string;
	/** What it is, for people. */
	readonly words: string;
	/** From the innermost to the outermost function that puts packets in. What puts sockets in is in SOCKET_WAITS. */
	readonly puts: readonly Put[];
	/** It can be taken out by the calls around the one that put it in, and not only by another stack. */
	readonly same?: true;
	/** A task reads it: what is taken out and not dropped is delivered. */
	readonly reader?: true;
}

const put = (names: string, taken: Put['taken'] = ANY): Put => ({names, taken});

/** Calls that end with a segment in the receive queue, or behind a gap, where nothing inside them tells: see rolesOf. */
const OUTER_TCP = 'tcp_data_queue tcp_rcv_established';

/** In the order of the way of a packet, in and out. */
export const QUEUES = [
	{name: 'backlog', words: 'input backlog of a CPU', puts: [put('enqueue_to_backlog', ZERO)]},
	{name: 'fragment', words: 'fragments of a datagram that is not whole yet', puts: [put('ip_defrag', IN_PROGRESS)]},
	{name: 'socket-backlog', words: 'a socket that a task is using', puts: [put('tcp_add_backlog', FALSE)]},
	{
		name: 'tcp-receive',
		words: 'data in order for a reader',
		puts: [put('tcp_queue_rcv', ZERO), put(OUTER_TCP)],
		reader: true,
	},
	{name: 'out-of-order', words: 'data behind a gap', puts: [put('tcp_data_queue_ofo')], reader: true},
	{
		name: 'receive',
		words: 'datagrams for a reader: UDP, raw, ping',
		puts: [
			put('__udp_enqueue_schedule_skb __sock_queue_rcv_skb', ZERO),
			put('sock_queue_rcv_skb_reason sock_queue_rcv_skb', ZERO),
		],
		reader: true,
	},
	{name: 'syn', words: 'connections that are being made', puts: []},
	{name: 'accept', words: 'connections that wait for accept', puts: []},
	{name: 'write', words: 'data that may not be sent yet', puts: [put('tcp_skb_entail')], same: true},
	{
		name: 'retransmit',
		words: 'data that is not acknowledged yet',
		puts: [put('tcp_event_new_data_sent tcp_rbtree_insert'), put('__tcp_transmit_skb', ZERO)],
	},
	{name: 'tsq', words: 'a socket whose data has not left the device', puts: []},
	{
		name: 'neighbour',
		words: 'the address of a neighbour is being asked for',
		puts: [put('__neigh_event_send', NONZERO)],
	},
	{
		name: 'qdisc',
		words: 'queueing discipline of a device',
		puts: [put('pfifo_fast_enqueue fq_codel_enqueue tbf_enqueue', ZERO), put('dev_qdisc_enqueue', ZERO)],
		same: true,
	},
] as const satisfies readonly Queue[];

export type QueueName = (typeof QUEUES)[number]['name'];

/** What of a queue's row is asked for each packet. */
export const queueAt = (queue: number): Queue => QUEUES[queue] as Queue;

const indexOf = (name: QueueName): number => QUEUES.findIndex((queue) => queue.name === name);

export const TCP_RECEIVE = indexOf('tcp-receive');
export const OUT_OF_ORDER = indexOf('out-of-order');
export const TSQ = indexOf('tsq');

/**
 * Waits of sockets: what puts one in and takes it out is known by the addresses and ports of the connection. Of functions
 * that call each other the first one that is traced says it.
 */
const SOCKET_WAITS: readonly {readonly queue: QueueName; readonly put: string; readonly take: string}[] = [
	{queue: 'syn', put: 'tcp_v4_conn_request', take: 'tcp_create_openreq_child'},
	{queue: 'syn', put: 'tcp_v6_conn_request', take: 'tcp_create_openreq_child'},
	{queue: 'accept', put: 'tcp_create_openreq_child', take: 'inet_accept'},
	{queue: 'tsq', put: 'tcp_wfree', take: 'tcp_tsq_handler tcp_tasklet_func'},
];

/** What functions have to do with queues, by their numbers in a session. */
export interface Roles {
	/** Number of the queue plus 1 that a call puts its packet into, 0 for none. */
	readonly puts: Uint8Array;
	/** Whether its return value says that the queue has taken it. */
	readonly taken: readonly ((ret: number) => boolean)[];
	/** Number of the queue plus 1 that a call puts its socket into, or takes it out of; 0 for none. */
	readonly socketPuts: Uint8Array;
	readonly socketTakes: Uint8Array;
	/** Bit of enum Role: what else a function says of a packet's fate. */
	readonly marks: Uint8Array;
	/** Bit of enum Look: what has to be looked at when a record arrives. */
	readonly looks: Uint8Array;
}

/** AGAIN: puts a packet into the queue where it may be already. FREE: ends it. */
export const Role = {READ: 1, FORWARD: 2, SEND: 4, RECEIVE: 8, AGAIN: 16, FREE: 32} as const;

/** A socket waits or has waited; a TCP segment arrives, or is appended to those in order; fragments are put together. */
export const Look = {SOCKET: 1, ARRIVES: 2, IN_ORDER: 4, FRAGMENT: 8} as const;

/** Functions that hand a packet's bytes to a task, forward it, give it to a device, have it from a device, and so on. */
const ROLES: readonly (readonly [number, string])[] = [
	[
		Role.READ,
		'skb_copy_datagram_iter skb_consume_udp skb_free_datagram skb_copy_datagram_iovec skb_copy_and_csum_datagram_msg',
	],
	[Role.FORWARD, 'ip_forward ip6_forward __br_forward br_forward ip_forward_finish NF_INET_FORWARD'],
	[Role.SEND, 'dev_hard_start_xmit __dev_queue_xmit sch_direct_xmit net_dev_start_xmit net_dev_queue'],
	[
		Role.RECEIVE,
		'__netif_receive_skb_one_core __netif_receive_skb __netif_receive_skb_core ip_rcv ipv6_rcv arp_rcv netif_receive_skb',
	],
	[Role.AGAIN, 'tcp_event_new_data_sent tcp_rbtree_insert'],
	[
		Role.FREE,
		'kfree_skb kfree_skb_reason sk_skb_reason_drop consume_skb __consume_stateless_skb __kfree_skb kfree_skb_partial napi_consume_skb',
	],
];

const has = (names: string, name: string): boolean => names.split(' ').includes(name);
/** Without what the compiler appends. */
const plain = (name: string): string => name.replace(/\..*/, '');

/** @param functions of the session, with the numbers that records have. */
export function rolesOf(functions: readonly TracedFunction[]): Roles {
	const puts = new Uint8Array(functions.length);
	const taken = functions.map(() => ANY as (ret: number) => boolean);
	const socketPuts = new Uint8Array(functions.length);
	const socketTakes = new Uint8Array(functions.length);
	const marks = new Uint8Array(functions.length);
	const looks = new Uint8Array(functions.length);
	const traced = new Set(functions.flatMap(({name, why}) => (why === undefined ? [plain(name)] : [])));
	functions.forEach(({name: full}, fn) => {
		const name = plain(full);
		QUEUES.forEach((queue: Queue, number) => {
			for (const one of queue.puts) {
				if (!has(one.names, name)) continue;
				puts[fn] = number + 1;
				taken[fn] = one.taken;
			}
		});
		// Where the call that appends a segment in order is traced, one that has none inside has found a gap before it. What
		// puts it behind the gap, tcp_data_queue_ofo, is part of tcp_data_queue in every kernel.
		if (has(OUTER_TCP, name) && traced.has('tcp_queue_rcv')) {
			puts[fn] = name === 'tcp_data_queue' ? OUT_OF_ORDER + 1 : 0;
		}
		for (const wait of SOCKET_WAITS) {
			const number = indexOf(wait.queue) + 1;
			if (first(wait.put, traced) === name) socketPuts[fn] = number;
			if (first(wait.take, traced) === name) socketTakes[fn] = number;
		}
		for (const [role, names] of ROLES) if (has(names, name)) marks[fn] = (marks[fn] as number) | role;
		looks[fn] =
			(socketPuts[fn] === 0 && socketTakes[fn] === 0 ? 0 : Look.SOCKET) |
			(name === 'tcp_data_queue' && puts[fn] === OUT_OF_ORDER + 1 ? Look.ARRIVES : 0) |
			(name === 'tcp_queue_rcv' ? Look.IN_ORDER : 0) |
			(name === 'ip_defrag' ? Look.FRAGMENT : 0);
	});
	return {puts, taken, socketPuts, socketTakes, marks, looks};
}

function first(names: string, traced: ReadonlySet<string>): string | undefined {
	return names.split(' ').find((name) => traced.has(name));
}
