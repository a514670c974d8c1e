/**
 * The trace points of the default set: about one screen for a packet. One row a function; everything that pkttop knows
 * of it beforehand is here, the rest (arguments, return type) it learns from the kernel's BTF.
 */

/** Groups as in the thesis, and those its author wished for. */
export type Group =
	| 'tcpin'
	| 'tcpout'
	| 'tcp_prot'
	| 'synfin'
	| 'udpio'
	| 'ip_rcv'
	| 'ip_send'
	| 'ip_forward'
	| 'netfilter'
	| 'device'
	| 'inet'
	| 'queue'
	| 'icmp'
	| 'arp';

/** From where a function's packet can be read at its begin: enum read_from of bpf/packet.h. */
export const ReadFrom = {
	/** Headers in the skb, else the socket. */
	headers: 0,
	/** Addresses from the socket, sequence and flags from TCP_SKB_CB: no header is written yet. */
	tcpCb: 1,
	/** Addresses from the socket, transport header from the skb: the IP header is not written yet. */
	transport: 2,
} as const;

export interface TracePoint {
	/** Names in order of preference: kernels rename and inline, the first one that can be attached is taken. */
	readonly names: readonly string[];
	readonly group: Group;
	readonly from?: keyof typeof ReadFrom;
	/** Its socket knows the other side only at its end (accept, a first connect, a datagram received). */
	readonly late?: boolean;
}

const fn = (group: Group, names: string, more: Pick<TracePoint, 'from' | 'late'> = {}): TracePoint => ({
	names: names.split(' '),
	group,
	...more,
});

export const DEFAULT_SET: readonly TracePoint[] = [
	fn('inet', 'inet_stream_connect', {late: true}),
	fn('inet', 'inet_accept', {late: true}),
	fn('inet', 'inet_sendmsg'),
	fn('inet', 'inet_recvmsg', {late: true}),
	fn('inet', 'inet_release'),
	fn('synfin', 'tcp_v4_connect', {late: true}),
	fn('synfin', 'tcp_connect'),
	fn('synfin', 'tcp_rcv_state_process'),
	fn('synfin', 'tcp_v4_conn_request'),
	fn('synfin', 'tcp_v4_send_synack tcp_make_synack'),
	fn('synfin', 'tcp_create_openreq_child'),
	fn('synfin', 'tcp_send_ack'),
	fn('synfin', 'tcp_close'),
	fn('synfin', 'tcp_send_fin'),
	fn('synfin', 'tcp_fin'),
	fn('synfin', 'tcp_time_wait'),
	fn('synfin', 'tcp_set_state'),
	fn('synfin', 'tcp_v4_send_reset'),
	fn('tcpout', 'tcp_sendmsg'),
	fn('tcpout', 'tcp_push'),
	fn('tcpout', 'tcp_write_xmit'),
	fn('tcpout', '__tcp_transmit_skb', {from: 'tcpCb'}),
	fn('tcpout', 'tcp_retransmit_skb', {from: 'tcpCb'}),
	fn('tcpin', 'tcp_v4_rcv'),
	fn('tcpin', 'tcp_v4_do_rcv'),
	fn('tcpin', 'tcp_rcv_established'),
	fn('tcpin', 'tcp_ack'),
	fn('tcpin', 'tcp_data_queue'),
	fn('queue', 'tcp_add_backlog'),
	fn('tcpin', 'tcp_recvmsg'),
	fn('tcp_prot', 'tcp_enter_loss'),
	fn('tcp_prot', 'tcp_retransmit_timer'),
	fn('udpio', 'udp_sendmsg'),
	fn('udpio', 'udp_recvmsg', {late: true}),
	fn('udpio', 'udp_rcv'),
	fn('udpio', 'udp_queue_rcv_skb udp_queue_rcv_one_skb'),
	fn('udpio', '__udp_enqueue_schedule_skb'),
	fn('ip_rcv', 'ip_rcv'),
	fn('ip_rcv', 'ip_route_input_noref'),
	fn('ip_rcv', 'ip_local_deliver'),
	fn('ip_rcv', 'ip_defrag'),
	fn('ip_send', 'ip_queue_xmit', {from: 'transport'}),
	fn('ip_send', 'ip_output'),
	fn('ip_send', 'ip_finish_output2'),
	fn('ip_send', 'ip_do_fragment'),
	fn('ip_forward', 'ip_forward'),
	fn('ip_forward', 'ip_forward_finish'),
	fn('device', '__dev_queue_xmit'),
	fn('device', 'dev_hard_start_xmit'),
	fn('device', '__netif_receive_skb_one_core'),
	fn('device', 'sk_skb_reason_drop kfree_skb_reason'),
	fn('queue', 'enqueue_to_backlog'),
	fn('queue', 'dev_qdisc_enqueue'),
	fn('queue', 'sch_direct_xmit'),
	fn('queue', '__release_sock'),
	fn('icmp', 'icmp_rcv'),
	fn('icmp', '__icmp_send'),
	fn('arp', 'arp_rcv'),
	fn('arp', 'arp_xmit'),
	fn('arp', 'neigh_resolve_output'),
];

const IP_LAYER: ReadonlySet<Group> = new Set<Group>(['ip_rcv', 'ip_send', 'ip_forward', 'netfilter']);

/** Whether the IP columns of the classic log (identification and protocol) belong to the lines of a group. */
export function isIpLayer(group: Group): boolean {
	return IP_LAYER.has(group);
}
