import {fn, gone, group, mark} from '../row.js';

export const TCPIN = group('tcpin', 'tcp', 'A TCP segment on its way up: from IP to the task that reads.', [
	fn('in', 'tcp_v4_rcv', {classic: true, frees: true})`
		Takes every IPv4 segment from IP, checks header and checksum and looks for its socket. Then the segment is processed,
		parked on the backlog of a busy socket, or refused with a reset.`,
	fn('in', '__inet_lookup_established tcp_v4_early_demux __inet_lookup_listener', {
		classic: '__tcp_v4_lookup',
		note: 'More arguments than trampolines take before 6.6: there the look-up ahead of routing is shown instead.',
	})`
		Searches the hash table of open connections for the one with the addresses and ports of the segment.`,
	fn('in', '__inet_lookup_listener', {
		classic: 'tcp_v4_lookup',
		note: 'More arguments than trampolines take before 6.6; kprobes take them.',
	})`
		Searches the listening sockets once no open connection fits: how a SYN comes to its server.`,
	fn('in', 'tcp_v4_do_rcv', {classic: true, frees: true})`
		Processes one segment on a socket that is ours: the short way for an open connection, the state machine for any other.
		Runs in softirq, or in a task that works off its backlog.`,
	fn('in', 'tcp_rcv_established', {classic: true, frees: true})`
		Processes a segment of an open connection: a short path for what was expected next, a long one for the rest.
		Acknowledges, queues the payload and sends what has become possible.`,
	fn('in', 'tcp_ack', {classic: true})`
		Reads acknowledgment, SACK blocks and window out of a segment. What the other side has is removed from the queue; round
		trip, congestion state and timer follow.`,
	gone('in', 'tcp_event_data_rcv', 'tcp_event_data_recv', 'A spelling of the thesis; the kernel always had recv.')`
		Kept the books when payload had come.`,
	fn('in', 'tcp_event_data_recv', {classic: true})`
		Keeps the books when payload has come: guesses the segment size of the sender, decides whether acknowledgments may be
		delayed and lets the window grow.`,
	fn('in', 'tcp_check_space __tcp_push_pending_frames', {
		classic: '__tcp_data_snd_check',
		note: 'Of the inlined tcp_data_snd_check this part is always seen.',
	})`
		Looks, after a segment came in, whether a writer who waits for room in the send buffer can go on, and wakes it.`,
	fn('in', '__tcp_ack_snd_check', {classic: true})`
		Decides about the acknowledgment of what just came: at once, a little later by timer, or together with others when
		segments are missing.`,
	gone('in', 'tcp_ack_snd_check', '__tcp_ack_snd_check', 'Inlined into its callers; what it calls does the work.')`
		Asked whether an acknowledgment is due at all before deciding when to send it.`,
	fn('in', 'tcp_data_queue', {classic: true, frees: true})`
		Puts the payload of a segment where it belongs: on the receive queue when it is next in order, among the early ones when
		something before it is missing. Old data is dropped, a FIN acted on.`,
	fn('in', 'tcp_queue_rcv', {queue: 'receive'})`
		Appends a segment that is next in order to the receive queue, joined with the last one where that fits. From here on
		the reader can have it.`,
	fn('in', 'tcp_v4_early_demux', {absent: 'up to 7.1; later kernels have it inlined into ip_rcv_finish_core'})`
		Looks for the connection of a segment before it is routed, so that the route kept with the socket can be used. Packets
		over loopback bring a route along and skip it.`,
	fn('in', 'tcp_validate_incoming', {frees: true})`
		Judges sequence number, timestamp, RST and SYN before a segment may touch the connection. A segment outside the
		window ends here, mostly with an acknowledgment in reply.`,
	fn('in', 'tcp_rcv_space_adjust')`
		Measures how fast the application reads and enlarges the receive buffer to suit.`,
	fn('in', 'tcp_recvmsg', {classic: true, sleeps: true, bytes: 'read'})`
		The receive call of TCP: gives the application the bytes that are queued and waits when there are none.`,
	fn('in', 'tcp_recvmsg_locked', {
		sleeps: true,
		bytes: 'read',
		absent: 'since 5.12; before that a part of tcp_recvmsg',
	})`
		Copies queued bytes to the application, and waits, while it holds the socket.`,
	fn('in', '__tcp_cleanup_rbuf tcp_cleanup_rbuf', {classic: 'cleanup_rbuf'})`
		Decides, after the application has read, whether the other side should hear that the window is open again.`,
	fn('in', 'tcp_data_ready')`
		Wakes whoever waits for data on the socket once enough of it is queued.`,
	fn('in', 'tcp_try_rmem_schedule')`
		Charges payload to the memory of its socket. Short of memory, it throws out early segments first; failing that, the
		caller drops the segment.`,
	fn('in', 'tcp_send_dupack')`
		Answers a segment that cannot be used by repeating the last acknowledgment, with a note of what came twice.`,
	fn('in', 'tcp_sacktag_write_queue', {classic: true})`
		Notes which of the segments in flight the other side says it has received out of order (SACK).`,
	fn('in', 'tcp_filter', {
		classic: 'sk_filter',
		frees: true,
		note: 'A compiler may inline it into tcp_v4_rcv, as on Debian with 6.12: then it is seen for IPv6 only.',
		absent: 'up to 7.1; later kernels have it inlined into tcp_v4_rcv and tcp_v6_rcv',
	})`
		Runs the BPF filter that the application has put on the socket, which may shorten or refuse the segment.`,
	mark('in', 'tcp_probe')`
		The moment at which an open connection begins to process a segment, with its windows and round trip.`,
	mark('in', 'tcp_receive_reset')`
		The moment at which a connection accepts a reset from the other side.`,
]);
