import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, it, test} from 'vitest';
import {compileFilter, FILTER_SIZE, FilterAt, MAX_TESTS, TEST_SIZE, TestAt} from '../../src/trace/filter/compile.js';
import type {Narrowing} from '../../src/trace/filter/expression.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {compilePredicate} from '../../src/trace/filter/predicate.js';
import {evaluateFilter} from './support/evaluate-filter.js';
import {filterText, lookup, narrowing, primitiveText, record} from './support/filter-arbitraries.js';

/** The program in words, a test a line: field, range, where to if it holds and if not (+ accept, - reject). */
function program(text: string, extra?: Narrowing): string[] {
	const {bytes} = compileFilter(parseFilter(text), extra);
	const view = new DataView(bytes.buffer);
	const to = (at: number) => ({255: '+', 254: '-'})[view.getUint8(at)] ?? String(view.getUint8(at));
	return Array.from({length: view.getUint32(FilterAt.count, true)}, (_, i) => {
		const at = FilterAt.test + i * TEST_SIZE;
		const [mask, lo, span] = [TestAt.mask, TestAt.lo, TestAt.span].map((word) => view.getUint32(at + word, true));
		const key = `${view.getUint16(at + TestAt.at, true)}/${mask!.toString(16)}`;
		const shift = mask === 0 ? 1 : (mask! & -mask!) >>> 0;
		const field = FIELDS[key] ?? key;
		const range = `${lo! / shift}${span ? `-${(lo! + span) / shift}` : ''}`;
		return `${field} ${range} ? ${to(at + TestAt.yes)} : ${to(at + TestAt.no)}`;
	});
}

const FIELDS: Readonly<Record<string, string>> = {
	'20/30000': 'family',
	'20/10000': 'ipv4|arp',
	'0/ff00': 'proto',
	'12/ffff': 'dport',
	'12/ffff0000': 'sport',
	'4/ffffffff': 'saddr',
	'8/ffffffff': 'daddr',
};

const many = (count: number, word: (i: number) => string, operator: string) =>
	Array.from({length: count}, (_, i) => word(i + 1)).join(operator);

describe('the program for the kernel', () => {
	it('has the layout of bpf/control.h', () => {
		const header = readFileSync(new URL('../../bpf/control.h', import.meta.url), 'utf8');
		expect(header).toMatch(new RegExp(`#define MAX_TESTS ${MAX_TESTS}\\b`));
		expect(header).toContain(`RECORD_ASSERT(sizeof(struct test) == ${TEST_SIZE});`);
		expect(header).toContain(`RECORD_ASSERT(sizeof(struct filter) == ${FilterAt.test} + ${TEST_SIZE} * MAX_TESTS);`);
		const {bytes} = compileFilter(parseFilter('dst portrange 258-259'), {pid: 513, netns: 4026531840, device: 'eth0'});
		const expected = new Uint8Array(FILTER_SIZE);
		expected.set([1, 2, 0, 0], 0);
		expected.set([0, 0, 0, 0xf0], 4);
		expected.set([101, 116, 104, 48], 8);
		expected.set([1], 24);
		expected.set([12, 0, 0xff, 0xfe, 0xff, 0xff, 0, 0, 2, 1, 0, 0, 1, 0, 0, 0], 32);
		expect(bytes).toEqual(expected);
	});

	test.each([
		['', []],
		['tcp', ['proto 6 ? + : -']],
		['not tcp', ['proto 6 ? - : +']],
		['ip', ['family 1 ? + : -']],
		['icmp', ['family 1 ? 1 : -', 'proto 1 ? + : -']],
		['portrange 0-5', ['sport 1-5 ? + : 1', 'dport 1-5 ? + : -']],
		['tcp port 80', ['proto 6 ? 1 : -', 'sport 80 ? + : 2', 'dport 80 ? + : -']],
		['src and dst host 1.0.0.0', ['ipv4|arp 1 ? 1 : -', 'saddr 1 ? 2 : -', 'daddr 1 ? + : -']],
		['net 0.0.0.0/0', ['ipv4|arp 1 ? + : -']],
		// The cheap first
		['port 80 and tcp', ['proto 6 ? 1 : -', 'sport 80 ? + : 2', 'dport 80 ? + : -']],
		// Nothing is asked twice
		['tcp and tcp', ['proto 6 ? + : -']],
		['src port 7 and src portrange 1-100', ['sport 7 ? + : -']],
		['src portrange 1-100 or src port 7', ['sport 1-100 ? + : -']],
		['tcp src port 1 or 2', ['proto 6 ? 1 : -', 'sport 1 ? + : 2', 'sport 2 ? + : -']],
		['tcp src 1 or udp src 2', ['proto 6 ? 1 : 2', 'sport 1 ? + : -', 'proto 17 ? 3 : -', 'sport 2 ? + : -']],
		['src 1.0.0.0 or 2.0.0.0', ['ipv4|arp 1 ? 1 : -', 'saddr 1 ? + : 2', 'saddr 2 ? + : -']],
		['ip src host 1.0.0.0 and ip', ['family 1 ? 1 : -', 'saddr 1 ? + : -']],
		['tcp or not tcp', []],
		// What can never hold
		['tcp and udp', ['0/0 0 ? - : -']],
		['tcp and not tcp', ['0/0 0 ? - : -']],
		['host 1.2.3.4 and host ::1', ['0/0 0 ? - : -']],
		['ip6 and src 1.2.3.4', ['0/0 0 ? - : -']],
	])('of %s', (text, tests) => {
		expect(program(text)).toEqual(tests);
		expect(compileFilter(parseFilter(text)).exact).toBe(true);
	});

	it('knows that no device has a long name', () => {
		expect(program('', {device: 'a-name-too-long0'})).toEqual(['0/0 0 ? - : -']);
		expect(program('', {device: 'just-long-enou0'})).toEqual([]);
	});

	test.each([
		['16 ports fit', many(16, (i) => `port ${i}`, ' or '), true, 32],
		['17 ports do not', many(17, (i) => `port ${i}`, ' or '), false, 0],
		['three IPv6 hosts fit', many(3, (i) => `::${i}`, ' or '), true, 25],
		['what comes before the many stays', `(${many(17, (i) => `port ${i}`, ' or ')}) and tcp`, false, 1],
		['of many exceptions the first stay', many(40, (i) => `not src port ${i}`, ' and '), false, 32],
		['long chains', many(400, (i) => (i % 3 ? `${i}` : `1.2.3.${i % 256}`), ' or '), false, 0],
		['contradictions cost nothing', many(60, (i) => `(src port ${i} or dst port ${i})`, ' and '), true, 1],
	])('too small: %s', (_, text, exact, count) => {
		const compiled = compileFilter(parseFilter(text));
		expect(compiled.exact).toBe(exact);
		expect(compiled.bytes[FilterAt.count]).toBe(count);
	});

	it('is made in bounded time, whatever the filter', {timeout: 2000}, () => {
		const texts = [
			`1${many(400, (i) => `||${i}&&!${i + 1}`, '')}`.slice(0, 4096).replace(/\D+$/, ''),
			many(150, (i) => `(${i}||1.1.1.${i})`, '&&'),
			many(500, (i) => `::${i}`, '||'),
		];
		for (const text of texts) expect(compileFilter(parseFilter(text)).exact).toBe(false);
	});
});

