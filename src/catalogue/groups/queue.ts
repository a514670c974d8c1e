import {fn, group, mark} from '../row.js';

const NEXT = 'Returns the frame, or nothing.';
const BYPASS = 'While nothing waits, frames go past it to the driver.';

export const QUEUE = group(
	'queue',
	'queue',
	'Where packets wait: input backlog, queueing disciplines, socket queues; and the memory they are charged to.',
	[
		fn('in', 'enqueue_to_backlog', {queue: 'cpu', frees: true})`
		Puts a received frame on the backlog of a CPU, where it waits for the softirq. A full backlog drops it.`,
		fn('in', 'process_backlog')`
		Takes frames off the backlog of this CPU and receives each.`,
		fn('in', 'tcp_add_backlog', {
			classic: 'sk_add_backlog',
			frees: true,
		})`
		Parks a segment because a task is using its socket just now. That task processes it when it lets the socket go; a full
		backlog drops it.`,
		fn('out', 'dev_qdisc_enqueue', {
			queue: 'qdisc',
			frees: true,
			note: 'The usual disciplines let a frame pass without it while nothing waits.',
			absent: 'since 5.15; before that inlined into __dev_queue_xmit',
		})`
		Gives a frame to the queueing discipline of its device, which keeps it or drops it.`,
		fn('out', '__qdisc_run', {classic: 'qdisc_run'})`
		Takes frames out of a queueing discipline and sends them, until it is empty, the device full or the turn over.`,
		fn('out', 'sch_direct_xmit', {classic: 'qdisc_restart', frees: true})`
		Sends frames that a queueing discipline let go, or puts them back when the device is busy.`,
		fn('out', 'pfifo_fast_enqueue', {queue: 'qdisc', classic: true, frees: true, note: BYPASS})`
		Discipline pfifo_fast: queues a frame in the band that its priority stands for.`,
		fn('out', 'pfifo_fast_dequeue', {classic: true, note: NEXT})`
		Discipline pfifo_fast: takes the next frame from the first band that has one.`,
		fn('out', 'fq_codel_enqueue', {queue: 'qdisc', frees: true, note: BYPASS, module: 'sch_fq_codel'})`
		Discipline fq_codel: queues a frame with the others of its flow.`,
		fn('out', 'fq_codel_dequeue', {note: NEXT, module: 'sch_fq_codel'})`
		Discipline fq_codel: takes the next frame, flow by flow, and drops frames that have waited too long.`,
		fn('out', 'tbf_enqueue', {queue: 'qdisc', classic: true, frees: true, module: 'sch_tbf'})`
		Discipline tbf: queues a frame, or drops one that is too large or finds no room.`,
		fn('out', 'tbf_dequeue', {classic: true, note: NEXT, module: 'sch_tbf'})`
		Discipline tbf: takes the next frame if there are tokens for it, else sets a timer for when there will be.`,
		fn('out', 'qdisc_watchdog', {classic: true})`
		The timer of a shaping discipline: time to try the next frame.`,
		fn('out', '__netif_schedule', {classic: true})`
		Has the softirq of transmission visit a queueing discipline soon.`,
		fn('out', 'net_tx_action', {classic: true})`
		The softirq of transmission: frees what devices have sent and runs the disciplines that wait for their turn.`,
		fn('out', 'netif_tx_wake_queue', {
			classic: 'netif_wake_queue',
			rare: 'Needs a device whose ring had been full.',
		})`
		A device has room again: its queue may go on.`,
		fn('both', 'release_sock', {classic: true, sleeps: true})`
		A task lets its socket go. Packets that came meanwhile are processed now.`,
		fn('in', '__release_sock', {classic: true, sleeps: true})`
		Processes in the calling task, one by one, the packets that waited because the socket was in use.`,
		fn('in', '__sk_backlog_rcv', {rare: 'Only for sockets that serve to free memory, such as swap over the network.'})`
		Processes a packet of the backlog with access to the emergency memory.`,
		fn('in', 'sk_wait_data', {classic: 'tcp_data_wait', sleeps: true})`
		A reader waits for data on an empty stream socket; its end is the moment when some came.`,
		fn('in', '__skb_wait_for_more_packets', {classic: 'wait_for_packet', sleeps: true})`
		A reader waits for a packet on an empty datagram socket.`,
		fn('in', '__skb_try_recv_from_queue')`
		Takes the next packet off a receive queue, or only looks at it.`,
		fn('in', 'sock_queue_rcv_skb_reason sock_queue_rcv_skb', {classic: 'sock_queue_rcv_skb', frees: true})`
		Runs the socket's filter on a packet and appends it, for raw, ping and packet sockets.`,
		fn('in', '__sock_queue_rcv_skb', {queue: 'receive', frees: true})`
		Appends a packet to the receive queue and wakes the reader, unless the receive buffer is full.`,
		fn('both', 'tcp_rbtree_insert', {from: 'tcpCb'})`
		Enters a segment in the tree of those in flight, by sequence number.`,
		fn('both', 'skb_queue_tail', {classic: true})`
		Appends a packet to a list, under its lock.`,
		fn('out', 'sock_wfree', {classic: true})`
		A datagram sent is freed: its bytes no longer count in the send buffer.`,
		fn('in', 'sock_rfree', {classic: true})`
		A packet received is freed: its bytes no longer count in the receive buffer.`,
		fn('both', '__sk_mem_schedule', {classic: 'tcp_mem_schedule'})`
		Asks for memory from what all sockets of a protocol may use together. A refusal leads to drops.`,
		mark('out', 'qdisc_enqueue', {absent: 'since 5.15'})`
		The moment at which a frame is queued in a queueing discipline.`,
		mark('out', 'qdisc_dequeue')`
		The moment at which a frame is taken out of a queueing discipline.`,
	],
);
