import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Kind} from '../../src/trace/record.js';
import type {PacketFields} from './support/frames.js';
import {add, DST, DST6, SRC, SRC6, setUp, udp, udpRecord} from './support/matcher.js';
import type {RecordFields} from './support/records.js';

const tcp: PacketFields = {proto: 6, sport: 1000, dport: 21, seq: 7, ack: 9};
const tcpRecord: RecordFields = {
	...{src: SRC, dst: DST, proto: 6, sport: 1000, dport: 21, seq: 7, ack: 9, tcpFlags: 16, len: 40, kind: Kind.MARK},
};

test('an IP identification tells a packet from all others near in time', () => {
	const {found} = setUp([
		{...udp, id: 5, time: 1000},
		{...udp, id: 6, time: 1100},
		{...udp, id: 5, time: 3e9},
	]);
	expect(found({...udpRecord, ipid: 6, begin: 5000})).toEqual([1]);
	expect(found({...udpRecord, ipid: 5, begin: 5000})).toEqual([0]);
	expect(found({...udpRecord, ipid: 5, begin: 2_900_000_000})).toEqual([2]);
	expect(found({...udpRecord, ipid: 7, begin: 1000})).toEqual([]);
	expect(found({...udpRecord, ipid: 5, begin: 1000, sport: 1001})).toEqual([]);
	expect(found({...udpRecord, ipid: 5, begin: 1000, dst: [10, 0, 0, 3]})).toEqual([]);
});

test('a forwarded packet is twice in a capture, each on its device', () => {
	const twice = [
		{...udp, id: 5, time: 1000, dev: 1},
		{...udp, id: 5, time: 2000, dev: 2},
	];
	expect(setUp(twice).found({...udpRecord, ipid: 5, begin: 1000, dev: 1})).toEqual([0]);
	expect(setUp(twice).found({...udpRecord, ipid: 5, begin: 1000, dev: 2})).toEqual([1]);
	expect(setUp(twice).found({...udpRecord, ipid: 5, begin: 1000})).toEqual([0, 1]);
	expect(setUp(twice.map((frame) => ({...frame, dev: 0}))).found({...udpRecord, ipid: 5, begin: 900, dev: 2})).toEqual([
		0, 1,
	]);
});

test('two packets of one device with the same identification are told by their order', () => {
	const {found} = setUp([1000, 2000].map((time) => ({...udp, id: 5, time, dev: 1})));
	expect(found({...udpRecord, ipid: 5, dev: 1, fn: 1, begin: 900})).toEqual([0]);
	expect(found({...udpRecord, ipid: 5, dev: 1, fn: 1, begin: 1900})).toEqual([1]);
	expect(found({...udpRecord, ipid: 5, dev: 1, fn: 2, begin: 3000})).toEqual([0]);
	expect(found({...udpRecord, ipid: 5, dev: 1, fn: 2, begin: 3100})).toEqual([1]);
});

test('a later fragment is of the packet that has its identification', () => {
	const {found} = setUp([
		{...udp, id: 5, carried: 1480, time: 1000},
		{id: 5, fragment: 186, carried: 50, time: 1010},
	]);
	expect(found({...udpRecord, ipid: 5, begin: 1000, len: 1558})).toEqual([0, 1]);
});

test('datagrams that all look the same are told by their order, function by function', () => {
	const times = [1000, 2000, 3000];
	const {found} = setUp(times.map((time) => ({...udp, time})));
	// They were sent one after the other, and received all at once.
	for (const [i, time] of times.entries()) expect(found({...udpRecord, fn: 1, begin: time - 500})).toEqual([i]);
	for (const i of times.keys()) expect(found({...udpRecord, fn: 2, begin: 9000 + i})).toEqual([i]);
});

test('a call around the moment of a frame has that frame', () => {
	const {found} = setUp([10_000, 20_000, 30_000].map((time) => ({...udp, time})));
	expect(found({...udpRecord, kind: Kind.CALL, fn: 1, begin: 19_000, duration: 2000})).toEqual([1]);
	expect(found({...udpRecord, kind: Kind.CALL, fn: 1, begin: 29_000, duration: 2000})).toEqual([2]);
});

test('a function that missed datagrams is back in step after a pause', () => {
	const {found} = setUp([1000, 2000, 500_000_000].map((time) => ({...udp, time})));
	expect(found({...udpRecord, fn: 1, begin: 500_000_100})).toEqual([2]);
});

