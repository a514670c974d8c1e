/** What a record says about the two sides of its flow, and how a flow is written. */
import {ipv4Text, ipv6Text} from './address.js';
import {PROTOCOLS} from './filter/words.js';
import type {FlowKey} from './flow-index.js';
import {At, Family, Proto} from './record.js';
import type {RecordView} from './view.js';

/** What a record says about the sides: nothing, too little, enough where nothing around it says more, both. */
export const Sides = {NONE: 0, SOME: 1, ENOUGH: 2, BOTH: 3} as const;

/** Of a call or mark. Not both: a socket that listens, or is bound to all addresses, or is about to connect. */
export function sidesOf(view: RecordView, at: number): number {
	const family = view.family(at);
	if (family === Family.NONE) return Sides.NONE;
	if (family === Family.ARP) return Sides.BOTH;
	const six = family === Family.IPV6;
	const source = isSet(view, at + (six ? At.saddr6 : At.saddr), six);
	const target = isSet(view, at + (six ? At.daddr6 : At.daddr), six);
	const ports = (view.sport(at) === 0 ? 0 : 1) + (view.dport(at) === 0 ? 0 : 1);
	if (!hasPorts(view.proto(at))) return source && target ? Sides.BOTH : target ? Sides.ENOUGH : Sides.SOME;
	if (ports === 1 || !target) return ports === 2 && source ? Sides.ENOUGH : Sides.SOME;
	if (source) return Sides.BOTH; // without ports: a fragment after the first
	return ports === 2 ? Sides.ENOUGH : Sides.SOME;
}

export interface FlowTexts {
	/** `tcp`, `udp`, `icmp`, `icmp6`, `arp`, `sctp`, else the number. */
	readonly proto: string;
	/** Address and port as in the classic log; the side that was seen as the source first. */
	readonly a: string;
	readonly b: string;
	/**
	 * Filter for the flow in both directions. Like Wireshark's it takes a flow with exchanged ports, should there be one. It
	 * does not take calls that knew one side only, though their flow counts them.
	 */
	readonly filter: string;
}

export function flowTexts({family, proto, bytes, a, b, portA, portB}: FlowKey): FlowTexts {
	const address = family === Family.IPV6 ? ipv6Text : ipv4Text;
	const [hostA, hostB] = [address(bytes, a), address(bytes, b)];
	const name = family === Family.ARP ? 'arp' : (NAMES[proto] ?? String(proto));
	// Of two equal ones both ends must be meant.
	const hosts = hostA === hostB ? `src and dst host ${hostA}` : `host ${hostA} and host ${hostB}`;
	const ports = portA === portB ? `src and dst port ${portA}` : `port ${portA} and port ${portB}`;
	return {
		proto: name,
		a: endpoint(hostA, portA),
		b: endpoint(hostB, portB),
		filter: `${protocolFilter(family, proto)} and ${hosts}${portA === 0 && portB === 0 ? '' : ` and ${ports}`}`,
	};
}

const NAMES: Readonly<Record<number, string>> = {
	[Proto.ICMP]: 'icmp',
	[Proto.TCP]: 'tcp',
	[Proto.UDP]: 'udp',
	[Proto.ICMP6]: 'icmp6',
	[Proto.SCTP]: 'sctp',
};

const hasPorts = (proto: number): boolean => proto === Proto.TCP || proto === Proto.UDP || proto === Proto.SCTP;

function isSet({words}: RecordView, at: number, six: boolean): boolean {
	const i = at >>> 2;
	if (!six) return words[i] !== 0;
	return (words[i]! | words[i + 1]! | words[i + 2]! | words[i + 3]!) !== 0;
}

function endpoint(host: string, port: number): string {
	if (port === 0) return host;
	return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The words that ask for this protocol. Of proto 0 the filter language knows only the family. */
function protocolFilter(family: number, proto: number): string {
	const wanted = PROTOCOLS.find((word) => word.proto === proto && [Family.NONE, family].includes(word.family));
	return wanted?.name ?? `proto ${proto}`;
}
