/** Every exchange of every scenario on a real kernel, as root: the kernel's own counters say that it was what it says. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {isIPv4} from 'node:net';
import {join} from 'node:path';
import test from 'node:test';
import {pathToFileURL} from 'node:url';
import {installed} from './support/installed.js';
import {becomes, Counters} from './support/net.js';

const moduleOf = (file: string): string => pathToFileURL(join(installed(), 'dist/traffic', file)).href;
const {Demo} = (await import(moduleOf('demo.js'))) as typeof import('../../src/traffic/demo.js');
const {SCENARIOS} = (await import(moduleOf('scenarios.js'))) as typeof import('../../src/traffic/scenarios.js');
const {described} = (await import(moduleOf('described.js'))) as typeof import('../../src/traffic/described.js');
type Exchange = import('../../src/traffic/scenarios.js').Exchange;

type Host = 'client' | 'router' | 'server';
/** By how much a counter grows: exactly, or at least. */
type Growth = number | {readonly least: number};
/** `Host counter`, of IPv4 and of IPv6. Counters of TCP are one for both. */
type Witness = Readonly<Record<`${Host} ${string}`, Growth>>;
const least = (count: number): Growth => ({least: count});

const TRANSFER: Witness = {'client TcpRetransSegs': 0, 'server TcpOutRsts': 0};
const WITNESSES: Readonly<Record<string, readonly [ipv4: Witness, ipv6: Witness]>> = {
	udp: [
		{'server UdpInDatagrams': 1, 'server UdpOutDatagrams': 1, 'client UdpInDatagrams': 1, 'client IpFragCreates': 0},
		{'server Udp6InDatagrams': 1, 'server Udp6OutDatagrams': 1, 'client Udp6InDatagrams': 1},
	],
	'udp over the router': [
		{'router IpForwDatagrams': 2, 'server UdpInDatagrams': 1, 'client UdpInDatagrams': 1},
		{'router Ip6OutForwDatagrams': 2, 'server Udp6InDatagrams': 1, 'client Udp6InDatagrams': 1},
	],
	'udp over loopback': [{'client UdpInDatagrams': 2, 'server IpInReceives': 0}, {}],
	tcp: [
		{...TRANSFER, 'server TcpPassiveOpens': 1, 'client TcpActiveOpens': 1, 'client IpInDelivers': least(4)},
		{...TRANSFER, 'server TcpPassiveOpens': 1, 'client TcpActiveOpens': 1, 'client Ip6InDelivers': least(4)},
	],
	'tcp over the router': [
		{...TRANSFER, 'server TcpPassiveOpens': 1, 'router IpForwDatagrams': least(8)},
		{...TRANSFER, 'server TcpPassiveOpens': 1, 'router Ip6OutForwDatagrams': least(8)},
	],
	ftp: [
		{...TRANSFER, 'server TcpPassiveOpens': 2, 'client TcpActiveOpens': 2, 'client IpExtInOctets': least(300_000)},
		{...TRANSFER, 'server TcpPassiveOpens': 2, 'client TcpActiveOpens': 2, 'client Ip6InOctets': least(300_000)},
	],
	ping: [
		{'client IcmpOutEchos': 1, 'server IcmpInEchos': 1, 'server IcmpOutEchoReps': 1, 'client IcmpInEchoReps': 1},
		{'client Icmp6OutEchos': 1, 'server Icmp6InEchos': 1, 'client Icmp6InEchoReplies': 1},
	],
	refusedDatagram: [
		{'server UdpNoPorts': 1, 'server IcmpOutDestUnreachs': 1, 'client IcmpInDestUnreachs': 1},
		{'server Udp6NoPorts': 1, 'server Icmp6OutDestUnreachs': 1, 'client Icmp6InDestUnreachs': 1},
	],
	refusedConnection: [
		{'server TcpOutRsts': 1, 'client TcpAttemptFails': 1, 'server TcpPassiveOpens': 0},
		{'server TcpOutRsts': 1, 'client TcpAttemptFails': 1, 'server TcpPassiveOpens': 0},
	],
	// It reaches the router and no further, and nobody is told.
	'filtered over the router': [
		{'router IpInReceives': 1, 'server IpInReceives': 0, 'router IpOutRequests': 0, 'client IpInReceives': 0},
		{
			'client Udp6OutDatagrams': 1,
			'router Ip6InReceives': least(1),
			'server Udp6InDatagrams': 0,
			'server Udp6NoPorts': 0,
		},
	],
	'expired over the router': [
		{'router IcmpOutTimeExcds': 1, 'client IcmpInTimeExcds': 1, 'server IpInReceives': 0},
		{'router Icmp6OutTimeExcds': 1, 'client Icmp6InTimeExcds': 1, 'server Udp6InDatagrams': 0},
	],
	fragments: [
		{'client IpFragOKs': 1, 'client IpFragCreates': 3, 'server IpReasmOKs': 1, 'client IpReasmOKs': 1},
		{'client Ip6FragOKs': 1, 'client Ip6FragCreates': 3, 'server Ip6ReasmOKs': 1, 'client Ip6ReasmOKs': 1},
	],
	'routerFragments over the router': [
		{'client IpFragCreates': 0, 'router IpFragOKs': 1, 'router IpFragCreates': 2, 'server IpReasmOKs': 1},
		{},
	],
	'tooBig over the router': [
		{
			'router IcmpOutDestUnreachs': 1,
			'client IcmpInDestUnreachs': 1,
			'router IpFragFails': 1,
			'server IpInReceives': 0,
		},
		{'router Icmp6OutPktTooBigs': 1, 'client Icmp6InPktTooBigs': 1, 'server Udp6InDatagrams': 0},
	],
	'large over the router': [
		{'client IpFragCreates': 2, 'router IpFragCreates': 0, 'server IpReasmOKs': 1, 'client IpReasmOKs': 1},
		{'client Ip6FragCreates': 2, 'router Ip6FragCreates': 0, 'server Ip6ReasmOKs': 1, 'client Ip6ReasmOKs': 1},
	],
	lossy: [
		{'client TcpRetransSegs': least(1), 'server IpExtInOctets': least(300_000), 'client TcpExtTCPAbortOnTimeout': 0},
		{'client TcpRetransSegs': least(1), 'server Ip6InOctets': least(300_000), 'client TcpExtTCPAbortOnTimeout': 0},
	],
};

