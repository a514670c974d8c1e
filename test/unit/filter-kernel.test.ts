/** The code that runs in the kernel (bpf/match.h, compiled into the addon) against the predicate. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {loadAddon} from '../../src/collector/native.js';
import {compileFilter} from '../../src/trace/filter/compile.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {compilePredicate} from '../../src/trace/filter/predicate.js';
import {At} from '../../src/trace/record.js';
import {filterText, lookup, record} from './support/filter-arbitraries.js';

const addon = loadAddon();

test('accepts what the predicate accepts', () => {
	fc.assert(
		fc.property(filterText, fc.array(record, {minLength: 20, maxLength: 20}), (text, some) => {
			const predicate = compilePredicate(parseFilter(text));
			const {bytes, exact} = compileFilter(parseFilter(text));
			for (const one of some) {
				const wanted = predicate(one, 0, lookup);
				if (exact) expect(addon.accepts(bytes, one, false)).toBe(wanted);
				else if (wanted) expect(addon.accepts(bytes, one, false)).toBe(true);
			}
		}),
		{numRuns: 2000},
	);
});

test('never gives up what may match once the other side is known', () => {
	let given = 0;
	let kept = 0;
	fc.assert(
		fc.property(filterText, record, fc.subarray(['saddr', 'daddr', 'dport', 'sport'] as const), (text, one, hidden) => {
			const {bytes} = compileFilter(parseFilter(text));
			const early = one.slice();
			for (const field of hidden) {
				early.fill(0, At[field], At[field] + (field.endsWith('port') ? 2 : 4));
				if (field === 'saddr') early.fill(0, At.saddr6, At.saddr6 + 16);
				if (field === 'daddr') early.fill(0, At.daddr6, At.daddr6 + 16);
			}
			const may = addon.accepts(bytes, early, true);
			if (addon.accepts(bytes, one, false)) expect(may).toBe(true);
			if (may) kept++;
			else given++;
		}),
		{numRuns: 5000},
	);
	// Else it would be no use, or no test.
	expect(given).toBeGreaterThan(500);
	expect(kept).toBeGreaterThan(500);
});
