/** Everything that is known of one row of the trace. */
import {knownFunction, layerOf} from '../../catalogue/knowledge.js';
import {WallClock} from '../../trace/clock.js';
import {changes, tcpInside} from '../../trace/inside.js';
import type {PacketRow} from '../../trace/packets/packet-row.js';
import {queueAt} from '../../trace/packets/queues.js';
import {Family, Kind, Proto} from '../../trace/record.js';
import type {Device, FunctionStat, Names} from '../../trace/session.js';
import {callCount} from '../../trace/statistics.js';
import {Entry, type Store} from '../../trace/store.js';
import type {Tasks} from '../../trace/tasks.js';
import type {RecordView} from '../../trace/view.js';
import type {Segment} from '../chrome/segment.js';
import {duration, whole} from '../numbers.js';
import {SPARK_CELLS, sparkline} from '../tables/functions.js';
import {cells as safe} from '../text.js';
import type {Theme} from '../theme.js';
import {CONTEXT_WORDS, dropText, endpoints, functionName, protocol} from '../trace/facts.js';
import {type Row, RowKind} from '../trace/layout.js';
import type {TakenWait} from '../trace/waits.js';
import {type Content, field, paragraph} from './content.js';

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

export interface Subject {
	readonly store: Store;
	readonly row: Row;
	readonly stat: FunctionStat | undefined;
	/** What is known of the packet with that number. */
	readonly packet: (number: number) => PacketRow | undefined;
}

export function inspectContent(
	{store, row, stat, packet: packetOf}: Subject,
	names: Names,
	tasks: Tasks,
	theme: Theme,
	cells: number,
): Content {
	const entry = new Entry();
	if (!store.read(row.entry, entry)) return {title: 'Gone', lines: paragraph('It has left the memory.', cells)};
	const {view} = entry;
	const at = entry.at + row.offset;
	const kind = view.kind(at);
	if (kind === Kind.LOSS) return {title: 'Lost events', lines: paragraph('Here events were lost.', cells)};
	if (row.kind === RowKind.WAIT && row.wait !== undefined) return waitContent(row.wait, names, theme, cells);
	const fn = names.session.functions[view.fn(at)];
	const name = functionName(names, view.fn(at));
	const facts = knownFunction(name);
	const older = facts?.classic === name ? '' : (facts?.classic ?? '');
	const line = (label: string, value: string) => field(label, safe(value, theme.ascii), cells);
	const task = tasks.get(entry.task);
	const context = CONTEXT_WORDS[view.context(at)];
	const process = task === undefined ? `thread ${view.tid(at)}` : `${task.comm}[${task.pid}], thread ${view.tid(at)}`;
	const under =
		row.offset === 0 && entry.under !== 0 ? `${functionName(names, view.under(at) - 1)} of block ${entry.under}` : '';
	const group = fn?.group ?? '';
	const lines: Segment[][] = [
		...line(
			'where',
			`${group} (${facts?.layer ?? layerOf(name, group)})${older === '' ? '' : `, ${older} in Linux 2.4`}`,
		),
		...times(view, at, row, names, theme, cells),
		...line('on', context === undefined ? '' : `CPU ${view.cpu(at)}, ${context}, ${process}`),
		...line('on top of', under),
		...line('block', `${entry.block === 0 ? 'none' : entry.block}, depth ${row.depth}`),
		...packet(view, at, names, theme, cells),
		...numbered(view.packet(at), packetOf, theme, cells),
		...(fn?.returnsNumber === true && view.ended(at) ? line('returned', String(view.ret(at))) : []),
		...latency(view, at, stat, theme, cells),
		...(facts === undefined ? [] : [[], ...paragraph(facts.does, cells)]),
	];
	return {title: `${name} ${KINDS[kind] ?? ''}`, lines};
}

/** The number of a packet, and what became of it. */
function numbered(number: number, of: Subject['packet'], theme: Theme, cells: number): Segment[][] {
	if (number === 0) return [];
	const row = of(number);
	if (row === undefined) return field('packet no.', String(number), cells);
	const parent = row.parent === 0 ? '' : `, ${row.birth} of packet ${row.parent}`;
	return [
		...field('packet no.', `${number}${parent}: ${safe(row.fateText, theme.ascii)}`, cells),
		...field('', `${duration(Math.max(0, row.total), theme.ascii)} in all; J shows its journey`, cells),
	];
}

function waitContent({packet, wait}: TakenWait, names: Names, theme: Theme, cells: number): Content {
	const {name, words} = queueAt(wait.queue);
	const device = wait.dev === 0 ? '' : (names.device(wait.dev)?.name ?? '');
	return {
		title: `wait ${name}`,
		lines: [
			...field('queue', words, cells),
			...field('device', safe(device, theme.ascii), cells),
			...field('packet no.', String(packet), cells),
			...field('waited', duration(wait.end - wait.begin, theme.ascii), cells),
			...field('before it', wait.length < 0 ? '' : `${wait.length} in the queue`, cells),
			...field('put in by', functionName(names, wait.from), cells),
			...field('taken by', functionName(names, wait.to), cells),
		],
	};
}

/** All about a packet of the packets pane. */
export function packetContent(row: PacketRow | undefined, theme: Theme, cells: number): Content {
	if (row === undefined) return {title: 'Packet', lines: paragraph('No packet is selected.', cells)};
	const time = (value: number): string => duration(Math.max(0, value), theme.ascii);
	const line = (label: string, value: string) =>
		field(label, safe(value.replaceAll('→', theme.glyphs.arrow), theme.ascii), cells);
	return {
		title: `Packet ${row.number}`,
		lines: [
			...line('flow', `${row.proto} ${row.a} → ${row.b}`),
			...line('from packet', row.parent === 0 ? '' : `${row.parent}, ${row.birth}`),
			...line('fate', row.fateText),
			...line('path', row.path),
			...line('total', time(row.total)),
			...line('functions', time(row.inFunctions)),
			...line('queues', time(row.inQueues)),
			...line('between', time(row.between)),
			...line('slowest', row.slowest > 0 ? `${row.slowestName} ${time(row.slowest)}` : ''),
		],
	};
}

