import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import fc from 'fast-check';
import {beforeAll, describe, expect, test} from 'vitest';
import type {FunctionStat} from '../../src/trace/session.js';
import {BUCKETS, percentile} from '../../src/trace/statistics.js';
import {type Charts, loadCharts} from '../../src/ui/charts/charts.js';

let charts: Charts;
beforeAll(async () => {
	charts = await loadCharts();
});

/** A histogram of pairs of bucket and calls. */
function statOf(...pairs: readonly (readonly [number, number])[]): FunctionStat {
	const bucket = Array.from({length: BUCKETS}, (_, b) => BigInt(pairs.find(([at]) => at === b)?.[1] ?? 0));
	const last = bucket.findLastIndex((calls) => calls > 0n);
	return {total: 1n, self: 1n, max: last < 0 ? 0n : 2n ** BigInt(last + 1) - 1n, bucket};
}

const plain = {ascii: false, color: false};
const SGR = /\x1b\[(\d*)m/g;
const text = (line: string): string => line.replaceAll(SGR, '');
const histogram = (columns: number, rows: number, stat: FunctionStat) => charts.histogram({columns, rows}, stat, plain);

describe('the histogram', () => {
	const stat = statOf([10, 250], [11, 1000], [12, 500], [14, 1]);

	test('shows the occupied range, its times, a count axis, and the shares', () => {
		const lines = histogram(60, 11, stat);
		const times = [0.5, 0.9, 0.99].map((share) => `${(percentile(stat, share) / 1000).toFixed(2)}µs`);
		expect(lines[0]).toMatch(`p50 ${times[0]}  p90 ${times[1]}  p99 ${times[2]}  max 32.8µs  1,751 calls`);
		expect(lines.slice(1).map((line) => line.trimEnd())).toEqual([
			'  1k┤         ████████',
			'    │         ████████',
			'    │         ████████',
			'    │         ████████',
			' 500┤         ████████ ████████',
			'    │         ████████ ████████',
			'    │████████ ████████ ████████',
			'    │████████ ████████ ████████          ▁▁▁▁▁▁▁▁',
			'   0└─────────p50──────p90─────────────────────────────────',
			'     1µs      2µs      4.1µs    8.2µs    16µs',
		]);
	});

	test('has bars as high as their counts, and one for a single call', () => {
		const lines = histogram(60, 11, stat);
		const height = (column: number) => lines.slice(1, 9).filter((line) => line[column] === '█').length;
		const left = lines[1]!.indexOf('┤') + 1;
		expect([0, 9, 18, 27, 36].map((at) => height(left + at))).toEqual([2, 8, 4, 0, 0]);
		expect([27, 36].map((at) => lines[8]?.[left + at])).toEqual([' ', '▁']);
	});

	test('labels nanoseconds to seconds', () => {
		const labels = (b: number) => histogram(60, 8, statOf([b, 1]))[7]?.trim();
		expect([0, 9, 19, 20, 29, 30, 40].map(labels)).toEqual([
			'1ns',
			'512ns',
			'524µs',
			'1.1ms',
			'537ms',
			'1.1s',
			'1100s',
		]);
		expect(charts.histogram({columns: 60, rows: 8}, statOf([12, 1]), {ascii: true, color: false})[7]?.trim()).toBe(
			'4.1us',
		);
	});

	test('joins buckets when there are more than fit', () => {
		const all = statOf(...Array.from({length: BUCKETS}, (_, b) => [b, 8] as const));
		const lines = histogram(30, 8, all);
		expect(lines.slice(1, 6).join('')).toMatch(/█{24}/);
		expect(lines[1]).toMatch(/^ {2}20┤/);
	});

	test('colours bars by the share of calls that are faster', () => {
		const lines = charts.histogram({columns: 60, rows: 11}, statOf([10, 60], [11, 35], [12, 4], [13, 1]), {
			ascii: false,
			color: true,
		});
		const last = lines[8] ?? '';
		expect([...last.matchAll(SGR)].map(([, code]) => code).filter(Boolean)).toEqual(['32', '36', '33', '31']);
	});

	test('says so when there were no calls', () => {
		expect(
			histogram(40, 10, statOf())
				.map((line) => line.trim())
				.join(''),
		).toBe('no calls yet');
	});
});

describe('the rates', () => {
	const seconds = (value: (second: number) => number) => Array.from({length: 60}, (_, i) => value(i));
	const draw = (series: Parameters<Charts['rates']>[1], columns = 60, rows = 12, options = plain) =>
		charts.rates({columns, rows}, series, options);

	test('has a line for each busy layer, named at its end with its rate', () => {
		const lines = draw([
			{name: 'tcp', values: seconds(() => 5000)},
			{name: 'udp', values: seconds((i) => i * 10)},
			{name: 'icmp', values: seconds(() => 0)},
		]);
		expect(lines[0]).toMatch(/^ {2}5k┤⠉.*⠉ tcp 5\.00k *$/);
		expect(lines[5]).toMatch(/^2\.5k┤/);
		expect(lines.find((line) => line.includes('udp'))).toMatch(/[⠀-⣿] udp 590 *$/);
		expect(lines.join('')).not.toContain('icmp');
		expect(lines[10]).toMatch(/^ *0└─+/);
		expect(lines[11]?.trim()).toMatch(/^-60s +-30s +now$/);
	});

	test('a minute that has just begun fills from the right', () => {
		const [top = ''] = draw([{name: 'ip', values: [10, 10, 10]}]);
		expect(top).toMatch(/┤ {40,}[⠀-⣿]+ ip 10 *$/);
	});

	test('names stay apart and inside where lines end together', () => {
		const names = ['socket', 'tcp', 'udp', 'icmp', 'ip', 'netfilter', 'neighbour', 'queue', 'device'];
		const lines = draw(
			names.map((name, i) => ({name, values: seconds(() => 1 + i / 100)})),
			60,
			10,
		);
		for (const name of names) expect(lines.filter((line) => line.includes(` ${name} `))).toHaveLength(1);
	});

	test('each layer has a colour of its own', () => {
		const lines = draw(
			[
				{name: 'tcp', values: seconds(() => 900)},
				{name: 'udp', values: seconds(() => 100)},
			],
			60,
			12,
			{ascii: false, color: true},
		);
		const colorOf = (name: string) => {
			const line = lines.find((one) => one.includes(name)) ?? '';
			return [...line.slice(0, line.indexOf(name)).matchAll(SGR)].at(-1)?.[1];
		};
		expect(colorOf('tcp')).not.toBe(colorOf('udp'));
		expect(lines.find((line) => line.includes('udp'))).toMatch(new RegExp(`\\x1b\\[${colorOf('udp')}m[⠀-⣿]`));
	});

	test('says so when nothing happened, and numbers alone where there is no room', () => {
		expect(draw([{name: 'tcp', values: seconds(() => 0)}])[0]?.trim()).toBe('no events in the last minute');
		expect(draw([], 60, 3)[0]?.trim()).toBe('no events in the last minute');
		expect(
			draw(
				[
					{name: 'tcp', values: [7]},
					{name: 'ip', values: [9000]},
				],
				24,
				2,
			)[0]?.trim(),
		).toBe('ip 9.00k/s  tcp 7.0/s');
	});
});

describe('any size', () => {
	const size = fc.record({columns: fc.integer({min: 1, max: 400}), rows: fc.integer({min: 1, max: 120})});
	const small = fc.record({columns: fc.integer({min: 1, max: 60}), rows: fc.integer({min: 1, max: 16})});
	const options = fc.record({ascii: fc.boolean(), color: fc.boolean()});
	const buckets = fc.array(fc.tuple(fc.nat(BUCKETS - 1), fc.oneof(fc.nat(9), fc.nat(2 ** 31))), {maxLength: BUCKETS});
	const values = fc.array(fc.oneof(fc.nat(1e9), fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, -1, 0.3)), {
		maxLength: 70,
	});
	const series = fc.array(fc.record({name: fc.constantFrom('tcp', 'udp', 'neighbour', 'new'), values}), {
		maxLength: 12,
	});

	function check(lines: string[], columns: number, rows: number, {ascii, color}: {ascii: boolean; color: boolean}) {
		expect(lines).toHaveLength(rows);
		for (const line of lines) {
			expect([...text(line)]).toHaveLength(columns);
			if (!color) expect(text(line)).toBe(line);
			for (const [, code = ''] of line.matchAll(SGR)) expect(code).toMatch(/^(3[1-6]|9[1-6])?$/);
			expect(text(line)).toMatch(ascii ? /^[ -~]*$/ : /^[ -~µ─└┤│▁-█⠀-⣿]*$/);
			// A line leaves no colour behind.
			expect([...line.matchAll(SGR)].at(-1)?.[1] ?? '').toBe('');
		}
	}

	test('exactly so many lines of so many cells, of the characters allowed', () => {
		fc.assert(
			fc.property(fc.oneof(size, small), options, buckets, series, (size, options, pairs, series) => {
				check(charts.histogram(size, statOf(...pairs), options), size.columns, size.rows, options);
				check(charts.rates(size, series, options), size.columns, size.rows, options);
			}),
			{numRuns: 150},
		);
	}, 60_000);

	test('and none at all', () => {
		expect(charts.histogram({columns: 0, rows: 0}, statOf([3, 1]), plain)).toEqual([]);
		expect(charts.rates({columns: -1, rows: 2}, [{name: 'a', values: [1]}], plain)).toEqual(['', '']);
	});
});

test('two thousand pictures of changing size leave no memory behind', () => {
	setFlagsFromString('--expose-gc');
	const gc = runInNewContext('gc') as () => void;
	const series = [{name: 'tcp', values: [1, 5, 3]}];
	const draw = (count: number) => {
		for (let i = 0; i < count; i++) {
			const size = {columns: 40 + (i % 50), rows: 8 + (i % 7)};
			charts.histogram(size, statOf([10 + (i % 5), i + 1]), plain);
			charts.rates(size, series, plain);
		}
		gc();
		return process.memoryUsage().heapUsed;
	};
	const before = draw(200);
	expect(draw(1000) - before).toBeLessThan(1 << 20);
}, 60_000);
