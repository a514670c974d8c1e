/** Twelve functions that have the packet at hand, as nine of ten calls of a busy machine do; other tracers know them, too. */
export const PACKET = [
	'ip_output',
	'ip_finish_output2',
	'__dev_queue_xmit',
	'dev_hard_start_xmit',
	'enqueue_to_backlog',
	'__netif_receive_skb_one_core',
	'ip_rcv',
	'ip_local_deliver',
	'udp_rcv',
	'__udp4_lib_rcv',
	'udp_queue_rcv_skb',
	'__udp_enqueue_schedule_skb',
];
