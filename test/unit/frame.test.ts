import fc from 'fast-check';
import {expect, test} from 'vitest';
import {addresses} from '../../src/formats/classic.js';
import {packetFields} from '../../src/formats/json.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {compilePredicate} from '../../src/trace/filter/predicate.js';
import {decodeFrame, Link} from '../../src/trace/frame.js';
import {SIZE_IPV6} from '../../src/trace/record.js';
import {RecordView} from '../../src/trace/view.js';
import {arp, ETHER, ethernet, packet} from './support/frames.js';
import {join} from './support/records.js';

const view = new RecordView(new Uint8Array(SIZE_IPV6));

/** The facts of a frame as JSON fields, undefined where there are none. */
function facts(bytes: Uint8Array, link: number, wire = bytes.length): unknown {
	// In the middle of other bytes, as a reader's window has it.
	const window = join([new Uint8Array(5).fill(0x45), bytes, new Uint8Array(40).fill(0x45)]);
	const frame = {bytes: window, at: 5, end: 5 + bytes.length, wire};
	if (!decodeFrame(frame, link, view, 0)) return undefined;
	return JSON.parse(`{${packetFields(view, 0, true).slice(1)}}`);
}

const tcp = packet({proto: 6, id: 77, sport: 21, dport: 33056, seq: 4_000_000_000, ack: 5, flags: 24, carried: 9});
const tcpFacts = {family: 4, proto: 'tcp', src: '10.0.0.1', dst: '10.0.0.2', sport: 21, dport: 33056};
const segment = {...tcpFacts, flags: 'P.', seq: 4_000_000_000, ack: 5, ipid: 77, len: 49};
const six = {src: [...new Array(15).fill(0), 1], dst: [0xfd, ...new Array(14).fill(0), 2]};
const sixFacts = {family: 6, proto: 'udp', src: '::1', dst: 'fd00::2', sport: 53, dport: 99};

test('every link type: the packet is found behind its header', () => {
	const of = (...head: number[]) => join([Uint8Array.from(head), tcp]);
	expect(facts(ethernet(tcp), Link.ETHERNET)).toEqual(segment);
	expect(facts(ethernet(tcp, ETHER.ip, [5]), Link.ETHERNET)).toEqual(segment);
	expect(facts(ethernet(tcp, ETHER.ip, [5, 6]), Link.ETHERNET)).toEqual(segment);
	expect(facts(tcp, Link.RAW)).toEqual(segment);
	expect(facts(tcp, Link.IPV4)).toEqual(segment);
	expect(facts(of(2, 0, 0, 0), Link.NULL)).toEqual(segment);
	expect(facts(of(0, 0, 0, 2), Link.LOOP)).toEqual(segment);
	expect(facts(of(0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0), Link.SLL)).toEqual(segment);
	expect(facts(of(8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0), Link.SLL2)).toEqual(segment);
	expect(facts(tcp, 105)).toBeUndefined();
});

test('IPv6, also behind extension headers', () => {
	const plain = packet({...six, sport: 53, dport: 99, carried: 4});
	expect(facts(ethernet(plain, ETHER.ip6), Link.ETHERNET)).toEqual({...sixFacts, len: 52});
	const extended = packet({...six, sport: 53, dport: 99, carried: 4, extensions: [0, 60]});
	expect(facts(extended, Link.RAW)).toEqual({...sixFacts, len: 68});
});

test('a later fragment has no ports', () => {
	const later = {...tcpFacts, sport: undefined, dport: undefined, proto: 'udp', ipid: 8, len: 36};
	expect(facts(packet({id: 8, fragment: 185, carried: 8}), Link.RAW)).toEqual(JSON.parse(JSON.stringify(later)));
	const {family, src, dst, proto} = sixFacts;
	expect(facts(packet({...six, fragment: 185, extensions: [44], sport: 7}), Link.RAW)).toEqual({
		...{family, src, dst, proto},
		len: 56,
	});
});

test('ARP: the addresses that ask and are asked for', () => {
	decodeFrame({bytes: ethernet(arp([10, 0, 0, 1], [10, 0, 0, 9]), ETHER.arp), at: 0, end: 42, wire: 60}, 1, view, 0);
	expect(addresses(view, 0)).toBe('10.0.0.1 10.0.0.9');
});

test('what was cut off is not made up', () => {
	expect(facts(ethernet(tcp).subarray(0, 33), Link.ETHERNET, 63)).toBeUndefined();
	expect(facts(ethernet(tcp).subarray(0, 40), Link.ETHERNET, 63)).toEqual({...tcpFacts, ipid: 77, len: 49});
	expect(facts(ethernet(packet({...six}), ETHER.arp).subarray(0, 30), Link.ETHERNET)).toBeUndefined();
});

test('the filter says of a frame what it says of a record', () => {
	const passes = (filter: string) => {
		decodeFrame({bytes: ethernet(tcp), at: 0, end: 63, wire: 63}, Link.ETHERNET, view, 0);
		return compilePredicate(parseFilter(filter))(view.bytes, 0, {pid: () => undefined, device: () => undefined});
	};
	for (const filter of ['', 'tcp', 'tcp src port 21', 'host 10.0.0.2 and not udp', 'net 10.0.0.0/30']) {
		expect(passes(filter)).toBe(true);
	}
	for (const filter of ['udp', 'dst port 21', 'arp', 'ip6', 'src host 10.0.0.2']) expect(passes(filter)).toBe(false);
});

test('no bytes make it fail', () => {
	const links = fc.constantFrom(...Object.values(Link));
	fc.assert(
		fc.property(fc.uint8Array({maxLength: 120}), links, fc.nat(70_000), (bytes, link, wire) => {
			facts(bytes, link, wire);
		}),
		{numRuns: 2000},
	);
	const starts = fc.constantFrom(ethernet(tcp), ethernet(packet({...six, extensions: [0, 44, 60, 43]}), ETHER.ip6));
	fc.assert(
		fc.property(starts, fc.array(fc.tuple(fc.nat(80), fc.nat(255))), fc.nat(90), (start, changes, length) => {
			const bytes = start.slice(0, length);
			for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
			facts(bytes, Link.ETHERNET);
		}),
		{numRuns: 2000},
	);
});
