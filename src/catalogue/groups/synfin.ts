import {fn, gone, group, mark} from '../row.js';

const SEVEN = 'More arguments than trampolines take before 6.6; kprobes take them.';

export const SYNFIN = group(
	'synfin',
	'tcp',
	'Life of a TCP connection: set-up, tear-down, reset, and the changes of state.',
	[
		fn('none', 'tcp_v4_init_sock', {classic: true})`
		Gives a new IPv4 TCP socket its first values: queues, timers, congestion control.`,
		fn('none', 'tcp_setsockopt', {classic: true, sleeps: true})`
		Sets an option of a TCP socket, or passes on the options that belong to IP.`,
		fn('out', 'tcp_v4_connect', {classic: true, sleeps: true, late: true})`
		Opens a connection from this side: finds a route, settles source and port, becomes SYN_SENT and has the SYN sent.`,
		fn('out', 'tcp_connect', {classic: true})`
		Makes the SYN, sets sequence numbers and windows for the start and transmits it.`,
		gone(
			'in',
			'tcp_rcv_synsent_state_process',
			'tcp_finish_connect tcp_rcv_state_process',
			'Inlined into tcp_rcv_state_process; tcp_finish_connect runs once the answer is accepted.',
		)`
		Processed the SYN|ACK that answers our SYN and sent the third segment of the handshake.`,
		fn('out', 'tcp_send_ack', {
			classic: true,
			note: 'Acknowledgments that the delayed-ACK logic sends at once go past it: __tcp_transmit_skb has them all.',
		})`
		Makes a segment without payload that acknowledges what has come, and transmits it.`,
		fn('in', 'tcp_rcv_state_process', {classic: true, frees: true})`
		The state machine for a segment of a connection that is not, or no longer, simply open: both handshakes and resets.`,
		fn('in', 'tcp_create_openreq_child', {queue: 'accept', classic: true})`
		Makes a socket for a connection out of the small record kept since its SYN.`,
		fn('in', 'tcp_v4_conn_request', {classic: true})`
		A SYN has reached a listening IPv4 socket: refuses what was broadcast and has the rest answered.`,
		fn('in', 'tcp_conn_request')`
		Answers a SYN, for IPv4 and IPv6 alike: minds the length of the queues, falls back to SYN cookies, reads the options,
		sends SYN|ACK.`,
		fn('out', 'tcp_v4_send_synack tcp_make_synack', {
			classic: true,
			note: 'More arguments than trampolines take before 6.6: there the making of the segment is shown instead.',
		})`
		Finds a route for the SYN|ACK and sends it.`,
		fn('out', 'tcp_make_synack', {classic: true})`
		Makes the SYN|ACK segment with its options.`,
		fn('in', 'tcp_v4_syn_recv_sock', {classic: true})`
		The handshake is complete: makes the socket of the new connection and enters it in the hash table.`,
		fn('in', 'tcp_check_req', {classic: true})`
		Compares a segment with the connection request it belongs to: the awaited acknowledgment, the SYN once more, or
		something to refuse.`,
		fn('in', 'tcp_child_process', {classic: true, frees: true})`
		Hands the segment that completed the handshake to the new socket and wakes the task in accept.`,
		fn('in', 'inet_csk_complete_hashdance', {layer: 'queue', classic: 'tcp_acceptq_queue'})`
		Moves a finished connection from the requests to where the listening socket keeps those that wait for accept.`,
		fn('in', 'tcp_finish_connect')`
		The client side becomes ESTABLISHED: prepares for data and wakes the task in connect.`,
		fn('none', 'tcp_close', {classic: true, sleeps: true})`
		Closes a TCP socket: sends FIN, or a reset when data was left unread, and waits where lingering was asked for.`,
		fn('none', '__tcp_close', {sleeps: true})`
		Does the work of closing while it holds the socket.`,
		fn('none', 'tcp_shutdown', {classic: true})`
		Ends the sending half of a connection; the other half goes on.`,
		fn('out', 'tcp_send_fin', {classic: true})`
		Puts FIN on the last segment that waits, or on one of its own, and sends it.`,
		gone('none', 'tcp_close_state', 'tcp_set_state', 'Inlined; the change of state it makes is seen.')`
		Chose the state that follows a close, and whether a FIN had to go out.`,
		fn('in', 'tcp_fin', {classic: true})`
		The other side has sent its FIN: changes the state, sees to the acknowledgment and wakes readers, who find the end.`,
		fn('none', 'tcp_send_delayed_ack', {classic: true})`
		Sets the timer that will acknowledge a little later, in the hope of data to send along.`,
		fn('none', 'tcp_time_wait', {classic: true})`
		Puts a small record in the place of a finished socket. It answers stray segments for FIN_WAIT2 or TIME_WAIT.`,
		fn('none', 'tcp_set_state', {
			classic: true,
			note: 'Some changes go past it; the tracepoint inet_sock_set_state sees all.',
		})`
		Changes the state of a connection and the counters; on CLOSE it is taken out of the hash table.`,
		fn('in', 'tcp_timewait_state_process', {classic: true})`
		Judges a segment for a connection that waits in FIN_WAIT2 or TIME_WAIT: ignore, acknowledge, or let a new one begin.`,
		fn('none', 'tcp_done', {classic: true})`
		Ends a connection for good: state CLOSE, timers off, and the socket goes when no task holds it.`,
		fn('in', 'tcp_reset', {classic: true})`
		Accepts a reset from the other side: the application gets an error, the connection ends.`,
		fn('out', 'tcp_v4_send_reset', {classic: true})`
		Answers a segment that nobody wants with a reset.`,
		fn('out', 'tcp_send_active_reset', {classic: true})`
		Breaks a connection off with a reset: at a close with data unread, without lingering, or for want of memory.`,
		fn('out', 'tcp_v4_send_ack', {classic: true, note: SEVEN})`
		Sends an acknowledgment where there is no full socket: for TIME_WAIT, or a request not yet accepted.`,
		fn('none', 'inet_csk_accept', {layer: 'queue', classic: 'tcp_accept', sleeps: true, late: true})`
		Gives accept the connection that has waited longest, and waits for one when there is none.`,
		fn('none', 'inet_csk_listen_start', {classic: 'tcp_listen_start', sleeps: true})`
		Makes a socket listen: prepares the accept queue and enters the socket in the hash table.`,
		fn('in', 'inet_csk_reqsk_queue_hash_add', {classic: 'tcp_v4_synq_add'})`
		Keeps a half-open connection after its SYN, with the timer that repeats the SYN|ACK.`,
		fn('none', 'reqsk_timer_handler', {classic: 'tcp_synack_timer'})`
		Repeats the SYN|ACK of a half-open connection, or forgets it after too many tries.`,
		fn('none', 'inet_csk_destroy_sock', {classic: 'tcp_destroy_sock'})`
		Frees a connection socket that is closed and that nobody holds.`,
		mark('none', 'inet_sock_set_state', {classic: 'tcp_set_state'})`
		The moment at which a connection changes its state, with the old and the new one.`,
		mark('out', 'tcp_send_reset')`
		The moment at which this side sends a reset.`,
		mark('none', 'tcp_destroy_sock', {classic: true})`
		The moment at which a TCP socket is destroyed.`,
	],
);
