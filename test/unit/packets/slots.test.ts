import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Slots} from '../../../src/trace/packets/slots.js';

test('as a Map, with the oldest slots given up one after the other, and others out of turn', () => {
	const number = fc.oneof(fc.integer({min: 1, max: 20}), fc.integer({min: 1, max: 0xffffffff}));
	const step = fc.record({number, forget: fc.boolean()});
	fc.assert(
		fc.property(fc.integer({min: 1, max: 9}), fc.array(step, {maxLength: 80}), (limit, steps) => {
			const slots = new Slots(limit);
			const map = new Map<number, number>();
			let taken = 0;
			for (const {number: one, forget} of steps) {
				if (forget) {
					slots.delete(one);
					map.delete(one);
				} else if (!map.has(one)) {
					const slot = taken++ % limit;
					for (const [old, its] of map) if (its === slot) map.delete(old) && slots.delete(old);
					slots.set(one, slot);
					map.set(one, slot);
				}
				for (const [known, slot] of map) expect(slots.get(known)).toBe(slot);
				expect(slots.get(one)).toBe(map.get(one));
				expect([...slots.values()]).toEqual([...map.values()]);
			}
			slots.clear();
			expect([...slots.values()]).toEqual([]);
			expect(slots.get(1)).toBeUndefined();
		}),
		{numRuns: 300},
	);
});
