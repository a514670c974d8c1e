import {fn, gone, group, mark} from '../row.js';

export const TCPOUT = group('tcpout', 'tcp', 'A TCP segment on its way down: from the task that writes to IP.', [
	fn('out', 'tcp_sendmsg', {classic: true, sleeps: true, bytes: 'written'})`
		The send call of TCP: takes the socket and has the data of the application cut into segments and sent. Waits when the
		send buffer is full.`,
	fn('out', 'tcp_sendmsg_locked', {sleeps: true, bytes: 'written'})`
		Copies data of the application into segments on the write queue, or refers to it there, and starts output whenever
		enough has come together.`,
	fn('out', 'tcp_push', {classic: true})`
		Ends a send call: marks the last segment with PSH and starts output, unless it is better to wait for more data.`,
	fn('out', '__tcp_push_pending_frames', {classic: true})`
		Sends as much of the write queue as is allowed. Where nothing may go and nothing is in flight it starts the timer that
		probes the window.`,
	gone(
		'out',
		'tcp_push_pending_frames',
		'__tcp_push_pending_frames',
		'A header has it inline; what it calls does the work.',
	)`
		Asked whether anything is queued before starting output.`,
	fn('out', 'tcp_write_xmit', {classic: true})`
		The loop that sends: segment after segment as long as both windows, the pacing and the limit on queued
		bytes allow, splitting those that are too large.`,
	gone('out', 'tcp_snd_test', 'tcp_write_xmit', 'Several smaller tests now, all inlined into tcp_write_xmit.')`
		Asked whether windows and the rule of Nagle let a segment go now.`,
	fn('out', '__tcp_transmit_skb', {queue: 'flight', classic: 'tcp_transmit_skb', frees: true, from: 'tcpCb'})`
		Writes the TCP header of one segment, options and checksum included, and gives it to IP. It sends a copy: the original
		stays queued until it is acknowledged.`,
	fn('out', 'tcp_retransmit_skb', {classic: true, from: 'tcpCb'})`
		Sends a segment again that is taken for lost, and counts it.`,
	fn('out', '__tcp_retransmit_skb', {from: 'tcpCb'})`
		Does the work of sending again: cuts off what has been acknowledged, splits what is too large, transmits. A probe for a
		lost tail comes here too.`,
	fn('out', 'tcp_push_one', {classic: true})`
		Sends only the first queued segment, while a long send call is still filling the others.`,
	fn('out', 'tcp_skb_entail skb_entail', {classic: 'skb_entail', from: 'tcpCb'})`
		Appends a new segment to the write queue of its socket, where it waits for the window and for more bytes.`,
	fn('out', 'tcp_event_new_data_sent', {classic: 'update_send_head', from: 'tcpCb'})`
		Counts a segment just sent among those in flight, no longer among those to write, and sees that the retransmission timer runs.`,
	fn('out', 'tcp_send_loss_probe')`
		Sends one more segment when the last ones stay without answer for longer than two round trips take, so that a loss at the end of
		the data shows before the timer expires.`,
	fn('out', 'tcp_wfree', {classic: 'sock_wfree'})`
		Runs when the copy of a segment that went down is freed. Its bytes no longer count as queued below TCP, and a socket
		held back for that reason may send again.`,
	fn('out', 'tcp_tsq_handler', {absent: 'up to 7.1; later kernels have it inlined into tcp_tasklet_func'})`
		Lets a socket send again that had too many bytes waiting in queueing discipline and device.`,
	fn('out', 'tcp_xmit_retransmit_queue', {
		classic: true,
		note: 'Calls from tcp_input.c may reach a split-off copy and are then not seen.',
	})`
		Walks through the segments taken for lost and sends again what the congestion window allows.`,
	fn('out', 'tcp_write_wakeup', {classic: true})`
		Sends a small segment that provokes an answer, to learn whether the window of the other side is still closed.`,
	mark('out', 'tcp_retransmit_skb', {classic: true})`
		The moment of a retransmission, with the socket and the segment.`,
]);
