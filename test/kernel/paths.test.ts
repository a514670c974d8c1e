/** Packets through devices made of other devices: whose they are is known on every device, by the kernel's own counts. */
import assert from 'node:assert/strict';
import {type Counters, Namespace, type Worker} from './support/net.js';
import * as paths from './support/paths.js';
import {exact, FUNCTIONS, type Line, lost, type Trace, trace} from './support/pkttop.js';
import {checkStructure} from './support/structure.js';

const N = 10;

/** How many calls of `fn` had a packet between hosts of 10.30.SUBNET, by device. */
function byDevice(calls: readonly Line[], fn: string, subnet: number): Record<string, number> {
	const found: Record<string, number> = {};
	const of = (address = '') => address.startsWith(`10.30.${subnet}.`);
	for (const {fn: name, src, dst, proto, ifname = ''} of calls) {
		if (name !== fn || proto === 'arp' || !(of(src) && of(dst))) continue;
		found[ifname] = (found[ifname] ?? 0) + 1;
	}
	return found;
}

if (FUNCTIONS) {
	exact('VLAN, bridge, VXLAN, GRE and tun: each packet once on each device it passes', async () => {
		paths.loadModules();
		const [a, b, middle] = [new Namespace(), new Namespace(), new Namespace()];
		const hosts = {a, b, middle};
		const workers: Worker[] = [];
		let before: Counters[] = [];
		let after: Counters[] = [];
		let result: Trace;
		let counted: (name: string) => number;
		try {
			// A new device of IPv6 says so to its neighbours, when it likes.
			for (const host of [a, b, middle]) paths.withoutIpv6(host);
			paths.vlan(hosts);
			paths.bridge(hosts);
			paths.vxlan(hosts);
			paths.gre(hosts);
			const worker = await a.worker();
			workers.push(worker);
			const close = await b.serve('serve-udp', '0.0.0.0', 30131);
			const targets = [131, 132, 134, 136].map((subnet) => `10.30.${subnet}.2`);
			// A bridge takes its time until its ports forward; the first packets ask for neighbours.
			for (const address of targets) await worker.traffic('client-udp', address, 30131, 1);
			result = await trace(['-g', 'default,icmp,ip_rcv,device', '--buffer', '64M', 'net 10.30.0.0/16'], async () => {
				before = [a, b, middle].map((host) => host.counters());
				for (const address of targets) await worker.traffic('client-udp', address, 30131, N);
				await paths.overTun(a, N);
				after = [a, b, middle].map((host) => host.counters());
			});
			counted = (name) => after.reduce((sum, one, i) => sum + one.since(before[i] as Counters, name), 0);
			await close();
		} finally {
			for (const worker of workers) await worker.end();
			for (const host of [a, b, middle]) host.remove();
		}
		const {calls} = result;
		assert.equal(lost(result.summary), 0, JSON.stringify(result.summary.lost));
		checkStructure(result);
		const at = (fn: string, subnet: number) => byDevice(calls, fn, subnet);

		// There and back on four ways. VXLAN's outer packets are datagrams, too.
		const outer = 2 * N;
		assert.equal(counted('UdpInDatagrams'), 8 * N + outer);
		assert.equal(result.count('udp_rcv'), counted('UdpInDatagrams'));
		assert.equal(counted('IcmpInEchos'), N);
		// What comes out of a tunnel goes to IP as a list, not through ip_rcv.
		assert.equal(result.count('ip_rcv'), counted('IpInReceives') - 4 * N);
		assert.equal(result.count('ip_local_deliver'), counted('IpInDelivers'));
		assert.equal(result.count('icmp_rcv'), counted('IcmpInMsgs'));

		assert.deepEqual(at('udp_rcv', 131), {vlan5: 2 * N});
		assert.deepEqual(at('dev_hard_start_xmit', 131), {vlan5: 2 * N, 'veth-l': 2 * N});
		// Between their hosts they pass the bridge's ports, where no IP of ours is.
		assert.deepEqual(at('ip_rcv', 132), {'veth-b': 2 * N});
		assert.deepEqual(at('__netif_receive_skb', 132), {'veth-b': 2 * N, 'port-a': N, 'port-b': N});
		assert.deepEqual(at('dev_hard_start_xmit', 132), {'veth-b': 2 * N, 'port-a': N, 'port-b': N});
		// The outer packet and the inner one are each known by their own addresses.
		assert.deepEqual(at('ip_rcv', 133), {'veth-x': outer});
		assert.deepEqual(at('udp_rcv', 133), {'veth-x': outer});
		assert.deepEqual(at('udp_rcv', 134), {vxlan7: 2 * N});
		assert.ok(
			calls.every(({fn, src = '', dport}) => fn !== 'udp_rcv' || !src.startsWith('10.30.133.') || dport === 4789),
		);
		assert.deepEqual(at('ip_rcv', 135), {'veth-g': 2 * N});
		assert.deepEqual(at('udp_rcv', 136), {gre7: 2 * N});
		assert.deepEqual(at('icmp_rcv', 137), {tun7: N});
		const echoes = calls.filter(({fn, src}) => fn === 'ip_output' && src === '10.30.137.1');
		assert.equal(echoes.length, N);
		assert.ok(echoes.every(({proto, dst}) => proto === 'icmp' && dst === '10.30.137.2'));
	});
}
