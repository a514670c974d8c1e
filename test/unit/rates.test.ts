import fc from 'fast-check';
import {expect, test} from 'vitest';
import {LayerRates} from '../../src/trace/rates.js';

const LAYERS = ['tcp', 'udp', 'tcp'] as const;

/** Samples as [ms, counters]. */
function rates(samples: readonly (readonly [number, ...number[]])[]): LayerRates {
	const all = new LayerRates();
	for (const [now, ...calls] of samples) all.sample(now, calls.map(BigInt), LAYERS);
	return all;
}
const values = (all: LayerRates) => Object.fromEntries(all.series().map(({name, values}) => [name, values]));

test('events of each whole second, summed by layer, from the application to the wire', () => {
	const all = rates([
		[10_000, 5, 0, 100],
		[10_500, 10, 1, 100],
		[11_000, 15, 1, 101],
		[12_000, 115, 1, 101],
		[12_999, 999, 1, 101],
	]);
	expect(all.series()).toEqual([
		{name: 'tcp', values: [11, 100]},
		{name: 'udp', values: [1, 0]},
	]);
});

test('a steady rate is the same at any rhythm', () => {
	fc.assert(
		fc.property(
			fc.array(fc.integer({min: 1, max: 9000}), {minLength: 1, maxLength: 300}),
			fc.nat(1e9),
			(steps, start) => {
				const all = new LayerRates();
				let now = start;
				for (const step of [0, ...steps]) {
					now += step;
					all.sample(now, [BigInt(now) * 4n, 7n], ['ip', 'queue']);
				}
				const whole = Math.floor(now / 1000) - Math.ceil(start / 1000);
				const {ip = [], queue = []} = values(all);
				expect([ip.length, queue.length]).toEqual(new Array(2).fill(Math.min(60, Math.max(0, whole))));
				for (const value of ip) expect(value).toBeCloseTo(4000, 6);
				for (const value of queue) expect(value).toBe(0);
			},
		),
	);
});

test('a counter that was reset goes on from zero', () => {
	expect(
		values(
			rates([
				[0, 1000, 0, 0],
				[1000, 1010, 0, 0],
				[2000, 7, 0, 0],
				[3000, 9, 0, 0],
			]),
		).tcp,
	).toEqual([10, 7, 2]);
});

test('a gap shows its average, and what is older than a minute goes', () => {
	expect(
		values(
			rates([
				[0, 0, 0, 0],
				[1000, 5, 0, 0],
				[4000, 35, 0, 0],
			]),
		).tcp,
	).toEqual([5, 10, 10, 10]);
	const minute = values(
		rates([
			[0, 0, 0, 0],
			[1000, 999, 0, 0],
			[1_001_000, 100_999, 0, 0],
		]),
	).tcp;
	expect(minute).toEqual(new Array(60).fill(100));
});

test('a clock that goes back, the first sample and new functions are a beginning', () => {
	expect(
		values(
			rates([
				[5000, 100, 0, 0],
				[6000, 200, 0, 0],
				[1000, 300, 0, 0],
				[2000, 301, 0, 0],
			]),
		).tcp,
	).toEqual([1]);
	expect(rates([[5000, 100, 0, 0]]).series()).toEqual([]);
	expect(rates([]).series()).toEqual([]);
	const all = new LayerRates();
	all.sample(0, [1n], ['tcp']);
	all.sample(1000, [2n, 5000n], ['tcp', 'udp']);
	all.sample(2000, [2n, 5001n], ['tcp', 'udp']);
	all.sample(2000, [9n, 9000n], ['tcp', 'udp']);
	all.sample(3000, [9n, 9000n], ['tcp', 'udp']);
	expect(values(all)).toEqual({tcp: [1, 0, 7], udp: [0, 1, 3999]});
});