function witnessOf({protocol, via, from, to, address}: Exchange): Witness {
	const name = via !== undefined ? `${protocol} over the ${via}` : from === to ? `${protocol} over loopback` : protocol;
	const [ipv4, ipv6] = WITNESSES[name] ?? assert.fail(`no witness for ${name}`);
	const witness = isIPv4(address) ? ipv4 : ipv6;
	assert.notDeepEqual(witness, {}, `no witness for ${name} to ${address}`);
	return witness;
}

for (const {name, exchanges} of SCENARIOS) {
	test(`${name}: every exchange does what it says, again and again`, async () => {
		const demo = await Demo.prepare({uid: 65534, gid: 65534}, assert.fail, exchanges);
		const read = (host: Host): Counters => {
			const proc = demo.processes.get(host) ?? assert.fail(`no ${host}`);
			return new Counters((file) => readFileSync(`${proc}/net/${file}`, 'utf8'));
		};
		try {
			assert.deepEqual(demo.exchanges, exchanges);
			for (const exchange of [...exchanges, ...exchanges]) {
				const witness = Object.entries(witnessOf(exchange)).map(([key, growth]) => {
					const [host, counter = ''] = key.split(' ') as [Host, string];
					return {key, growth, grown: () => read(host).get(counter), before: read(host).get(counter)};
				});
				assert.ok(await demo.one(exchange), described(exchange));
				// The other end may not be done with the last packet.
				for (const {key, growth, grown, before} of witness) {
					const enough = typeof growth === 'number' ? growth : growth.least;
					await becomes(
						() => grown() - before >= enough,
						`${described(exchange)}: ${key} does not grow by ${enough}`,
						5000,
					);
				}
				for (const {key, growth, grown, before} of witness) {
					if (typeof growth === 'number') assert.equal(grown() - before, growth, `${described(exchange)}: ${key}`);
				}
			}
		} finally {
			await demo.stop();
		}
	});
}
