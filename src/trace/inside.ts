/** What the TCP socket of a call knew, from the record of a function that may change it. */
import {Family, Flag, SIZE_IPV4, SIZE_IPV6, TcpAt} from './record.js';
import type {RecordView} from './view.js';

/** enum of include/net/tcp_states.h, by number. */
const STATES = [
	'',
	'ESTABLISHED',
	'SYN_SENT',
	'SYN_RECV',
	'FIN_WAIT1',
	'FIN_WAIT2',
	'TIME_WAIT',
	'CLOSE',
	'CLOSE_WAIT',
	'LAST_ACK',
	'LISTEN',
	'CLOSING',
	'NEW_SYN_RECV',
];
/** enum tcp_ca_state of include/uapi/linux/tcp.h. */
const CONGESTION = ['Open', 'Disorder', 'CWR', 'Recovery', 'Loss'];
/** What the kernel's ssthresh is before there is one (TCP_INFINITE_SSTHRESH). */
const INFINITE = 0x7fffffff;

/** Windows in bytes; cwnd, ssthresh and counts in segments. */
export interface TcpInside {
	/** Names of the kernel; at the begin of the call and at its end. */
	readonly state: string;
	readonly newState: string;
	readonly cwnd: number;
	readonly newCwnd: number;
	/** From here on as of the end. */
	readonly congestion: string;
	/** undefined: slow start has no end yet. */
	readonly ssthresh: number | undefined;
	readonly sndWnd: number;
	readonly rcvWnd: number;
	/** us; 0 before the first was measured. */
	readonly srtt: number;
	/** Sent and not acknowledged. */
	readonly packetsOut: number;
	/** Since the connection began. */
	readonly retransmits: number;
}

/** Undefined where the record has none. */
export function tcpInside(view: RecordView, at: number): TcpInside | undefined {
	if ((view.flags(at) & Flag.TCP) === 0) return undefined;
	const inside = at + (view.family(at) === Family.IPV6 ? SIZE_IPV6 : SIZE_IPV4);
	const byte = (offset: number) => view.bytes[inside + offset] as number;
	const half = (offset: number) => view.halves[(inside + offset) >>> 1] as number;
	const word = (offset: number) => view.words[(inside + offset) >>> 2] as number;
	const ssthresh = word(TcpAt.ssthresh);
	return {
		state: stateName(byte(TcpAt.state)),
		newState: stateName(byte(TcpAt.new_state)),
		cwnd: word(TcpAt.cwnd),
		newCwnd: word(TcpAt.new_cwnd),
		congestion: CONGESTION[byte(TcpAt.congestion)] ?? String(byte(TcpAt.congestion)),
		ssthresh: ssthresh >= INFINITE ? undefined : ssthresh,
		sndWnd: word(TcpAt.snd_wnd),
		rcvWnd: word(TcpAt.rcv_wnd),
		srtt: word(TcpAt.srtt),
		packetsOut: half(TcpAt.packets_out),
		retransmits: half(TcpAt.retransmits),
	};
}

function stateName(state: number): string {
	return STATES[state] || String(state);
}

/** What the call changed: `ESTABLISHED → FIN_WAIT1`, `cwnd 10 → 11`, both, or ''. */
export function changes({state, newState, cwnd, newCwnd}: TcpInside, arrow: string): string {
	const parts = [];
	if (state !== newState) parts.push(`${state} ${arrow} ${newState}`);
	if (cwnd !== newCwnd) parts.push(`cwnd ${cwnd} ${arrow} ${newCwnd}`);
	return parts.join(', ');
}
