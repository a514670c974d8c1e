/** What a record says, as text for the screen. */
import {addresses, ipColumns, isSegment, tcpColumns} from '../../formats/classic.js';
import {Context, Family, Kind, Proto} from '../../trace/record.js';
import type {Names} from '../../trace/session.js';
import type {RecordView} from '../../trace/view.js';
import {cells} from '../text.js';

const PROTOCOLS: Readonly<Record<number, string>> = {
	[Proto.TCP]: 'TCP',
	[Proto.UDP]: 'UDP',
	[Proto.ICMP]: 'ICMP',
	[Proto.ICMP6]: 'ICMPv6',
	[Proto.SCTP]: 'SCTP',
};

export const CONTEXT_LETTERS: Readonly<Record<number, string>> = {
	[Context.TASK]: 't',
	[Context.SOFTIRQ]: 's',
	[Context.HARDIRQ]: 'h',
};

export const CONTEXT_WORDS: Readonly<Record<number, string>> = {
	[Context.TASK]: 'task',
	[Context.SOFTIRQ]: 'softirq',
	[Context.HARDIRQ]: 'hardirq',
};

/** `10.0.0.1:80 → 10.0.0.2:1234`. */
export function endpoints(view: RecordView, at: number, arrow: string): string {
	return view.family(at) === Family.NONE ? '' : addresses(view, at).replace(' ', ` ${arrow} `);
}

/** By name; '' where there is none. */
export function protocol(view: RecordView, at: number): string {
	const family = view.family(at);
	if (family === Family.ARP) return 'ARP';
	if (family === Family.NONE) return '';
	const proto = view.proto(at);
	return proto === 0 ? '' : (PROTOCOLS[proto] ?? `proto ${proto}`);
}

/** What the classic log says of the packet beside its addresses, then its length and device. */
export function packetColumns(view: RecordView, at: number, names: Names, ascii: boolean): string {
	const name = protocol(view, at);
	const tcp = name === 'TCP' && isSegment(view, at);
	const segment = tcp ? tcpColumns(view.tcpFlags(at), view.seq(at), view.ack(at)) : '';
	const family = view.family(at);
	const ip = family === Family.IPV4 || family === Family.IPV6;
	const ipLayer = ip && names.session.functions[view.fn(at)]?.ipLayer === true;
	const id = ipLayer ? ` id ${ipColumns(view.ipid(at), 0).split(' ')[1]}` : '';
	const length = view.len(at) === 0 ? '' : ` ${view.len(at)}B`;
	const device = view.dev(at) === 0 ? undefined : names.device(view.dev(at));
	const on = device === undefined || device.name === '' ? '' : ` ${cells(device.name, ascii)}`;
	return `${name === '' ? '' : ` ${name}`}${segment}${id}${length}${on}`;
}

export function functionName(names: Names, fn: number): string {
	return names.session.functions[fn]?.name ?? `function_${fn}`;
}

/** Why the packet was dropped, and where. */
export function dropText(view: RecordView, at: number, names: Names): {reason: string; place: string} {
	const reason = names.session.dropReasons[view.ret(at)] ?? String(view.ret(at));
	return {reason, place: names.symbol(view.location(at))};
}

export const isDrop = (view: RecordView, at: number): boolean => view.kind(at) === Kind.DROP;
