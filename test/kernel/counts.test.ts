/** What pkttop counted against the kernel's own counters: functions of VMs' kernels, marks of this machine's. */
import assert from 'node:assert/strict';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import {createConnection, createServer} from 'node:net';
import test from 'node:test';
import {becomes, here, Namespace} from './support/net.js';
import {exact, FUNCTIONS, HOOKS, lost, ON, trace} from './support/pkttop.js';
import {checkStructure} from './support/structure.js';

if (FUNCTIONS) {
	exact('UDP and TCP over loopback: calls equal the SNMP counters, nothing is lost, all is nested', async () => {
		const namespace = new Namespace();
		try {
			const before = namespace.counters();
			const result = await trace(
				['--netns', namespace.name],
				async () => {
					await namespace.traffic('echo-udp', '127.0.0.1', 0, 50);
					await namespace.traffic('echo-tcp', '127.0.0.1', 0, 5);
					await namespace.traffic('echo-udp', '::1', 0, 20);
					await becomes(() => namespace.settled(), 'TCP does not come to rest');
				},
				{numbers: true},
			);
			const after = namespace.counters();
			assert.equal(result.code, 130);
			assert.equal(after.since(before, 'UdpInDatagrams'), 100);
			assert.equal(result.count('ip_rcv'), after.since(before, 'IpInReceives'));
			assert.equal(result.count('ip_local_deliver'), after.since(before, 'IpInDelivers'));
			assert.equal(result.count('udp_rcv'), 100);
			assert.equal(result.count('udp_sendmsg'), 100);
			assert.equal(result.count('tcp_v4_rcv'), after.since(before, 'TcpInSegs'));
			assert.equal(result.count('__udp_enqueue_schedule_skb'), 140, 'IPv4 and IPv6');
			const six = result.calls.filter(({fn, family}) => fn === '__udp_enqueue_schedule_skb' && family === 6);
			assert.equal(six.length, 40);
			assert.ok(six.every(({src, dst, proto}) => src === '::1' && dst === '::1' && proto === 'udp'));
			assert.equal(lost(result.summary), 0, JSON.stringify(result.summary));
			const counted = result.lines.filter(({type}) => type === 'function').reduce((sum, {calls}) => sum + calls, 0);
			const ended = result.calls.filter(({end}) => end !== undefined).length;
			assert.equal(ended, counted, 'every counted call was recorded');
			assert.equal(result.summary.events, result.calls.length + result.marks.length);
			// Before 5.15 dev_qdisc_enqueue is a part of __dev_queue_xmit.
			assert.equal(result.summary.attached, (result.summary.wanted as number) - (ON === '5.10' ? 1 : 0));
			checkStructure(result);
			// The softirq of a datagram runs on top of the sender's call, and the block says on which.
			const roots = result.calls.filter(
				({fn, depth, family}) => depth === 0 && /^__netif_receive/.test(fn) && family === 4,
			);
			assert.ok(roots.length > 100);
			const under = roots.filter(
				({under}) => under !== undefined && /^\d+:__dev_queue_xmit$|:ip_finish_output2$/.test(under),
			);
			assert.ok(under.length > roots.length / 2, `${under.length} of ${roots.length} ran on top of a sender`);
		} finally {
			namespace.remove();
		}
	});

	exact('between two namespaces: IPv4, IPv6 and ARP over veth, both sides counted', async () => {
		const [a, b] = [new Namespace(), new Namespace()];
		try {
			a.connect(b, 'veth-a', 'veth-b', [
				['10.30.92.1/24', '10.30.92.2/24'],
				['fd30:92::1/64', 'fd30:92::2/64'],
			]);
			const before = [a.counters(), b.counters()] as const;
			const both = (
				after: readonly [ReturnType<Namespace['counters']>, ReturnType<Namespace['counters']>],
				name: string,
			) => after[0].since(before[0], name) + after[1].since(before[1], name);
			const result = await trace(['host 10.30.92.1 or host fd30:92::1 or arp'], async () => {
				for (const [protocol, address] of [
					['tcp', '10.30.92.2'],
					['tcp', 'fd30:92::2'],
					['udp', '10.30.92.2'],
				] as const) {
					const close = await b.serve(`serve-${protocol}`, address, 30092);
					await a.traffic(`client-${protocol}`, address, 30092, 4);
					await close();
				}
				await becomes(() => a.settled() && b.settled(), 'TCP does not come to rest');
			});
			const after = [a.counters(), b.counters()] as const;
			// TcpInSegs counts both families, tcp_v4_rcv one: IpInDelivers is the witness.
			assert.equal(result.count('ip_rcv'), both(after, 'IpInReceives'));
			assert.equal(result.count('udp_rcv'), both(after, 'UdpInDatagrams'));
			assert.equal(result.count('udp_rcv') + result.count('tcp_v4_rcv'), both(after, 'IpInDelivers'));
			assert.ok(result.calls.some(({fn, proto, src}) => fn === 'arp_rcv' && proto === 'arp' && src === '10.30.92.1'));
			const devices = new Set(result.calls.map(({ifname}) => ifname));
			assert.ok(devices.has('veth-a') && devices.has('veth-b'), `devices: ${[...devices]}`);
			const six = result.calls.filter(({family}) => family === 6);
			assert.ok(six.some(({fn, dport}) => fn === 'tcp_rcv_established' && dport === 30092));
			assert.equal(lost(result.summary), 0);
			checkStructure(result);
		} finally {
			a.remove();
			b.remove();
		}
	});
}