describe('both compilers', () => {
	/** Decides one record both ways; what is not exact may let through more. */
	function compare(text: string, extra: Narrowing, records: readonly Uint8Array[]) {
		const expression = parseFilter(text);
		const predicate = compilePredicate(expression, extra);
		const {bytes, exact} = compileFilter(expression, extra);
		let matched = 0;
		for (const one of records) {
			const wanted = predicate(one, 0, lookup);
			const passed = evaluateFilter(bytes, one, 0, lookup);
			if (wanted) matched++;
			if (passed !== wanted && (exact || wanted)) {
				throw new Error(`${text} ${JSON.stringify(extra)} on ${one}: ${wanted}, but in the kernel ${passed}`);
			}
		}
		return {exact, matched};
	}

	it('agree on every record', {timeout: 60_000}, () => {
		let exact = 0;
		let filters = 0;
		let matched = 0;
		const records = fc.array(record, {minLength: 40, maxLength: 40});
		fc.assert(
			fc.property(filterText, fc.option(narrowing, {nil: {}, freq: 1}), records, (text, extra, some) => {
				const outcome = compare(text, extra, some);
				filters++;
				matched += outcome.matched;
				if (outcome.exact) exact++;
			}),
			{numRuns: 3000},
		);
		// Else the test would say nothing: most filters fit, and records are matched as well as not.
		expect(exact / filters).toBeGreaterThan(0.8);
		expect(matched / filters).toBeGreaterThan(4);
		expect(matched / filters).toBeLessThan(36);
	});

	it('agree that what does not fit is let through rather than lost', {timeout: 60_000}, () => {
		let wider = 0;
		const group = fc.array(primitiveText, {minLength: 2, maxLength: 12}).map((parts) => `(${parts.join(' or ')})`);
		const text = fc
			.array(
				fc.oneof(
					group,
					primitiveText.map((one) => `not ${one}`),
				),
				{minLength: 2, maxLength: 12},
			)
			.chain((parts) => fc.constantFrom(' and ', ' or ').map((operator) => parts.join(operator)));
		fc.assert(
			fc.property(text, narrowing, fc.array(record, {minLength: 30, maxLength: 30}), (source, extra, some) => {
				if (!compare(source, extra, some).exact) wider++;
			}),
			{numRuns: 500},
		);
		expect(wider).toBeGreaterThan(100);
	});

	it('read a record where it begins', () => {
		fc.assert(
			fc.property(filterText, record, fc.nat(99), (text, one, offset) => {
				const bytes = new Uint8Array(offset + one.length);
				bytes.set(one, offset);
				const expression = parseFilter(text);
				const wanted = compilePredicate(expression)(one, 0, lookup);
				expect(compilePredicate(expression)(bytes, offset, lookup)).toBe(wanted);
			}),
		);
	});
});
