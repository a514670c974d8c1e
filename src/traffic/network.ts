/** Connects the hosts of the demo, by the tables of the topology, as far as they take part. */
import {isIPv4} from 'node:net';
import type {Host} from './host.js';
import {PORTS} from './protocols/ports.js';
import type {Exchange} from './scenarios.js';
import {type HostName, LINKS, ROUTES, SETTINGS} from './topology.js';

export type Hosts = ReadonlyMap<HostName, Host>;

/** What cannot be had here, and why; '' what can. */
export interface Lacking {
	/** A machine may have switched it off. */
	ipv6: string;
	firewall: string;
}

/**
 * Settings, links, addresses, routes and the firewall. Resolves when the links carry packets. `warn` gets a line where
 * something is refused that only some exchanges need. Throws DemoError.
 */
export async function setUp(
	hosts: Hosts,
	exchanges: readonly Exchange[],
	warn: (line: string) => void,
): Promise<Lacking> {
	const lacking: Lacking = {ipv6: '', firewall: ''};
	for (const {hosts: names, file, value} of SETTINGS) {
		for (const name of names) {
			// A container may have /proc/sys read-only.
			const refused = await refusal(hosts.get(name)?.ask({do: 'set', file, value}));
			if (refused) warn(`${file} of the ${name} is not set: ${refused}`);
		}
	}
	await link(hosts, lacking);
	for (const {host, network, gateway} of ROUTES) {
		if (!hosts.has('router') || (lacking.ipv6 && !isIPv4(gateway))) continue;
		await hosts.get(host)?.ask({do: 'route', network, gateway});
	}
	if (exchanges.some(({protocol}) => protocol === 'filtered')) {
		lacking.firewall = await refusal(hosts.get('router')?.ask({do: 'firewall', port: PORTS.filtered}));
	}
	if (lacking.ipv6) warn(`${lacking.ipv6}: no IPv6`);
	if (lacking.firewall) warn(`${lacking.firewall}: nothing is filtered`);
	return lacking;
}

async function link(hosts: Hosts, lacking: Lacking): Promise<void> {
	const made = new Map<Host, string[]>();
	for (const {ends, mtu} of LINKS) {
		const [a, b] = ends.map(({host}) => hosts.get(host));
		if (a === undefined || b === undefined) continue;
		await a.ask({do: 'veth', name: ends[0].link, peer: ends[1].link, pid: b.pid});
		for (const [host, {link, addresses}] of [[a, ends[0]] as const, [b, ends[1]] as const]) {
			for (const address of addresses) {
				const refused = await refusal(host.ask({do: 'address', link, address}), !address.includes(':'));
				lacking.ipv6 ||= refused;
			}
			await host.ask({do: 'up', link, mtu});
			made.set(host, [...(made.get(host) ?? []), link]);
		}
	}
	await Promise.all([...made].map(([host, links]) => host.ask({do: 'ready', links})));
}

/** '' or why a step failed. With `must` that is thrown. */
async function refusal(step: Promise<unknown> | undefined, must = false): Promise<string> {
	try {
		await step;
		return '';
	} catch (error) {
		if (must) throw error;
		return error instanceof Error ? error.message : String(error);
	}
}