const KINDS: Readonly<Record<number, string>> = {
	[Kind.CALL]: 'call',
	[Kind.OPEN]: 'open call',
	[Kind.MARK]: 'mark',
	[Kind.DROP]: 'drop',
};

function times(view: RecordView, at: number, row: Row, names: Names, theme: Theme, cells: number): Segment[][] {
	const clock = new WallClock(names.session.wallOffset);
	const text = (later: number): string => {
		clock.set(view, at, later);
		return `${clock.clock().slice(0, -1)}.${String(clock.nanos).padStart(9, '0')}`;
	};
	if (view.kind(at) === Kind.DROP) {
		const {reason, place} = dropText(view, at, names);
		return [
			...field('at', text(0), cells),
			[
				{text: 'dropped'.padEnd(12), style: 'faint'},
				{text: reason, style: 'drop'},
			],
			...field('in', safe(place, theme.ascii), cells),
		];
	}
	if (!view.ended(at)) return field(view.kind(at) === Kind.MARK ? 'at' : 'begin', text(0), cells);
	const whole = duration(view.duration(at), theme.ascii);
	const own = row.self < 0 ? '' : `, ${duration(row.self, theme.ascii)} of it in itself`;
	return [
		...field('begin', text(0), cells),
		...field('end', text(view.duration(at)), cells),
		...field('took', `${whole}${own}`, cells),
	];
}

function packet(view: RecordView, at: number, names: Names, theme: Theme, cells: number): Segment[][] {
	if (view.family(at) === Family.NONE) return field('packet', 'not known here', cells);
	const line = (label: string, value: string) => field(label, safe(value, theme.ascii), cells);
	const device = view.dev(at) === 0 ? undefined : names.device(view.dev(at));
	const length = view.len(at) === 0 ? '' : `, ${whole(view.len(at))} bytes`;
	const flags = FLAGS.filter((_, bit) => (view.tcpFlags(at) & (1 << bit)) !== 0).join(' ');
	const tcp = view.proto(at) === Proto.TCP && flags !== '';
	return [
		...line('packet', endpoints(view, at, theme.glyphs.arrow)),
		...line('', `${protocol(view, at)}${length}${view.ipid(at) === 0 ? '' : `, id ${view.ipid(at)}`}`),
		...(tcp ? line('TCP', `${flags}, seq ${view.seq(at)}, ack ${view.ack(at)}`) : []),
		...(device === undefined ? [] : line('device', deviceText(device))),
		...inside(view, at, theme, cells),
	];
}

/** What the TCP socket knew, and what the call changed of it. */
function inside(view: RecordView, at: number, theme: Theme, cells: number): Segment[][] {
	const tcp = tcpInside(view, at);
	if (tcp === undefined) return [];
	const ssthresh = tcp.ssthresh === undefined ? 'no ssthresh yet' : `ssthresh ${tcp.ssthresh}`;
	const srtt = tcp.srtt === 0 ? '' : `, srtt ${duration(tcp.srtt * 1000, theme.ascii)}`;
	return [
		...field('changed', changes(tcp, theme.glyphs.arrow) || 'nothing of this', cells),
		...field('socket', `${tcp.newState}, ${tcp.congestion}, cwnd ${tcp.newCwnd}, ${ssthresh}${srtt}`, cells),
		...field('', `send window ${whole(tcp.sndWnd)}, receive window ${whole(tcp.rcvWnd)}`, cells),
		...field('', `${tcp.packetsOut} in flight, ${tcp.retransmits} sent again`, cells),
	];
}

function deviceText({name, ifindex, netns}: Device): string {
	const which = name !== '' ? `${name}, ` : ifindex !== 0 ? `number ${ifindex}, ` : '';
	return `${which}namespace ${netns}`;
}

/** The function's histogram, and the place of this call in it. */
function latency(
	view: RecordView,
	at: number,
	stat: FunctionStat | undefined,
	theme: Theme,
	cells: number,
): Segment[][] {
	const calls = stat === undefined ? 0 : Number(callCount(stat));
	if (stat === undefined || calls === 0 || !view.ended(at)) return [];
	const time = view.duration(at);
	const bucket = time < 2 ? 0 : Math.floor(Math.log2(time));
	const below = stat.bucket.slice(0, bucket).reduce((sum, value) => sum + Number(value), 0);
	const within = (Number(stat.bucket[bucket] ?? 0n) * (time - 2 ** bucket)) / 2 ** bucket;
	// Of its own bucket as many are shorter as there would be if it was filled evenly; itself it is not longer than.
	const share = Math.floor((Math.min(calls - 1, below + Math.max(0, within)) / calls) * 1000) / 1000;
	const mark = ' '.repeat(Math.max(0, Math.min(SPARK_CELLS - 1, bucket - 6)));
	return [
		...field('latency', `longer than ${(share * 100).toFixed(1)}% of ${whole(calls)} calls`, cells),
		[{text: ' '.repeat(12)}, {text: sparkline(stat, theme), style: 'accent'}, {text: ' 64ns to 16ms', style: 'faint'}],
		[{text: ' '.repeat(12)}, {text: `${mark}${theme.glyphs.up}`, style: 'hot'}],
	];
}
