/** The form of the catalogue's rows, and the words they are written with in `groups/`. */

/** Groups as in the thesis, and those its author wished for. */
export type Group =
	| 'tcpin'
	| 'tcpout'
	| 'tcp_prot'
	| 'synfin'
	| 'udpio'
	| 'ip_rcv'
	| 'ip_send'
	| 'ip_forward'
	| 'netfilter'
	| 'device'
	| 'inet'
	| 'queue'
	| 'icmp'
	| 'arp'
	| 'ipv6';

/** Parts of the network stack that a function belongs to, from the application to the wire. */
export const LAYERS = [
	'socket',
	'tcp',
	'udp',
	'icmp',
	'ip',
	'netfilter',
	'neighbour',
	'queue',
	'device',
	'other',
] as const;
export type Layer = (typeof LAYERS)[number];

/** Which way the packet goes; `none` where no packet moves: timers, settings, states. */
export type Direction = 'in' | 'out' | 'both' | 'none';

/** From where a function's packet can be read at its begin: enum read_from of bpf/packet.h. */
export const ReadFrom = {
	/** Headers in the skb, else the socket. */
	headers: 0,
	/** Addresses from the socket, sequence and flags from TCP_SKB_CB: no header is written yet. */
	tcpCb: 1,
	/** Addresses from the socket, transport header from the skb: the IP header is not written yet. */
	transport: 2,
} as const;

/** `hook`: of netfilter. `handler`: of pkttop's own, for packets of every protocol. */
export const MARK_KINDS = ['hook', 'tracepoint', 'handler'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

/** What a socket call moves: enum bytes of bpf/control.h. */
export const Bytes = {written: 1, read: 2} as const;

/** Queues whose length a call that puts something there can tell: enum queue_kind of bpf/control.h. */
export const Lengths = {cpu: 1, qdisc: 2, neighbour: 3, receive: 4, accept: 5, flight: 6} as const;

export interface Row {
	/** A mark is a place without begin and end. `gone`: only Linux 2.4 had it, and nothing of that name can be traced. */
	readonly kind: 'function' | MarkKind | 'gone';
	readonly group: Group;
	/**
	 * Names in order of preference: kernels rename and inline, the first one that can be attached is taken. Of what is gone:
	 * what shows the same moment now, nothing where nothing does.
	 */
	readonly names: readonly string[];
	/** Name in Linux 2.4; undefined where 2.4 had nothing like it. */
	readonly classic: string | undefined;
	readonly layer: Layer;
	readonly direction: Direction;
	/** What it does for a packet: one or two sentences. */
	readonly does: string;
	/** Whether it may wait: for data, room, another task's lock, or a page of user memory. */
	readonly sleeps: boolean;
	/** Whether the skb it was called with may be freed, or handed on for good, when it returns. */
	readonly frees: boolean;
	/** It can be attached and hardly ever runs; `note` says why. */
	readonly rare: boolean;
	/** What a user should know before tracing it. */
	readonly note: string | undefined;
	readonly from: keyof typeof ReadFrom | undefined;
	/** Its socket knows the other side only at its end (accept, a first connect, a datagram received). */
	readonly late: boolean;
	/** Which bytes of a TCP stream it moves: `seq` of its records is where in the stream these begin, `ret` how many. */
	readonly bytes: keyof typeof Bytes | undefined;
	/** The queue that it puts something into, where the length of that is known. */
	readonly queue: keyof typeof Lengths | undefined;
	/**
	 * Arguments of those names that BTF does not have, a compiler's copies (`.constprop.0`), by space as the copy takes
	 * them. `skb`, `sk`: what they are; `**skb` points to a pointer to the skb; other words only count.
	 */
	readonly hidden: string | undefined;
	/** The module it is in where it is not in the kernel itself. */
	readonly module: string | undefined;
	/** Which kernels do not have it, and why; undefined where all since 5.10 do. */
	readonly absent: string | undefined;
	/** Number of a netfilter hook. */
	readonly hook: number | undefined;
}

/** What a row says beside its names and its text. */
interface More {
	/** Name in Linux 2.4; `true` for the same name. */
	readonly classic?: string | true;
	/** Where it is not the layer of the group. */
	readonly layer?: Layer;
	readonly sleeps?: true;
	readonly frees?: true;
	readonly from?: keyof typeof ReadFrom;
	readonly late?: true;
	readonly bytes?: keyof typeof Bytes;
	readonly queue?: keyof typeof Lengths;
	readonly hidden?: string;
	readonly module?: string;
	readonly absent?: string;
	readonly note?: string;
	/** Why it hardly ever runs: `note` of a row that is `rare`. */
	readonly rare?: string;
}

type Draft = Omit<Row, 'group' | 'layer'> & {readonly layer: Layer | undefined};
/** Takes the text behind a row: a template, so that it may stand on several lines. */
type Text = (does: TemplateStringsArray) => Draft;

function draft(kind: Row['kind'], direction: Direction, names: string, more: More, hook?: number): Text {
	return ([does = '']) => {
		const all = names === '' ? [] : names.split(' ');
		return {
			kind,
			names: all,
			classic: more.classic === true ? all[0] : more.classic,
			layer: more.layer,
			direction,
			does: does.trim().replace(/\s+/g, ' '),
			sleeps: more.sleeps === true,
			frees: more.frees === true,
			rare: more.rare !== undefined,
			note: more.rare ?? more.note,
			from: more.from,
			late: more.late === true,
			bytes: more.bytes,
			queue: more.queue,
			hidden: more.hidden,
			module: more.module,
			absent: more.absent,
			hook,
		};
	};
}

/** A kernel function. `names` by space. */
export const fn = (direction: Direction, names: string, more: More = {}): Text =>
	draft('function', direction, names, more);

/** A tracepoint. */
export const mark = (direction: Direction, name: string, more: More = {}): Text =>
	draft('tracepoint', direction, name, more);

/** pkttop's own handler of a protocol that stands for all. */
export const handler = (direction: Direction, name: string, more: More): Text =>
	draft('handler', direction, name, more);

/** A netfilter hook, with its number. */
export const hook = (direction: Direction, name: string, number: number, more: More): Text =>
	draft('hook', direction, name, more, number);

/**
 * What Linux 2.4 had and no kernel of today has.
 * @param now names of what shows the same moment, by space; @param note what became of it.
 */
export const gone = (direction: Direction, classic: string, now: string, note: string, more: More = {}): Text =>
	draft('gone', direction, now, {...more, classic, note});

export interface GroupRows {
	readonly name: Group;
	/** Layer of the rows that do not name one. */
	readonly layer: Layer;
	/** What its functions have in common, as a title. */
	readonly about: string;
	readonly rows: readonly Row[];
}

export function group(name: Group, layer: Layer, about: string, drafts: readonly Draft[]): GroupRows {
	return {name, layer, about, rows: drafts.map((row) => ({...row, group: name, layer: row.layer ?? layer}))};
}
