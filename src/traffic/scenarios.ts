/** The table of scenarios: what the demo can show. Help, `all`, the hosts that are started and the tests follow from it. */
import {isIPv4} from 'node:net';
import {PORTS} from './protocols/ports.js';
import type {ProtocolName} from './protocols/protocols.js';
import {type HostName, NETWORKS} from './topology.js';

/** `from` sends to `address`, where `to` answers. */
export interface Exchange {
	readonly protocol: ProtocolName;
	readonly from: HostName;
	/** Who forwards it. */
	readonly via?: HostName;
	readonly to: HostName;
	readonly address: string;
}

export interface Scenario {
	readonly name: string;
	readonly help: string;
	/** In this order. */
	readonly exchanges: readonly Exchange[];
}

const both = (name: ProtocolName, ends: Omit<Exchange, 'protocol' | 'address'>, addresses: readonly string[]) =>
	addresses.map((address): Exchange => ({protocol: name, ...ends, address}));
const direct = (name: ProtocolName) => both(name, {from: 'client', to: 'server'}, ['10.30.91.2', 'fd30:91::2']);
const routed = (name: ProtocolName) =>
	both(name, {from: 'client', via: 'router', to: 'server'}, ['10.30.93.2', 'fd30:93::2']);
const loopback = (name: ProtocolName) => both(name, {from: 'client', to: 'client'}, ['127.0.0.1']);

export const SCENARIOS = [
	{
		name: 'tcp',
		help: 'connections with a request and an answer, and a transfer as with FTP',
		exchanges: [...direct('tcp'), ...direct('ftp')],
	},
	{
		name: 'udp',
		help: `datagrams and their echo from port ${PORTS.echo}, over loopback, too`,
		exchanges: [...direct('udp'), ...loopback('udp')],
	},
	{name: 'icmp', help: 'ping', exchanges: direct('ping')},
	{name: 'forward', help: 'UDP and TCP through a router', exchanges: [...routed('udp'), ...routed('tcp')]},
	{
		name: 'drop',
		help: 'closed ports, a firewall, a time to live that is too short',
		exchanges: [
			...direct('refusedDatagram'),
			...direct('refusedConnection'),
			...routed('filtered'),
			...routed('expired'),
		],
	},
	{
		name: 'fragment',
		help: 'datagrams that are too large for a link, of the sender and behind the router',
		exchanges: [
			...direct('fragments'),
			...routed('routerFragments').filter(({address}) => isIPv4(address)),
			...routed('tooBig'),
			...routed('large'),
		],
	},
	{name: 'loss', help: 'TCP segments that are lost and sent again', exchanges: direct('lossy')},
] as const satisfies readonly Scenario[];

/** What is sent while tracing when no scenario is named: between two hosts, cheap, a bit of everything. */
export const SHORT_ROUND: readonly Exchange[] = [
	...direct('udp'),
	...loopback('udp'),
	...direct('tcp'),
	...direct('ping'),
];

/** Names that people may say. */
export const SCENARIO_NAMES: readonly string[] = [...SCENARIOS.map(({name}) => name), 'all'];

/** The exchanges of a scenario or of `all`; undefined: there is no such scenario. */
export function exchangesOf(name: string): readonly Exchange[] | undefined {
	if (name === 'all') return SCENARIOS.flatMap(({exchanges}) => exchanges);
	return SCENARIOS.find((scenario) => scenario.name === name)?.exchanges;
}

/** The hosts that take part. */
export function hostsOf(exchanges: readonly Exchange[]): ReadonlySet<HostName> {
	return new Set(exchanges.flatMap(({from, via, to}) => [from, ...(via === undefined ? [] : [via]), to]));
}

/** A filter that shows them. */
export function filterOf(exchanges: readonly Exchange[]): string {
	return exchanges.some(({from, to}) => from === to) ? `${NETWORKS} or port ${PORTS.echo}` : NETWORKS;
}
