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

type Wanted = (line: Line) => boolean;

/**
 * Finds calls or marks that stand inside one another, not always directly, with these names: `a > b`, alternatives by `|`.
 * Returns the innermost, undefined where there is none.
 */
export function inside(block: Block, path: string, wanted: Wanted = () => true): Line | undefined {
	const names = path.split(' > ').map((name) => name.split('|'));
	const around: {line: Line; matched: number}[] = [];
	for (const line of block) {
		while (around.length > 0 && (around.at(-1) as {line: Line}).line.depth >= line.depth) around.pop();
		const before = around.at(-1)?.matched ?? 0;
		const matches = names[before]?.includes(line.fn) === true;
		if (matches && before === names.length - 1 && wanted(line)) return line;
		around.push({line, matched: matches && before < names.length - 1 ? before + 1 : before});
	}
	return undefined;
}

/** A line with these fields. */
const being =
	(fields: Readonly<Partial<Line>>): Wanted =>
	(line) =>
		Object.entries(fields).every(([key, value]) => line[key as keyof Line] === value);

/** The first call that changes the state so. */
const changes = (block: Block, state: string, newstate: string): Line | undefined =>
	block.find((line) => line.state === state && line.newstate === newstate);

const QUEUED = 'tcp_data_queue|tcp_queue_rcv|tcp_event_data_recv';
/** A segment with more than a header: data begins at 60 bytes at the latest. */
const withData: Wanted = ({len = 0}) => len > 60;
/** Where TCP looks at a segment of a connection that is open. */
const OPEN = 'tcp_v4_do_rcv > tcp_rcv_established';

export const PASSAGES: readonly Passage[] = [
	{id: 'socket', in: (block) => inside(block, 'tcp_v4_init_sock') !== undefined},
	{
		id: 'connect',
		in: (block) =>
			inside(block, 'tcp_v4_connect > tcp_connect > __tcp_transmit_skb', being({flags: 'S'})) !== undefined &&
			inside(block, 'tcp_v4_connect', being({state: 'CLOSE', newstate: 'SYN_SENT'})) !== undefined,
	},
	{
		id: 'listen',
		in: (block) =>
			inside(block, 'tcp_rcv_state_process > tcp_v4_conn_request > tcp_v4_send_synack|tcp_make_synack') !== undefined &&
			inside(block, 'tcp_rcv_state_process', being({state: 'LISTEN', newstate: 'LISTEN'})) !== undefined,
	},
	{
		id: 'syn-ack',
		in: (block) =>
			inside(block, 'tcp_rcv_state_process', being({state: 'SYN_SENT', newstate: 'ESTABLISHED'})) !== undefined &&
			inside(block, 'tcp_rcv_state_process > tcp_finish_connect > tcp_set_state') !== undefined &&
			inside(block, 'tcp_rcv_state_process > __tcp_transmit_skb', being({flags: '.'})) !== undefined,
	},
	{
		id: 'accepted',
		in: (block) =>
			inside(block, 'tcp_v4_rcv > tcp_create_openreq_child') !== undefined &&
			changes(block, 'SYN_RECV', 'ESTABLISHED') !== undefined,
	},
	{
		id: 'data-direct',
		in: (block) => inside(block, `tcp_v4_rcv > ${OPEN} > ${QUEUED}`, withData) !== undefined,
	},
	{
		id: 'backlog',
		in: (block) => inside(block, 'tcp_v4_rcv > tcp_add_backlog') !== undefined,
	},
	{
		id: 'data-backlog',
		in: (block) => inside(block, `__release_sock > ${OPEN} > ${QUEUED}`, withData) !== undefined,
	},
	{
		id: 'pure-ack',
		in: (block) => inside(block, `${OPEN} > tcp_ack`, (line) => line.flags === '.' && !withData(line)) !== undefined,
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
			inside(block, 'tcp_close > tcp_set_state', being({state: 'ESTABLISHED', newstate: 'FIN_WAIT1'})) !== undefined,
	},
	{
		id: 'fin-wait2',
		in: (block) => inside(block, 'tcp_rcv_state_process > tcp_set_state', being({newstate: 'FIN_WAIT2'})) !== undefined,
	},
	{id: 'time-wait', in: (block) => inside(block, 'tcp_time_wait') !== undefined},
	{
		id: 'udp-send',
		in: (block) => inside(block, 'udp_sendmsg > ip_output > ip_finish_output2', being({proto: 'udp'})) !== undefined,
	},
	{
		id: 'udp-receive',
		in: (block) =>
			inside(block, 'udp_rcv > udp_queue_rcv_skb|udp_queue_rcv_one_skb', being({proto: 'udp'})) !== undefined,
	},
	{id: 'udp-read', in: (block) => inside(block, 'inet_recvmsg > udp_recvmsg', being({proto: 'udp'})) !== undefined},
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
