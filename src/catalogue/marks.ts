/** Places without begin and end: the kernel's tracepoints and its netfilter hooks. */
import type {Group} from './functions.js';

export interface Mark {
	/** Tracepoint, or hook as the kernel names it. */
	readonly name: string;
	readonly group: Group;
	/** Netfilter hook: protocol families it is attached for, and its number. */
	readonly hook?: {readonly families: readonly number[]; readonly number: number};
}

/** The drop of a packet, with the kernel's reason; traced by every backend. */
export const DROP: Mark = {name: 'kfree_skb', group: 'device'};

/** NFPROTO_IPV4 and NFPROTO_IPV6 of include/uapi/linux/netfilter.h. */
const FAMILIES = [2, 10] as const;

const hook = (name: string, number: number): Mark => ({name, group: 'netfilter', hook: {families: FAMILIES, number}});
const point = (group: Group, ...names: string[]): Mark[] => names.map((name) => ({name, group}));

/** All that the tracepoint backend shows. `netif_receive_skb` is where the thesis put a protocol handler of its own. */
export const MARKS: readonly Mark[] = [
	hook('NF_INET_PRE_ROUTING', 0),
	hook('NF_INET_LOCAL_IN', 1),
	hook('NF_INET_FORWARD', 2),
	hook('NF_INET_LOCAL_OUT', 3),
	hook('NF_INET_POST_ROUTING', 4),
	...point('ip_rcv', 'netif_receive_skb'),
	...point('device', 'net_dev_queue', 'net_dev_start_xmit', 'netif_rx'),
	...point('queue', 'qdisc_enqueue', 'qdisc_dequeue'),
	...point('tcpin', 'tcp_probe', 'tcp_receive_reset'),
	...point('tcpout', 'tcp_retransmit_skb'),
	...point('synfin', 'inet_sock_set_state', 'tcp_send_reset', 'tcp_destroy_sock'),
	...point('tcp_prot', 'tcp_cong_state_set'),
	...point('inet', 'sk_data_ready', 'sock_send_length', 'sock_recv_length', 'inet_sk_error_report'),
	...point('udpio', 'skb_copy_datagram_iovec', 'udp_fail_queue_rcv_skb'),
	...point('icmp', 'icmp_send'),
	DROP,
];
