import {describe, expect, it, test} from 'vitest';
import {compileFilter} from '../../src/trace/filter/compile.js';
import type {Narrowing} from '../../src/trace/filter/expression.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {compilePredicate} from '../../src/trace/filter/predicate.js';
import {At, Family, Kind, Proto, SIZE_IPV6} from '../../src/trace/record.js';
import {evaluateFilter} from './support/evaluate-filter.js';
import {addressBytes, lookup} from './support/filter-arbitraries.js';

interface Packet {
	family?: number;
	proto?: number;
	src?: string;
	dst?: string;
	sport?: number;
	dport?: number;
	tid?: number;
	dev?: number;
}

function recordOf({family = Family.IPV4, proto = 0, src, dst, sport = 0, dport = 0, tid = 0, dev = 0}: Packet) {
	const bytes = new Uint8Array(SIZE_IPV6);
	const view = new DataView(bytes.buffer);
	bytes[At.kind] = Kind.CALL;
	bytes[At.family] = family;
	bytes[At.proto] = proto;
	view.setUint32(At.tid, tid, true);
	view.setUint16(At.dev, dev, true);
	view.setUint16(At.sport, sport, true);
	view.setUint16(At.dport, dport, true);
	if (src) bytes.set(addressBytes(src), family === Family.IPV6 ? At.saddr6 : At.saddr);
	if (dst) bytes.set(addressBytes(dst), family === Family.IPV6 ? At.daddr6 : At.daddr);
	return bytes;
}

const PACKETS: Readonly<Record<string, Packet>> = {
	web: {proto: Proto.TCP, src: '10.0.0.1', dst: '10.0.0.2', sport: 40000, dport: 80},
	answer: {proto: Proto.TCP, src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40000},
	dns: {proto: Proto.UDP, src: '10.0.0.1', dst: '10.1.0.53', sport: 5353, dport: 53},
	ping: {proto: Proto.ICMP, src: '10.0.0.1', dst: '10.0.0.2'},
	fragment: {proto: Proto.UDP, src: '10.0.0.1', dst: '10.0.0.2'},
	arp: {family: Family.ARP, src: '10.0.0.1', dst: '10.0.0.2'},
	web6: {family: Family.IPV6, proto: Proto.TCP, src: 'fe80::1', dst: 'fe80::2', sport: 40000, dport: 80},
	ping6: {family: Family.IPV6, proto: Proto.ICMP6, src: 'fe80::1', dst: '::1'},
	sctp: {proto: Proto.SCTP, src: '10.0.0.1', dst: '10.0.0.2', sport: 80, dport: 80},
	nothing: {family: Family.NONE},
};

/** The packets that a filter matches, by both compilers. */
function matches(text: string): string {
	const predicate = compilePredicate(parseFilter(text));
	const {bytes} = compileFilter(parseFilter(text));
	const names = Object.keys(PACKETS);
	const wanted = names.filter((name) => predicate(recordOf(PACKETS[name]!), 0, lookup));
	expect(names.filter((name) => evaluateFilter(bytes, recordOf(PACKETS[name]!), 0, lookup))).toEqual(wanted);
	return wanted.join(' ');
}

test.each([
	['', 'web answer dns ping fragment arp web6 ping6 sctp nothing'],
	['tcp', 'web answer web6'],
	['ip', 'web answer dns ping fragment sctp'],
	['ip6', 'web6 ping6'],
	['arp', 'arp'],
	['icmp', 'ping'],
	['icmp6', 'ping6'],
	['sctp', 'sctp'],
	['ip proto 6', 'web answer'],
	['host 10.0.0.2', 'web answer ping fragment arp sctp'],
	['src host 10.0.0.2', 'answer'],
	['dst host 10.0.0.2', 'web ping fragment arp sctp'],
	['arp host 10.0.0.2', 'arp'],
	['ip host 10.0.0.2', 'web answer ping fragment sctp'],
	['src and dst net 10.0.0', 'web answer ping fragment arp sctp'],
	['net 10.1', 'dns'],
	['net 0.0.0.0/0', 'web answer dns ping fragment arp sctp'],
	['::1', 'ping6'],
	['src net fe80::/10', 'web6 ping6'],
	['net ::/0', 'web6 ping6'],
	['host ::', ''],
	['port 80', 'web answer web6 sctp'],
	['tcp port 80', 'web answer web6'],
	['src port 80', 'answer sctp'],
	['dst 53', 'dns'],
	['src and dst port 80', 'sctp'],
	['portrange 0-79', 'dns'],
	['portrange 0-65535', 'web answer dns web6 sctp'],
	['not port 80', 'dns ping fragment arp ping6 nothing'],
	['not ip', 'arp web6 ping6 nothing'],
	['not host 10.0.0.1', 'web6 ping6 nothing'],
	['port 80 and not tcp or icmp', 'ping sctp'],
	['tcp or udp and ip6', 'web6'],
	['tcp or (udp and ip6)', 'web answer web6'],
	['tcp and udp', ''],
])('%s matches %s', (text, names) => {
	expect(matches(text)).toBe(names);
});

describe('narrowing', () => {
	const passes = (narrowing: Narrowing, packet: Packet, text = '') => {
		const wanted = compilePredicate(parseFilter(text), narrowing)(recordOf(packet), 0, lookup);
		const {bytes} = compileFilter(parseFilter(text), narrowing);
		expect(evaluateFilter(bytes, recordOf(packet), 0, lookup)).toBe(wanted);
		return wanted;
	};

	it('by device is by name, in whatever namespace', () => {
		expect([0, 1, 2, 3, 4].map((dev) => passes({device: 'eth0'}, {dev}))).toEqual([false, true, false, true, false]);
		expect(passes({device: 'eth'}, {dev: 1})).toBe(false);
	});

	it('by namespace is by the inode of the device', () => {
		const netns = 4026531840;
		expect([0, 1, 2, 3, 4].map((dev) => passes({netns}, {dev}))).toEqual([false, true, true, false, false]);
		expect([1, 2, 3].map((dev) => passes({netns, device: 'eth0'}, {dev}))).toEqual([true, false, false]);
	});

	it('by process is by the thread group of the thread', () => {
		expect([0, 1, 2, 3].map((tid) => passes({pid: 42}, {tid}))).toEqual([false, false, true, false]);
	});

	it('holds for every part of an expression', () => {
		expect(passes({pid: 42}, {tid: 1, proto: Proto.TCP}, 'tcp or not tcp')).toBe(false);
		expect(passes({pid: 42}, {tid: 2, proto: Proto.TCP}, 'udp or tcp')).toBe(true);
	});
});
