/** The demo's network: its hosts, the links between them and what is exchanged. The processes follow from these tables. */
import type {ProtocolName} from './protocols.js';

/** Each is a process, named demo-NAME in the trace, in a network namespace of its own. The second only answers. */
export const HOSTS = ['client', 'server'] as const;
export type HostName = (typeof HOSTS)[number];

export interface LinkEnd {
	readonly host: HostName;
	/** Name of the interface, below 16 bytes. */
	readonly link: string;
	/** ADDRESS/PREFIX. */
	readonly addresses: readonly string[];
}

/** veth pairs; the first end makes the pair. */
export const LINKS: readonly (readonly [LinkEnd, LinkEnd])[] = [
	[
		{host: 'client', link: 'veth-a', addresses: ['10.30.91.1/24', 'fd30:91::1/64']},
		{host: 'server', link: 'veth-b', addresses: ['10.30.91.2/24', 'fd30:91::2/64']},
	],
];

/** The port of the thesis's UDP echo server; all protocols of the demo use it. */
export const PORT = 30091;

/** One exchange: `from` sends to `address`, where `to` answers. */
export interface Scenario {
	readonly protocol: ProtocolName;
	readonly from: HostName;
	readonly to: HostName;
	readonly address: string;
}

/** A round, in this order. */
export const SCENARIOS: readonly Scenario[] = [
	{protocol: 'udp', from: 'client', to: 'server', address: '10.30.91.2'},
	{protocol: 'udp', from: 'client', to: 'server', address: 'fd30:91::2'},
	{protocol: 'udp', from: 'client', to: 'client', address: '127.0.0.1'},
	{protocol: 'tcp', from: 'client', to: 'server', address: '10.30.91.2'},
	{protocol: 'tcp', from: 'client', to: 'server', address: 'fd30:91::2'},
];
