/** Packets that look alike: which frame the calls inside a call have. */
import {expect, test} from 'vitest';
import {Kind} from '../../src/trace/record.js';
import {DST6, SRC6, setUp, udp, udpRecord} from './support/matcher.js';
import type {RecordFields} from './support/records.js';

/** A call of a packet that looks like others, by its number of function; around it the calls of less depth before it. */
const call = (fn: number, depth: number, begin: number, duration: number, more: RecordFields = {}): RecordFields => ({
	...udpRecord,
	...{src: SRC6, dst: DST6, kind: Kind.CALL, dev: 1, fn, depth, begin, duration},
	...more,
});

/** What was found for each of the records, one after the other. */
const allFound = ({found}: ReturnType<typeof setUp>, records: readonly RecordFields[]) => records.map(found);

test.each(['end', 'begin'])(
	'what frees the copies that tcpdump was shown has the frame of its call, by their %s',
	(by) => {
		// Over loopback a frame is captured as it comes in, which is a softirq on top of the end of the call that sent.
		const times = Array.from({length: 20}, (_, i) => (i + 1) * 2e6);
		const blocks = times.flatMap((time) => {
			const sent = [
				call(1, 0, time - 80_000, 137_000),
				call(2, 1, time - 65_000, 34_000),
				call(3, 2, time - 56_000, 5000),
				call(3, 2, time - 50_000, 5000),
				call(4, 2, time - 36_000, 3000),
			];
			const received = [
				call(5, 0, time - 10_000, 61_000),
				call(3, 1, time + 4000, 1000),
				call(3, 1, time + 6000, 1000),
				call(6, 1, time + 42_000, 6000),
			];
			return by === 'end' ? [received, sent] : [sent, received];
		});
		const world = setUp(times.map((time) => ({...udp, src: SRC6, dst: DST6, time, dev: 1})));
		for (const [i, block] of blocks.entries()) {
			expect(allFound(world, block)).toEqual(block.map(() => [i >>> 1]));
		}
	},
);

test('the call around another has to have such a packet, on such a device, and be of the same entry', () => {
	const world = setUp([
		{...udp, src: SRC6, dst: DST6, time: 1e6, dev: 1},
		{...udp, src: SRC6, dst: DST6, time: 2e6, dev: 2},
		{...udp, src: SRC6, dst: DST6, time: 3e6, dev: 1},
	]);
	const answer = {src: DST6, dst: SRC6};
	const entry = [
		call(1, 0, 999_000, 90_000),
		call(2, 1, 1_001_000, 80_000, answer),
		call(3, 2, 1_002_000, 10_000),
		call(3, 2, 1_013_000, 60_000, {dev: 2}),
		call(4, 3, 1_014_000, 1000),
	];
	expect(allFound(world, entry)).toEqual([[0], [], [0], [1], [0]]);
	// Its root has no packet, what was around in the entry before is over.
	expect(allFound(world, [call(1, 0, 2_999_000, 50_000, {len: 0}), call(4, 1, 3_001_000, 1000)])).toEqual([[], [2]]);
});

test('a queue hands on what waited in it before', () => {
	const times = [1_000_000, 1_010_000, 1_020_000];
	const world = setUp(times.map((time) => ({...udp, src: SRC6, dst: DST6, time, dev: 1})));
	// Another CPU had the queue: the call for the first packet ended before it was sent.
	expect(allFound(world, [call(1, 0, 900_000, 10_000)])).toEqual([[0]]);
	const entry = [call(1, 0, 990_000, 25_000), call(2, 1, 995_000, 10_000), call(2, 1, 1_006_000, 8000)];
	expect(allFound(world, entry)).toEqual([[1], [0], [1]]);
	expect(allFound(world, [call(1, 0, 1_015_000, 9000), call(2, 1, 1_016_000, 7000)])).toEqual([[2], [2]]);
});

test('ping of an own address: the answer that looks like the request is sent inside the call that received it', () => {
	const ping = {src: SRC6, dst: SRC6, proto: 58};
	const times = [1e9, 1e9 + 100_000, 2e9, 2e9 + 100_000];
	const world = setUp(times.map((time) => ({...ping, carried: 64, time, dev: 1})));
	const own = {...ping, sport: 0, dport: 0, len: 104};
	for (const i of [0, 2]) {
		const [request, answer] = [times[i] as number, times[i + 1] as number];
		const sent = [
			call(1, 0, request - 80_000, 200_000, own),
			call(2, 1, request - 60_000, 30_000, own),
			call(3, 2, request - 50_000, 5000, own),
		];
		const received = [
			call(4, 0, request - 10_000, 80_000, own),
			call(3, 1, request + 2000, 1000, own),
			call(5, 1, request + 5000, 60_000, own),
			call(1, 2, request + 20_000, 40_000, own),
			call(2, 3, request + 22_000, 30_000, own),
			call(3, 4, request + 24_000, 5000, own),
		];
		const back = [call(4, 0, answer - 10_000, 50_000, own), call(3, 1, answer + 2000, 1000, own)];
		const framesOf = (records: readonly RecordFields[]) => new Set(allFound(world, records).flat());
		expect(framesOf(sent)).toEqual(new Set([i]));
		expect(framesOf(received)).toEqual(new Set([i, i + 1]));
		expect(framesOf(back)).toEqual(new Set([i + 1]));
	}
});
