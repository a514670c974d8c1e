/** Whatever our writer writes is read and written again byte for byte. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {copied, inBerlin, readLog, recorded, written} from './support/logs.js';

const time = fc.constantFrom('us' as const, 'ns' as const);
const order = fc.constantFrom('begin' as const, 'end' as const);

test('clean_log from clean_log, packet.log from packet.log, each from the other', () => {
	inBerlin(() =>
		fc.assert(
			fc.property(recorded, time, order, (session, time, order) => {
				const clean = written(session, {time, order});
				const raw = written(session, {time, order, raw: true});
				expect(copied(clean)).toEqual({text: clean, problem: ''});
				expect(copied(raw)).toEqual({text: clean, problem: ''});
				expect(copied(clean, {raw: true}).text).toBe(raw);
				expect(copied(raw, {raw: true}).text).toBe(raw);
			}),
			{numRuns: 200},
		),
	);
}, 60_000);

test('fewer digits are as if they had been written so', () => {
	inBerlin(() =>
		fc.assert(
			fc.property(recorded, (session) => {
				const fine = written(session, {time: 'ns'});
				expect(copied(fine, {time: 'us'}).text).toBe(written(session, {time: 'us'}));
			}),
			{numRuns: 50},
		),
	);
}, 60_000);

test('as a session, of which all is saved again', () => {
	inBerlin(() =>
		fc.assert(
			fc.property(recorded, time, fc.boolean(), fc.bigInt({min: 10_000n, max: 99_999n}), (session, time, raw, lost) => {
				const log = written(session, {time, lost, raw});
				const again = readLog(log);
				expect(again.problem).toBe('');
				expect(written(again, {time, lost: again.lost, raw})).toBe(log);
			}),
			{numRuns: 200},
		),
	);
}, 60_000);
