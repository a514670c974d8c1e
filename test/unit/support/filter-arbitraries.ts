/** Random filters and records out of so few addresses, ports and protocols that they meet often. */
import fc from 'fast-check';
import {parseNetwork} from '../../../src/trace/filter/address.js';
import type {Narrowing} from '../../../src/trace/filter/expression.js';
import type {Lookup} from '../../../src/trace/filter/predicate.js';
import {At, Family, Kind, Proto, SIZE_IPV6} from '../../../src/trace/record.js';

const IPV4 = ['10.0.0.1', '10.0.0.2', '10.1.2.3', '192.168.0.1'];
const IPV6 = ['::1', 'fe80::1', 'fe80::2', '2001:db8::10.0.0.1'];
const PORTS = [0, 1, 80, 443, 65535];
const PROTOS = [0, 1, 6, 17, 58, 132, 47];

const anyOf = (...texts: string[]) => fc.constantFrom(...texts);
const words = (...parts: fc.Arbitrary<string>[]) =>
	fc.tuple(...parts).map((all) => all.filter((part) => part).join(' '));

const direction = anyOf('', '', 'src', 'dst', 'src or dst', 'src and dst');
const ipv4 = fc.constantFrom(...IPV4);
const ipv6 = fc.constantFrom(...IPV6);
const nets4 = anyOf(
	'net 10.0.0.0/8',
	'net 10.0',
	'net 10.0.0.0/30',
	'net 0.0.0.0/0',
	'net 10.0.0.1 mask 255.0.255.255',
);
const nets6 = anyOf('net fe80::/10', 'net ::/0', 'net 2001:db8::/32', 'net fe80::/127');
const port = fc.constantFrom(...PORTS.slice(1)).map((number) => `port ${number}`);
const range = anyOf('portrange 1-80', 'portrange 0-443', 'portrange 81-65535', 'portrange 80-443');

/** A primitive with everything before it that pcap-filter allows there. */
export const primitiveText = fc.oneof(
	anyOf('ip', 'ip6', 'arp', 'tcp', 'udp', 'sctp', 'icmp', 'icmp6', 'proto 47', 'ip proto 6', 'ip6 proto 17'),
	words(anyOf('', '', 'ip', 'arp'), direction, fc.oneof(words(anyOf('host'), ipv4), nets4)),
	words(anyOf('', 'ip6'), direction, fc.oneof(words(anyOf('host'), ipv6), nets6)),
	words(anyOf('', 'tcp', 'udp', 'sctp'), direction, fc.oneof(port, range)),
);

/** Filters up to the size at which the kernel's table still holds most of them. */
export const filterText: fc.Arbitrary<string> = fc.letrec<{filter: string}>((tie) => ({
	filter: fc.oneof(
		{maxDepth: 4, depthIdentifier: 'filter', withCrossShrink: true},
		primitiveText,
		words(tie('filter'), anyOf('and', 'or', '&&', '||'), primitiveText),
		words(tie('filter'), anyOf('and', 'or'), anyOf('('), tie('filter'), anyOf(')')),
		words(anyOf('not', '!'), anyOf('('), tie('filter'), anyOf(')')),
	),
})).filter;

export const narrowing: fc.Arbitrary<Narrowing> = fc.record(
	{device: fc.constantFrom('eth0', 'lo'), netns: fc.constantFrom(4026531840, 7), pid: fc.constantFrom(1, 42)},
	{requiredKeys: []},
);

const DEVICES = [
	{ifindex: 2, netns: 4026531840, name: 'eth0'},
	{ifindex: 1, netns: 4026531840, name: 'lo'},
	{ifindex: 2, netns: 7, name: 'eth0'},
];

/** tid 3 and dev 4 are unknown. */
export const lookup: Lookup = {
	pid: (tid) => [0, 1, 42][tid],
	device: (dev) => {
		if (dev === 0) throw new Error('0 is no device');
		return DEVICES[dev - 1];
	},
};

/** A record of 96 bytes, its protocol and ports as the kernel side fills them; what its family does not use is noise. */
export const record: fc.Arbitrary<Uint8Array> = fc
	.record({
		family: fc.constantFrom(Family.NONE, Family.IPV4, Family.IPV4, Family.IPV6, Family.IPV6, Family.ARP),
		proto: fc.constantFrom(...PROTOS, 6, 17),
		sport: fc.constantFrom(...PORTS),
		dport: fc.constantFrom(...PORTS),
		addresses: fc.tuple(ipv4, ipv4, ipv6, ipv6),
		tid: fc.nat(3),
		dev: fc.nat(4),
		noise: fc.uint8Array({minLength: SIZE_IPV6, maxLength: SIZE_IPV6}),
	})
	.map(({family, proto, sport, dport, addresses, tid, dev, noise}) => {
		const bytes = Uint8Array.from(noise);
		const view = new DataView(bytes.buffer);
		const [src4, dst4, src6, dst6] = addresses.map(addressBytes);
		bytes[At.kind] = Kind.CALL;
		bytes[At.family] = family;
		const isIp = family === Family.IPV4 || family === Family.IPV6;
		const hasPorts = isIp && [Proto.TCP, Proto.UDP, Proto.SCTP].some((one) => one === proto);
		bytes[At.proto] = isIp ? proto : 0;
		view.setUint32(At.tid, tid, true);
		view.setUint16(At.dev, dev, true);
		view.setUint16(At.sport, hasPorts ? sport : 0, true);
		view.setUint16(At.dport, hasPorts ? dport : 0, true);
		bytes.set((family === Family.IPV6 ? src6 : src4) ?? [], family === Family.IPV6 ? At.saddr6 : At.saddr);
		bytes.set((family === Family.IPV6 ? dst6 : dst4) ?? [], family === Family.IPV6 ? At.daddr6 : At.daddr);
		return bytes;
	});

export const addressBytes = (text: string): Uint8Array => parseNetwork({kind: 'word', text, column: 1}).address;
