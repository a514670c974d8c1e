import {fn, gone, group, mark} from '../row.js';

const CHOSEN = 'Congestion control is a choice of modules: CUBIC unless configured otherwise, Reno as the second name.';

export const TCP_PROT = group(
	'tcp_prot',
	'tcp',
	'How TCP decides what may be in flight: windows, congestion control, timers.',
	[
		fn('none', '__tcp_select_window', {classic: true})`
		Computes how large a window to offer to the other side from the room left for data; runs for nearly every segment sent.`,
		gone('none', 'tcp_select_window', '__tcp_select_window', 'Inlined into __tcp_transmit_skb; what it calls is seen.')`
		Chose the window for the header being written, never taking back what had been offered.`,
		gone(
			'none',
			'tcp_receive_window',
			'tcp_validate_incoming __tcp_select_window',
			'Inline; these two functions use it.',
		)`
		Told how much of the window offered last is still open.`,
		fn('none', 'cubictcp_cong_avoid tcp_reno_cong_avoid', {classic: 'tcp_cong_avoid', note: CHOSEN})`
		Lets the congestion window grow on an acknowledgment: quickly below the slow-start threshold, with care above it.`,
		fn('none', 'tcp_enter_loss', {classic: true})`
		A retransmission timer has expired: takes everything in flight for lost and starts again with a small congestion
		window.`,
		fn('none', 'cubictcp_recalc_ssthresh tcp_reno_ssthresh', {classic: 'tcp_recalc_ssthresh', note: CHOSEN})`
		Says where slow start shall end from now on, after a sign of congestion.`,
		fn('none', 'tcp_reno_cong_avoid', {
			note: 'Runs with Reno, and where another algorithm leaves the growth to it.',
		})`
		Window growth after Reno: doubling each round trip in slow start, one segment each round trip later.`,
		fn('none', 'tcp_slow_start')`
		Adds the acknowledged segments to the congestion window, up to the slow-start threshold.`,
		fn('none', 'tcp_cong_avoid_ai')`
		Adds a fraction of a segment to the congestion window for each acknowledgment, so that it grows linearly.`,
		fn('none', 'tcp_fastretrans_alert', {classic: true})`
		Judges what acknowledgments reveal about losses and reordering, moves between the congestion states and chooses what to
		send again.`,
		fn('none', 'tcp_enter_recovery')`
		Begins fast recovery: remembers how far the data had gone and reduces the congestion window.`,
		fn('none', 'tcp_enter_cwr', {
			classic: true,
			rare: 'Needs ECN, or a local queue that refuses packets.',
		})`
		Begins to reduce the congestion window without a loss: for an ECN mark, or because a queue of this machine is full.`,
		fn('none', 'tcp_cwnd_reduction')`
		Spreads the reduction of the congestion window over one round trip, in proportion to what gets through.`,
		fn('none', 'tcp_undo_cwnd_reduction', {
			classic: 'tcp_undo_cwr',
			rare: 'Needs a loss that was none; callers in the same file may use an inlined copy.',
		})`
		Gives the congestion window back when what looked like a loss was only a delay.`,
		fn('none', 'tcp_retransmit_timer', {classic: true})`
		No acknowledgment came in time: sends the oldest segment again, doubles the time to wait, and gives up in the end.`,
		fn('none', 'tcp_write_timer_handler', {classic: 'tcp_write_timer'})`
		A timer of the sending side has expired: retransmits, probes the window or the tail, or judges what was reordered, as it
		was set for.`,
		fn('none', 'tcp_delack_timer_handler', {classic: 'tcp_delack_timer'})`
		The time is over for which an acknowledgment was held back: sends it.`,
		fn('none', 'tcp_keepalive_timer', {classic: true})`
		Asks a silent connection whether it still lives, ends one that does not answer, and limits the time in FIN_WAIT2.`,
		fn('none', 'tcp_send_probe0', {classic: true})`
		Probes a closed window and sets the time of the next probe.`,
		fn('none', 'tcp_update_pacing_rate')`
		Computes from congestion window and round trip how fast segments should leave.`,
		fn('none', 'tcp_rearm_rto', {
			classic: 'tcp_ack_packets_out',
			note: 'Calls from tcp_input.c may reach a split-off copy and are then not seen.',
		})`
		Starts the retransmission timer anew after an acknowledgment, or stops it when nothing is in flight.`,
		fn('none', 'tcp_sync_mss', {classic: true})`
		Fits the size of segments to the MTU of the path.`,
		fn('none', 'tcp_rack_mark_lost')`
		Takes for lost what was sent clearly before a segment that has arrived (RACK).`,
		fn('none', 'tcp_init_transfer')`
		Prepares a connection for data when its handshake ends: first window, known facts about the path, congestion control.`,
		mark('none', 'tcp_cong_state_set', {absent: 'since 5.19'})`
		The moment at which a connection changes between the congestion states Open, Disorder, CWR, Recovery and Loss.`,
	],
);
