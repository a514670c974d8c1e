/** The demo's network: its hosts and what connects them. The processes follow from these tables. */
import {isIPv4} from 'node:net';

/**
 * Each is a process, named demo-NAME in the trace, in a network namespace of its own. The client sends, the server
 * answers, the router forwards.
 */
export const HOSTS = ['client', 'router', 'server'] as const;
export type HostName = (typeof HOSTS)[number];

export interface LinkEnd {
	readonly host: HostName;
	/** Name of the interface, below 16 bytes. */
	readonly link: string;
	/** ADDRESS/PREFIX. */
	readonly addresses: readonly string[];
}

/** A veth pair; the first end makes it. */
export interface Link {
	readonly ends: readonly [LinkEnd, LinkEnd];
	/** Bytes of a packet at most; 0: as it is, 1500. */
	readonly mtu: number;
}

export const LINKS: readonly Link[] = [
	{
		ends: [
			{host: 'client', link: 'veth-a', addresses: ['10.30.91.1/24', 'fd30:91::1/64']},
			{host: 'server', link: 'veth-b', addresses: ['10.30.91.2/24', 'fd30:91::2/64']},
		],
		mtu: 0,
	},
	{
		ends: [
			{host: 'client', link: 'veth-ar', addresses: ['10.30.92.1/24', 'fd30:92::1/64']},
			{host: 'router', link: 'veth-ra', addresses: ['10.30.92.2/24', 'fd30:92::2/64']},
		],
		mtu: 0,
	},
	{
		ends: [
			{host: 'router', link: 'veth-rb', addresses: ['10.30.93.1/24', 'fd30:93::1/64']},
			{host: 'server', link: 'veth-br', addresses: ['10.30.93.2/24', 'fd30:93::2/64']},
		],
		// The least that IPv6 allows: a packet that fits the first link is too large for the second.
		mtu: 1280,
	},
];

/** A filter for what is exchanged between hosts. */
export const NETWORKS = 'net 10.30.0.0/16 or net fd30::/16';

export interface Route {
	readonly host: HostName;
	/** ADDRESS/PREFIX. */
	readonly network: string;
	readonly gateway: string;
}

/** Over the router. */
export const ROUTES: readonly Route[] = [
	{host: 'client', network: '10.30.93.0/24', gateway: '10.30.92.2'},
	{host: 'client', network: 'fd30:93::/64', gateway: 'fd30:92::2'},
	{host: 'server', network: '10.30.92.0/24', gateway: '10.30.93.1'},
	{host: 'server', network: 'fd30:92::/64', gateway: 'fd30:93::1'},
];

export interface Setting {
	readonly hosts: readonly HostName[];
	/** Below /proc/sys/net. */
	readonly file: string;
	readonly value: string;
}

export const SETTINGS: readonly Setting[] = [
	{hosts: ['router'], file: 'ipv4/ip_forward', value: '1'},
	{hosts: ['router'], file: 'ipv6/conf/all/forwarding', value: '1'},
	// A router looks for its neighbours from an address that it would check for duplicates for a second.
	{hosts: HOSTS, file: 'ipv6/conf/default/accept_dad', value: '0'},
	// Every group may open ping sockets.
	{hosts: ['client'], file: 'ipv4/ping_group_range', value: '0 2147483647'},
	// Else the kernel is silent about every other packet that it cannot deliver.
	{hosts: ['router', 'server'], file: 'ipv4/icmp_ratelimit', value: '0'},
	{hosts: ['router', 'server'], file: 'ipv6/icmp/ratelimit', value: '0'},
];

/** The address, without its prefix, that a host has on the link to another host; undefined: there is none. */
export function addressOn(host: HostName, other: HostName, ipv4: boolean): string | undefined {
	for (const {ends} of LINKS) {
		const own = ends.find((end) => end.host === host);
		if (own === undefined || !ends.some((end) => end.host === other)) continue;
		return own.addresses.map((text) => text.split('/')[0] ?? '').find((text) => isIPv4(text) === ipv4);
	}
	return undefined;
}
