import fc from 'fast-check';
import {expect, test} from 'vitest';
import {moved} from '../../src/trace/columns.js';
import {IdRing} from '../../src/trace/id-ring.js';

test('a ring that grows keeps the value of each entry, wherever it begins', () => {
	const sizes = fc.tuple(
		fc.integer({min: 0, max: 2 ** 40}),
		fc.integer({min: 0, max: 6}),
		fc.integer({min: 1, max: 3}),
	);
	fc.assert(
		fc.property(sizes, fc.double({min: 0, max: 1, noNaN: true}), ([first, small, more], share) => {
			const from = new Uint32Array(2 ** small);
			const end = first + Math.round(share * from.length);
			for (let id = first; id < end; id++) from[id % from.length] = id % 1000;
			const to = moved(from, new Uint32Array(2 ** (small + more)), first, end);
			for (let id = first; id < end; id++) expect(to[id % to.length]).toBe(id % 1000);
		}),
	);
});

test('small numbers of entries stay when there is room for more', () => {
	const ring = new IdRing();
	for (let id = 5; id < 9000; id++) {
		ring.fit(5, id + 1);
		ring.set(id, id * 3);
	}
	for (let id = 5; id < 9000; id++) expect(ring.get(id)).toBe(id * 3);
});
