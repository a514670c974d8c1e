/**
 * The passages that the thesis of 2005 discusses, each as what a block of today's trace must show. The kernel tests look
 * for them, and docs/walkthrough.md shows the blocks that were found.
 */
import type {Line} from './pkttop.js';

/** A block in the order of its lines. */
export type Block = readonly Line[];

export interface Passage {
	readonly id: string;
	/** Whether the block shows it. */
	readonly in: (block: Block) => boolean;
	/** Since Linux 6.4, as netfilter programs. */
	readonly hooks?: true;
}

type Wanted = Readonly<Partial<Line>>;

/**
 * Finds calls or marks that stand inside one another, not always directly, with these names: `a > b`, alternatives by `|`.
 * Returns the innermost, undefined where there is none.
 */
export function inside(block: Block, path: string, wanted: Wanted = {}): Line | undefined {
	const names = path.split(' > ').map((name) => name.split('|'));
	const around: {line: Line; matched: number}[] = [];
	for (const line of block) {
		while (around.length > 0 && (around.at(-1) as {line: Line}).line.depth >= line.depth) around.pop();
		const before = around.at(-1)?.matched ?? 0;
		const matches = names[before]?.includes(line.fn) === true;
		if (matches && before === names.length - 1 && has(line, wanted)) return line;
		around.push({line, matched: matches && before < names.length - 1 ? before + 1 : before});
	}
	return undefined;
}

const has = (line: Line, wanted: Wanted): boolean =>
	Object.entries(wanted).every(([key, value]) => line[key as keyof Line] === value);

/** The first call that changes the state so. */
const changes = (block: Block, state: string, newstate: string): Line | undefined =>
	block.find((line) => line.state === state && line.newstate === newstate);

const QUEUED = 'tcp_data_queue|tcp_queue_rcv|tcp_event_data_recv';
/** Where TCP looks at a segment of a connection that is open. */
const OPEN = 'tcp_v4_do_rcv > tcp_rcv_established';

export const PASSAGES: readonly Passage[] = [
	{id: 'socket', in: (block) => inside(block, 'tcp_v4_init_sock') !== undefined},
	{
		id: 'connect',
		in: (block) =>
			inside(block, 'tcp_v4_connect > tcp_connect > __tcp_transmit_skb', {flags: 'S'}) !== undefined &&
			inside(block, 'tcp_v4_connect', {state: 'CLOSE', newstate: 'SYN_SENT'}) !== undefined,
	},
	{
		id: 'listen',
		in: (block) =>
			inside(block, 'tcp_rcv_state_process > tcp_v4_conn_request > tcp_v4_send_synack|tcp_make_synack') !== undefined &&
			inside(block, 'tcp_rcv_state_process', {state: 'LISTEN', newstate: 'LISTEN'}) !== undefined,
	},
	{
		id: 'syn-ack',
		in: (block) =>
			inside(block, 'tcp_rcv_state_process', {state: 'SYN_SENT', newstate: 'ESTABLISHED'}) !== undefined &&
			inside(block, 'tcp_rcv_state_process > tcp_finish_connect > tcp_set_state') !== undefined &&
			inside(block, 'tcp_rcv_state_process > tcp_send_ack > __tcp_transmit_skb') !== undefined,
	},
	{
		id: 'accepted',
		in: (block) =>
			inside(block, 'tcp_v4_rcv > tcp_create_openreq_child') !== undefined &&
			changes(block, 'SYN_RECV', 'ESTABLISHED') !== undefined,
	},
	{
		id: 'data-direct',
		in: (block) => inside(block, `tcp_v4_rcv > ${OPEN} > ${QUEUED}`) !== undefined,
	},
	{
		id: 'backlog',
		in: (block) => inside(block, 'tcp_v4_rcv > tcp_add_backlog') !== undefined,
	},
	{
		id: 'data-backlog',
		in: (block) => inside(block, `__release_sock > ${OPEN} > ${QUEUED}`) !== undefined,
	},
	{
		id: 'pure-ack',
		in: (block) =>
			inside(block, `tcp_v4_rcv > ${OPEN} > tcp_ack`, {flags: '.'}) !== undefined &&
			inside(block, `${OPEN} > ${QUEUED}|tcp_write_xmit|cubictcp_cong_avoid`) === undefined,
	},
	{
		id: 'send',
		in: (block) =>
			inside(block, 'tcp_sendmsg > tcp_push > tcp_write_xmit > __tcp_transmit_skb > ip_queue_xmit') !== undefined,
	},
	{
		id: 'cwnd',
		in: (block) => {
			const grown = inside(block, 'tcp_ack > cubictcp_cong_avoid|tcp_reno_cong_avoid');
			return grown?.newcwnd !== undefined && grown.newcwnd > (grown.cwnd ?? 0);
		},
	},
	{
		id: 'close',
		in: (block) =>
			inside(block, 'tcp_close > tcp_send_fin > tcp_write_xmit > __tcp_transmit_skb') !== undefined &&
			inside(block, 'tcp_close > tcp_set_state', {state: 'ESTABLISHED', newstate: 'FIN_WAIT1'}) !== undefined,
	},
	{
		id: 'fin-wait2',
		in: (block) => inside(block, 'tcp_rcv_state_process > tcp_set_state', {newstate: 'FIN_WAIT2'}) !== undefined,
	},
	{id: 'time-wait', in: (block) => inside(block, 'tcp_time_wait') !== undefined},
	{
		id: 'udp-send',
		in: (block) => inside(block, 'udp_sendmsg > ip_output > ip_finish_output2', {proto: 'udp'}) !== undefined,
	},
	{
		id: 'udp-receive',
		in: (block) => inside(block, 'udp_rcv > udp_queue_rcv_skb|udp_queue_rcv_one_skb', {proto: 'udp'}) !== undefined,
	},
	{id: 'udp-read', in: (block) => inside(block, 'inet_recvmsg > udp_recvmsg', {proto: 'udp'}) !== undefined},
	{id: 'udp-close', in: (block) => inside(block, 'inet_release > sk_common_release > udp_lib_unhash') !== undefined},
	{
		id: 'ip-send',
		hooks: true,
		in: (block) =>
			inside(block, 'ip_queue_xmit > __ip_local_out > NF_INET_LOCAL_OUT') !== undefined &&
			inside(block, 'ip_queue_xmit > ip_output > NF_INET_POST_ROUTING') !== undefined,
	},
	{
		id: 'ip-receive',
		hooks: true,
		in: (block) => {
			const [own, first] = [inside(block, 'ETH_P_ALL'), inside(block, 'ip_rcv')];
			return (
				(own?.at ?? Number.POSITIVE_INFINITY) < (first?.begin ?? 0) &&
				inside(block, 'ip_rcv > NF_INET_PRE_ROUTING') !== undefined &&
				inside(block, 'ip_rcv > ip_local_deliver > NF_INET_LOCAL_IN') !== undefined
			);
		},
	},
	{
		id: 'ip-forward',
		hooks: true,
		in: (block) =>
			inside(block, 'ip_rcv > NF_INET_PRE_ROUTING') !== undefined &&
			inside(block, 'ip_rcv > ip_forward > NF_INET_FORWARD') !== undefined &&
			inside(block, 'ip_forward > ip_forward_finish|ip_output > NF_INET_POST_ROUTING') !== undefined,
	},
];
