/** Sets of trace points for a purpose, by their first names in the catalogue. `-g` takes them beside the groups. */

export interface Preset {
	readonly name: string;
	/** What it is for. */
	readonly about: string;
	readonly functions: readonly string[];
	/** Tracepoints and netfilter hooks. */
	readonly marks: readonly string[];
}

const set = (name: string, about: string, functions: string, marks = ''): Preset => {
	return {name, about, functions: words(functions), marks: words(marks)};
};
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** The module of the thesis with this name, and what it changed. */
const thesis = (module: string, functions: string, marks = ''): Preset =>
	set(`thesis-${module}`, `What the module ${module} of 2005 traced.`, functions, marks);

const MODULES: readonly Preset[] = [
	thesis(
		'tcpin',
		`tcp_v4_rcv __inet_lookup_established tcp_v4_do_rcv tcp_rcv_established tcp_ack tcp_event_data_recv
		tcp_check_space __tcp_ack_snd_check tcp_data_queue`,
	),
	thesis(
		'tcpout',
		`tcp_sendmsg tcp_push __tcp_push_pending_frames tcp_write_xmit __tcp_transmit_skb tcp_retransmit_skb`,
	),
	thesis(
		'tcp_prot',
		`__tcp_select_window tcp_validate_incoming cubictcp_cong_avoid tcp_enter_loss cubictcp_recalc_ssthresh`,
	),
	thesis(
		'synfin',
		`tcp_v4_init_sock tcp_setsockopt tcp_v4_connect tcp_connect tcp_finish_connect tcp_send_ack
		tcp_rcv_state_process tcp_create_openreq_child tcp_v4_conn_request tcp_v4_send_synack tcp_close tcp_send_fin
		tcp_set_state tcp_fin tcp_send_delayed_ack tcp_time_wait`,
	),
	thesis(
		'udpio',
		`sk_common_release udp_connect udp_sendmsg udp_recvmsg udp_queue_rcv_skb udp_lib_get_port udp_lib_unhash
		udp_v4_get_port udp_rcv ip_generic_getfrag`,
	),
	thesis(
		'ip_rcv',
		`ip_rcv ip_route_input_noref ip_local_deliver ip_defrag ip_local_deliver_finish`,
		`ETH_P_ALL netif_receive_skb NF_INET_PRE_ROUTING NF_INET_LOCAL_IN`,
	),
	thesis(
		'ip_send',
		`ip_queue_xmit __ip_local_out ip_output ip_finish_output ip_finish_output2`,
		`NF_INET_LOCAL_OUT NF_INET_POST_ROUTING`,
	),
	thesis('ip_forward', `ip_forward ip_forward_finish ip_output`, `NF_INET_FORWARD`),
];

const unique = (names: readonly string[]): string[] => [...new Set(names)];

