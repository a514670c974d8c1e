/** Sorting many numbers. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {sorted} from '../../../src/ui/tables/order.js';

const at = (keys: readonly number[], reversed = false): number[] => [...sorted(Float64Array.from(keys), reversed)];

test('the largest first, equal ones as they were, NaN last', () => {
	expect(at([1, 3, 2, 3, -5, 0, -0, 1e300])).toEqual([7, 1, 3, 2, 0, 5, 6, 4]);
	expect(at([1, 3, 2, 3, -5, 0, -0, 1e300], true)).toEqual([4, 5, 6, 0, 2, 1, 3, 7]);
	expect(at([Number.NaN, 1, 2])).toEqual([2, 1, 0]);
	expect(at([Number.NaN, 1, 2], true)).toEqual([1, 2, 0]);
	expect(at([])).toEqual([]);
});

test('as sorting with a function', () => {
	fc.assert(
		fc.property(fc.array(fc.double({noNaN: true}), {maxLength: 300}), fc.boolean(), (keys, reversed) => {
			const indices = keys.map((_, index) => index);
			const more = (a: number, b: number): number => (a === b ? 0 : a > b ? -1 : 1);
			const wanted = indices.sort((a, b) => {
				const [x, y] = [keys[a] as number, keys[b] as number];
				return (reversed ? -more(x, y) : more(x, y)) || a - b;
			});
			expect(at(keys, reversed)).toEqual(wanted);
		}),
	);
});