test('TCP above IP is told by its numbers, flags and length', () => {
	const {found} = setUp([
		{...tcp, id: 1, time: 1000},
		{...tcp, id: 2, carried: 1000, time: 1001},
		{...tcp, id: 3, seq: 1007, carried: 10, flags: 24, time: 1002},
	]);
	const call = {...tcpRecord, kind: Kind.CALL, begin: 990, duration: 100};
	expect(found({...call, fn: 1, len: 0})).toEqual([0]);
	expect(found({...call, fn: 2, len: 1000})).toEqual([1]);
	expect(found({...call, fn: 1, seq: 1007, tcpFlags: 24, len: 10})).toEqual([2]);
	expect(found({...call, fn: 1, seq: 1007, tcpFlags: 17, len: 10})).toEqual([]);
	expect(found({...call, fn: 1, seq: 1007, tcpFlags: 24, ack: 10, len: 10})).toEqual([]);
	// The bits of congestion notification are set after the functions that prepare a segment.
	expect(found({...call, fn: 3, seq: 1007, tcpFlags: 24 | 128, len: 10})).toEqual([2]);
});

test('a socket without a packet has no frame', () => {
	const {found} = setUp([{...udp, time: 1000}]);
	expect(found({...udpRecord, begin: 1000, len: 0})).toEqual([]);
	expect(found({begin: 1000, len: 48})).toEqual([]);
});

test('IPv6 has no identification and is told by the rest', () => {
	const {found} = setUp([{...udp, src: SRC6, dst: DST6, time: 1000}]);
	expect(found({...udpRecord, src: SRC6, dst: DST6, begin: 1200})).toEqual([0]);
	expect(found({...udpRecord, src: DST6, dst: SRC6, begin: 1200})).toEqual([]);
	expect(found({...udpRecord, src: SRC6, dst: DST6, begin: 1_100_000_000})).toEqual([]);
});

test('what was forgotten is found no more, what came since is', () => {
	const {frames, found} = setUp([]);
	for (let i = 0; i < 200; i++) {
		add(frames, {...udp, id: (i % 100) + 1}, i * 1000);
		if (frames.end - frames.first > 50) frames.drop();
	}
	expect(frames.first).toBe(150);
	for (let i = 0; i < 50; i++) expect(found({...udpRecord, ipid: i + 1, begin: i * 1000})).toEqual([]);
	expect(found({...udpRecord, ipid: 100, begin: 199_000})).toEqual([199]);
	expect(found({...udpRecord, fn: 1, begin: 150_100})).toHaveLength(1);
});

test('a capture whose frames are in no order takes no longer, and each is found', () => {
	const count = 30_000;
	const {found} = setUp(Array.from({length: count}, (_, i) => ({...udp, time: (count - i) * 1e6})));
	expect(found({...udpRecord, kind: Kind.CALL, fn: 1, begin: 1e6 - 10, duration: 20})).toEqual([count - 1]);
	for (const i of [5, 17_000, 29_000]) {
		expect(found({...udpRecord, kind: Kind.CALL, fn: 1, begin: (count - i) * 1e6 - 10, duration: 20})).toEqual([i]);
	}
});

test('whatever is sent, each record is of its own packet', () => {
	const one = fc.record({
		flow: fc.nat(2),
		id: fc.nat(3),
		gap: fc.integer({min: 1, max: 20_000}),
		delay: fc.integer({min: 1, max: 100_000}),
	});
	fc.assert(
		fc.property(fc.array(one, {maxLength: 80}), (sent) => {
			let time = 0;
			const list = sent.map(({flow, gap, delay}, i) => {
				time += gap;
				// Linux counts the identifications of a flow, or has 0 in all of them.
				return {sport: 1000 + flow, id: flow === 0 ? 0 : i + 1, time, delay};
			});
			const {found} = setUp(list.map(({sport, id, time}) => ({...udp, sport, id, time})));
			let received = 0;
			for (const [i, {sport, id, time, delay}] of list.entries()) {
				received = Math.max(received + 1, time + delay);
				const record = {...udpRecord, sport, ipid: id, begin: received};
				expect(found({...record, fn: 1})).toEqual([i]);
				expect(found({...record, fn: 2, len: 20})).toEqual([i]);
			}
		}),
		{numRuns: 300},
	);
});

test('datagrams that look the same are told by their numbers, in whatever order functions see them', () => {
	const times = [1000, 2000, 3000];
	const {found} = setUp(times.map((time) => ({...udp, time})));
	for (const [i, time] of times.entries())
		expect(found({...udpRecord, fn: 1, begin: time - 500, packet: 7 + i})).toEqual([i]);
	// Two CPUs receive: what came second is seen first.
	for (const i of [1, 0, 2]) expect(found({...udpRecord, fn: 2, begin: 4000 + i, packet: 7 + i})).toEqual([i]);
});
