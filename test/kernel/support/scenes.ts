/** The scenarios of the test of journeys: every path of a packet. */
import assert from 'node:assert/strict';
import {becomes} from './net.js';
import {echoed, fates, meeting, met, type Packet, type Scene, waited} from './scene.js';

export const SCENES: readonly Scene[] = [
	{
		name: 'UDP over loopback',
		port: 30160,
		traffic: ({inA}) => inA.traffic('echo-udp', '127.0.0.1', 30160, 10),
		check(packets, grown) {
			assert.equal(packets.length, grown('a', 'UdpInDatagrams'));
			echoed(packets, 10);
		},
	},
	{
		name: 'TCP over loopback',
		port: 30161,
		async traffic({inA, a}) {
			await inA.traffic('echo-tcp', '127.0.0.1', 30161, 2);
			await becomes(() => a.settled(), 'TCP does not come to rest');
		},
		check(packets, grown) {
			assert.equal(meeting(packets, 'tcp_v4_rcv').length, grown('a', 'TcpInSegs'));
			assert.ok((fates(packets).delivered ?? 0) >= 4, 'request and answer, twice');
			const originals = packets.filter(({waits}) => waits.some(({queue}) => queue === 'retransmit'));
			assert.ok(originals.length >= 4, 'what was sent waits for its acknowledgement');
			assert.ok(waited(packets, 'tcp-receive').length >= 4);
		},
	},
	{
		name: 'forwarding',
		port: 30162,
		traffic: ({inA}) => inA.traffic('client-udp', '10.30.162.2', 30162, 10),
		check(packets, grown) {
			assert.equal(packets.length, grown('r', 'IpForwDatagrams'));
			echoed(packets, 10);
			for (const packet of packets) {
				assert.ok(met(packet, 'ip_forward'));
				const namespaces = packet.calls.flatMap(({netns}) => (netns === undefined ? [] : [netns]));
				assert.equal(new Set(namespaces).size, 3, 'one number in three namespaces');
			}
		},
	},
	{
		name: 'NAT',
		port: 30163,
		async traffic(hosts) {
			hosts.rules(`table ip nat {
				chain out { type nat hook postrouting priority 100; oifname "veth-rb" udp dport 30163 masquerade; }
			}`);
			await hosts.inA.traffic('client-udp', '10.30.162.2', 30163, 5);
			hosts.rules('');
		},
		check(packets) {
			echoed(packets, 5);
			for (const {calls} of packets) {
				const hosts = new Set(calls.flatMap(({src, dst}) => [src, dst]));
				assert.ok(hosts.has('10.30.161.1') && hosts.has('10.30.162.1'), 'one number under both addresses');
			}
		},
	},
	{
		name: 'VXLAN',
		port: 30164,
		traffic: ({inA}) => inA.traffic('client-udp', '10.30.164.2', 30164, 5),
		check(packets) {
			echoed(packets, 5);
			for (const {calls} of packets) {
				assert.ok(
					calls.some(({dport}) => dport === 4789),
					'the same number inside the tunnel',
				);
			}
		},
	},
	{
		name: 'bridge',
		port: 30165,
		traffic: ({inA}) => inA.traffic('client-udp', '10.30.163.2', 30165, 5),
		check(packets) {
			echoed(packets, 5);
			for (const {calls} of packets) {
				const devices = new Set(calls.map(({ifname}) => ifname));
				assert.ok(devices.has('port-a') || devices.has('port-b'), `over the bridge: ${[...devices]}`);
			}
		},
	},
	{
		name: 'shaped by tbf',
		port: 30166,
		async traffic({a, inA, b}) {
			const before = b.counters();
			const shaper = ['dev', 'bridged-a', 'root', 'tbf', 'rate', '100kbit', 'burst', '1600', 'latency', '10s'];
			a.run('tc', 'qdisc', 'add', ...shaper);
			await inA.traffic('send-frames', '10.30.163.2', 30166, 8);
			const arrived = () => b.counters().since(before, 'UdpInDatagrams') + b.counters().since(before, 'UdpNoPorts');
			await becomes(() => arrived() === 8, 'the shaper keeps datagrams');
			a.run('tc', 'qdisc', 'delete', 'dev', 'bridged-a', 'root');
		},
		check(packets) {
			const sent = packets.filter(({calls}) => calls.some(({dport}) => dport === 30166));
			assert.equal(sent.length, 8);
			const ends = waited(sent, 'qdisc').map(({end}) => (end as number) / 1e6);
			assert.ok(ends.length >= 6, `${ends.length} of 8 waited`);
			// A frame of 1042 bytes takes 83.4 ms at 100 kbit/s, and the burst is 128 ms: where a timer is late, two go at once.
			const all = Math.max(...ends) - Math.min(...ends);
			const implied = (ends.length - 1) * 83.4;
			assert.ok(all > implied - 128 && all < implied + 150, `${ends.length} frames left within ${all} ms`);
		},
	},
	{
		name: 'a neighbour to be asked for',
		port: 30167,
		async traffic({a, inA}) {
			a.ip('neigh', 'flush', 'dev', 'bridged-a');
			await inA.traffic('client-udp', '10.30.163.2', 30167, 1);
		},
		check(packets) {
			assert.deepEqual(fates(packets), {delivered: 2});
			assert.ok(waited(packets, 'neighbour').length >= 1, 'the first one waited for the answer to ARP');
		},
	},
	{
		name: 'a closed port',
		port: 30169,
		traffic: ({inA}) => inA.traffic('send-udp', '10.30.161.2', 30169, 3),
		check(packets, grown) {
			assert.equal(grown('r', 'UdpNoPorts'), 3);
			const sent = packets.filter(({calls}) => calls.some(({fn}) => fn === 'udp_rcv'));
			assert.deepEqual(fates(sent), {dropped: 3});
			for (const {line} of sent) assert.match(line.reason as string, /NO_SOCKET/);
		},
	},
	{
		name: 'dropped by a rule',
		port: 30170,
		async traffic(hosts) {
			hosts.rules(`table ip filter {
				chain forward { type filter hook forward priority 0; udp dport 30170 drop; }
			}`);
			await hosts.inA.traffic('send-udp', '10.30.162.2', 30170, 4);
			hosts.rules('');
		},
		check(packets) {
			assert.deepEqual(fates(packets), {dropped: 4});
			for (const {line} of packets) assert.match(line.reason as string, /NETFILTER_DROP/);
		},
	},
	{
		name: 'a time to live that is too short',
		port: 30171,
		traffic: ({inA}) => inA.traffic('send-short', '10.30.162.2', 30171, 2),
		check(packets, grown) {
			const sent = packets.filter((packet) => met(packet, 'ip_forward'));
			assert.equal(sent.length, grown('r', 'IcmpOutTimeExcds'));
			assert.deepEqual(fates(sent), {dropped: 2});
		},
	},
	{
		name: 'fragments',
		port: 30172,
		traffic: ({inA}) => inA.traffic('send-large', '10.30.162.2', 30172, 2),
		check(packets, grown) {
			assert.equal(grown('a', 'IpFragCreates'), 6);
			assert.equal(grown('b', 'IpReasmOKs'), 2);
			assert.ok(waited(packets, 'fragment').length >= 2, 'the first fragments waited for the others');
		},
	},
	{
		name: 'a full receive queue',
		port: 30173,
		async traffic({inA, inB, b}) {
			const before = b.counters();
			await inB.traffic('hold-udp', '10.30.162.2', 30173, 1500);
			await inA.traffic('send-frames', '10.30.162.2', 30173, 60);
			const seen = () => {
				const now = b.counters();
				return now.since(before, 'UdpRcvbufErrors') + now.since(before, 'UdpInDatagrams');
			};
			await becomes(() => seen() === 60, 'datagrams are missing');
		},
		check(packets, grown) {
			assert.equal(packets.length, 60);
			assert.ok(grown('b', 'UdpRcvbufErrors') > 0);
			assert.deepEqual(fates(packets), {
				dropped: grown('b', 'UdpRcvbufErrors'),
				delivered: grown('b', 'UdpInDatagrams'),
			});
		},
	},
	{
		name: 'a connection that waits for accept',
		port: 30174,
		proto: 'tcp',
		async traffic({inA, inB, a, b}) {
			await inB.traffic('hold-tcp', '10.30.162.2', 30174, 300);
			await inA.traffic('client-tcp', '10.30.162.2', 30174, 1);
			await becomes(() => a.settled() && b.settled(), 'TCP does not come to rest');
		},
		check(packets) {
			assert.ok((fates(packets).delivered ?? 0) >= 2);
		},
	},
	{
		name: 'segments that are lost',
		port: 30175,
		proto: 'tcp',
		async traffic(hosts) {
			const {a, b, inA} = hosts;
			hosts.rules(`table ip filter {
				chain forward { type filter hook forward priority 0;
					tcp dport 30175 tcp flags & (syn|fin|psh) == psh numgen inc mod 3 1 drop; }
			}`);
			await inA.traffic('client-tcp', '10.30.162.2', 30175, 3);
			await becomes(() => a.settled() && b.settled(), 'TCP does not come to rest');
			hosts.rules('');
		},
		check(packets, grown) {
			assert.ok(grown('a', 'TcpRetransSegs') >= 1);
			const again = meeting(packets, 'tcp_retransmit_skb');
			assert.ok(again.length >= 1, 'the segment that was sent again');
			assert.ok(
				packets.some(({line}) => line.fate === 'dropped'),
				'and the copy that was lost',
			);
		},
	},
	{
		name: 'bulk that a queue splits',
		port: 30178,
		proto: 'tcp',
		async traffic({a, b, inA, inB}) {
			await inB.traffic('listen-bulk', '10.30.163.2', 30178);
			// What is larger than its burst tbf takes apart: all of more than one segment. TCP makes smaller ones on slow machines.
			const shaper = ['dev', 'bridged-b', 'root', 'tbf', 'rate', '16mbit', 'burst', '2000', 'latency', '2s'];
			b.run('tc', 'qdisc', 'add', ...shaper);
			await inA.traffic('client-bulk', '10.30.163.2', 30178, 1);
			await becomes(() => a.settled() && b.settled(), 'TCP does not come to rest');
			b.run('tc', 'qdisc', 'delete', 'dev', 'bridged-b', 'root');
		},
		check(packets) {
			const numbers = new Set(packets.map(({number}) => number));
			const pieces = new Map<number, Packet[]>();
			for (const packet of packets) {
				const {birth} = packet;
				if (birth?.how !== 'segment' || !met(packet, 'tcp_v4_rcv')) continue;
				const parent = birth.of ?? assert.fail('a segment of nothing');
				pieces.set(parent, [...(pieces.get(parent) ?? []), packet]);
			}
			assert.ok(pieces.size >= 3, `${pieces.size} were split`);
			for (const [parent, children] of pieces) {
				assert.ok(numbers.has(parent), 'the packet that was split is one of them');
				assert.ok(children.length > 1, `one piece of ${parent}`);
				const begins = children.map(({calls}) => calls.find(({fn}) => fn === 'tcp_v4_rcv')?.seq);
				assert.equal(new Set(begins).size, begins.length, 'each piece has bytes of its own');
			}
		},
	},
	{
		name: 'bulk over loopback',
		port: 30176,
		proto: 'tcp',
		async traffic({inA, a}) {
			await inA.traffic('echo-bulk', '127.0.0.1', 30176, 1);
			await becomes(() => a.settled(), 'TCP does not come to rest');
		},
		check(packets, grown) {
			assert.equal(meeting(packets, 'tcp_v4_rcv').length, grown('a', 'TcpInSegs'));
			assert.ok((fates(packets).delivered ?? 0) >= 10);
		},
	},
];