export const PRESETS: readonly Preset[] = [
	set(
		'default',
		'About one screen for a packet: sockets, TCP, UDP, IP, ICMP, ARP, devices, queues and drops.',
		`inet_stream_connect inet_accept inet_sendmsg inet_recvmsg inet_release
		tcp_v4_connect tcp_connect tcp_rcv_state_process tcp_v4_conn_request tcp_v4_send_synack
		tcp_create_openreq_child tcp_send_ack tcp_close tcp_send_fin tcp_fin tcp_time_wait tcp_set_state
		tcp_v4_send_reset
		tcp_sendmsg tcp_push tcp_write_xmit __tcp_transmit_skb tcp_retransmit_skb
		tcp_v4_rcv tcp_v4_do_rcv tcp_rcv_established tcp_ack tcp_data_queue tcp_queue_rcv tcp_add_backlog tcp_recvmsg
		skb_copy_datagram_iter tcp_enter_loss tcp_retransmit_timer
		udp_sendmsg udp_recvmsg udp_rcv udp_queue_rcv_skb __udp_enqueue_schedule_skb skb_consume_udp
		ip_rcv ip_route_input_noref ip_local_deliver ip_defrag
		ip_queue_xmit ip_output ip_finish_output2 ip_do_fragment
		ip_forward ip_forward_finish
		__dev_queue_xmit dev_hard_start_xmit __netif_receive_skb_one_core sk_skb_reason_drop
		enqueue_to_backlog dev_qdisc_enqueue sch_direct_xmit __release_sock
		icmp_rcv __icmp_send
		arp_rcv arp_xmit neigh_resolve_output __neigh_event_send`,
	),
	set(
		'minimal',
		'One point for each layer and direction, for busy machines.',
		`tcp_sendmsg tcp_recvmsg udp_sendmsg udp_recvmsg __tcp_transmit_skb tcp_v4_rcv udp_rcv ip_rcv ip_output
		ip_forward icmp_rcv __dev_queue_xmit dev_hard_start_xmit __netif_receive_skb_one_core enqueue_to_backlog
		sk_skb_reason_drop`,
	),
	{
		name: 'thesis',
		about: 'All eight modules of the thesis of 2005.',
		functions: unique(MODULES.flatMap(({functions}) => functions)),
		marks: unique(MODULES.flatMap(({marks}) => marks)),
	},
	...MODULES,
	set(
		'tcp',
		'A TCP connection, from system call to IP and back.',
		`inet_stream_connect inet_accept inet_sendmsg inet_recvmsg inet_release
		tcp_v4_connect tcp_connect tcp_rcv_state_process tcp_v4_conn_request tcp_v4_send_synack
		tcp_create_openreq_child tcp_send_ack tcp_close tcp_send_fin tcp_fin tcp_time_wait tcp_set_state
		tcp_v4_send_reset
		tcp_sendmsg tcp_push tcp_write_xmit __tcp_transmit_skb tcp_retransmit_skb tcp_event_new_data_sent
		tcp_v4_rcv tcp_v4_do_rcv tcp_rcv_established tcp_ack tcp_data_queue tcp_queue_rcv __tcp_ack_snd_check
		tcp_add_backlog tcp_recvmsg tcp_enter_loss tcp_retransmit_timer __release_sock tcp_finish_connect
		tcp_check_req inet_csk_complete_hashdance cubictcp_cong_avoid sk_wait_data`,
	),
	set(
		'handshake',
		'How connections begin and end; hardly any load.',
		`tcp_v4_init_sock tcp_setsockopt tcp_v4_connect tcp_connect tcp_finish_connect tcp_send_ack
		tcp_rcv_state_process tcp_create_openreq_child tcp_v4_conn_request tcp_conn_request tcp_v4_send_synack
		tcp_make_synack tcp_v4_syn_recv_sock tcp_check_req tcp_child_process inet_csk_complete_hashdance
		tcp_close __tcp_close tcp_shutdown tcp_send_fin tcp_set_state tcp_fin tcp_send_delayed_ack tcp_time_wait
		tcp_timewait_state_process tcp_done tcp_reset tcp_v4_send_reset tcp_send_active_reset tcp_v4_send_ack
		inet_csk_accept inet_csk_listen_start inet_csk_reqsk_queue_hash_add reqsk_timer_handler
		inet_csk_destroy_sock`,
	),
	set(
		'loss',
		'Retransmissions, congestion and drops.',
		`tcp_retransmit_skb __tcp_retransmit_skb tcp_retransmit_timer tcp_write_timer_handler tcp_send_loss_probe
		tcp_enter_loss tcp_enter_recovery tcp_enter_cwr tcp_fastretrans_alert tcp_undo_cwnd_reduction
		cubictcp_recalc_ssthresh tcp_rack_mark_lost tcp_send_dupack tcp_v4_send_reset tcp_reset sk_skb_reason_drop`,
	),
	set(
		'udp',
		'Datagrams, from system call to device and back.',
		`inet_sendmsg inet_recvmsg udp_sendmsg udp_send_skb ip_send_skb __ip_local_out ip_output ip_finish_output2
		udp_rcv udp_queue_rcv_skb __udp_enqueue_schedule_skb udp_recvmsg __skb_recv_udp __skb_wait_for_more_packets
		udp_v4_get_port udp_lib_unhash __udp4_lib_err sk_skb_reason_drop`,
	),
	set(
		'router',
		'Packets on their way through this machine.',
		`__netif_receive_skb_one_core ip_rcv ip_route_input_noref ip_forward ip_forward_finish ip_output
		ip_finish_output ip_finish_output2 ip_do_fragment neigh_resolve_output __dev_queue_xmit dev_qdisc_enqueue
		sch_direct_xmit dev_hard_start_xmit __icmp_send sk_skb_reason_drop`,
		`NF_INET_PRE_ROUTING NF_INET_FORWARD NF_INET_POST_ROUTING`,
	),
	set(
		'queues',
		'Every place where a packet waits.',
		`enqueue_to_backlog process_backlog tcp_add_backlog __release_sock tcp_queue_rcv tcp_data_queue
		skb_copy_datagram_iter __udp_enqueue_schedule_skb skb_consume_udp __sock_queue_rcv_skb __skb_try_recv_from_queue
		sk_wait_data __skb_wait_for_more_packets sk_stream_wait_memory dev_qdisc_enqueue pfifo_fast_enqueue
		fq_codel_enqueue tbf_enqueue __qdisc_run sch_direct_xmit net_tx_action qdisc_watchdog __neigh_event_send
		__neigh_update ip_defrag tcp_skb_entail __tcp_transmit_skb tcp_event_new_data_sent tcp_wfree tcp_tsq_handler
		tcp_v4_conn_request tcp_create_openreq_child inet_csk_accept`,
		`qdisc_enqueue qdisc_dequeue`,
	),
	set(
		'sockets',
		'System calls, and the sockets below them.',
		`__sys_socket inet_create __sys_connect inet_stream_connect inet_dgram_connect inet_bind inet_listen
		__sys_accept4 inet_accept __sys_sendto ____sys_sendmsg sock_write_iter inet_sendmsg __sys_recvfrom
		___sys_recvmsg sock_read_iter sock_recvmsg inet_recvmsg inet_shutdown inet_release sock_def_readable
		sock_def_wakeup sk_stream_write_space sk_stream_wait_memory sock_alloc_send_pskb sk_common_release`,
	),
	set(
		'devices',
		'Frames between IP and the drivers.',
		`net_rx_action __napi_poll gro_receive_skb __netif_rx enqueue_to_backlog process_backlog
		__netif_receive_skb_one_core netif_receive_skb_list_internal __dev_queue_xmit dev_qdisc_enqueue
		sch_direct_xmit dev_hard_start_xmit loopback_xmit veth_xmit packet_rcv tpacket_rcv dev_queue_xmit_nit
		napi_consume_skb sk_skb_reason_drop`,
	),
	set(
		'icmp-arp',
		'ICMP, ping, raw sockets, ARP and neighbours.',
		`icmp_rcv icmp_echo icmp_reply icmp_push_reply __icmp_send icmp_unreach icmp_socket_deliver icmp_redirect
		ping_rcv ping_v4_sendmsg ping_recvmsg raw_local_deliver raw_rcv raw_sendmsg raw_recvmsg tcp_v4_err igmp_rcv
		arp_rcv arp_process arp_solicit arp_send_dst arp_xmit neigh_resolve_output neigh_connected_output
		__neigh_event_send __neigh_update neigh_probe neigh_timer_handler arp_error_report`,
	),
	set(
		'ip6',
		'What the default set has for IPv4, for IPv6.',
		`ipv6_rcv ip6_route_input ip6_input ip6_protocol_deliver_rcu ip6_forward ip6_xmit inet6_csk_xmit ip6_local_out
		ip6_output ip6_finish_output2 ip6_fragment ipv6_frag_rcv tcp_v6_rcv tcp_v6_do_rcv tcp_v6_connect
		tcp_v6_conn_request tcp_v6_send_synack tcp_v6_send_reset udpv6_rcv udpv6_queue_rcv_skb udpv6_sendmsg
		udpv6_recvmsg udp_v6_send_skb icmpv6_rcv icmpv6_echo_reply icmp6_send ndisc_rcv ndisc_send_skb
		inet6_sendmsg inet6_recvmsg inet6_release`,
	),
];

/** The preset of this name. */
export function preset(name: string): Preset | undefined {
	return PRESETS.find((one) => one.name === name);
}