exact('the tracepoint backend: marks equal the SNMP counters', async () => {
	const namespace = new Namespace();
	try {
		// The hooks belong to the namespace in which pkttop runs; the kernel's tracepoints see all.
		const before = namespace.counters();
		const result = await trace(['--backend', 'tracepoint', '--netns', namespace.name], async () => {
			await namespace.traffic('echo-udp', '127.0.0.1', 0, 50);
			await namespace.traffic('echo-tcp', '127.0.0.1', 0, 3);
			await becomes(() => namespace.settled(), 'TCP does not come to rest');
		});
		const after = namespace.counters();
		const received = result.marks.filter(({fn, family}) => fn === 'netif_receive_skb' && family === 4);
		assert.equal(received.length, after.since(before, 'IpInReceives'));
		assert.equal(lost(result.summary), 0, JSON.stringify(result.summary));
		assert.equal(result.summary.backend, 'tracepoint');
		assert.ok(received.every(({ifname}) => ifname === 'lo'));
	} finally {
		namespace.remove();
	}
});

test('what goes through a socket within the machine is no packet', async () => {
	const result = await trace(['--backend', 'tracepoint'], async () => {
		const server = createServer((socket) => socket.pipe(socket)).listen(`\0pkttop-test-${process.pid}`);
		await once(server, 'listening');
		const local = createConnection(`\0pkttop-test-${process.pid}`);
		for (let i = 0; i < 10; i++) {
			local.write('across');
			await once(local, 'data');
		}
		local.destroy();
		server.close();
		// And one that is a packet, after it: what came before it has been recorded by then.
		const udp = createSocket('udp4').bind(0, '127.0.0.1');
		await once(udp, 'listening');
		udp.send('around', (udp.address() as AddressInfo).port, '127.0.0.1');
		await once(udp, 'message');
		udp.close();
	});
	const own = result.marks.filter(({pid}) => pid === process.pid);
	assert.ok(own.some(({proto}) => proto === 'udp'));
	assert.deepEqual(
		own.filter(({family}) => family === undefined),
		[],
	);
});

if (HOOKS) {
	exact('the netfilter hooks of IPv4 and IPv6, each packet once', async () => {
		const port = 30094;
		const result = await trace(['--backend', 'tracepoint', `udp port ${port}`], async () => {
			await here('echo-udp', '127.0.0.1', port, 10);
			await here('echo-udp', '::1', port, 10);
		});
		for (const fn of ['NF_INET_LOCAL_OUT', 'NF_INET_POST_ROUTING', 'NF_INET_PRE_ROUTING', 'NF_INET_LOCAL_IN']) {
			for (const family of [4, 6]) {
				const seen = result.marks.filter((mark) => mark.fn === fn && mark.family === family);
				assert.equal(seen.length, 20, `${fn} of IPv${family} on ${ON}`);
			}
		}
		assert.ok(result.marks.every(({sport, dport}) => sport === port || dport === port));
	});
}
