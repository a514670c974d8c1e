import {expect, test} from 'vitest';
import {Kind} from '../../src/trace/record.js';
import {callCount} from '../../src/trace/statistics.js';
import {Entry} from '../../src/trace/store.js';
import {Tally} from '../../src/trace/tally.js';
import {build} from './support/blocks.js';
import {makeRecord} from './support/records.js';

test('a recording counts what the kernel counts: calls by their time, marks and drops in the first bucket', () => {
	const {store, builder} = build(
		[
			makeRecord({kind: Kind.MARK, fn: 2, depth: 1, begin: 110}),
			makeRecord({kind: Kind.DROP, fn: 3, depth: 1, begin: 120, duration: 0xffff_ffff_8100_0000n}),
			makeRecord({fn: 1, depth: 1, begin: 130, duration: 40}),
			makeRecord({fn: 0, depth: 0, begin: 100, duration: 1000}),
			// Of a function that the session does not name.
			makeRecord({fn: 9, begin: 2000, duration: 5}),
		],
		1,
	);
	builder.flush();
	const tally = new Tally(new Array(4));
	const entry = new Entry();
	for (let id = store.first; id < store.end; id++) if (store.read(id, entry)) tally.add(entry);
	const stats = tally.stats();
	expect(stats.map((stat) => callCount(stat))).toEqual([1n, 1n, 1n, 1n]);
	expect(stats.map(({total, self, max}) => [total, self, max])).toEqual([
		[1000n, 960n, 1000n],
		[40n, 40n, 40n],
		[0n, 0n, 0n],
		[0n, 0n, 0n],
	]);
	expect(stats[3]?.bucket[0]).toBe(1n);
});
