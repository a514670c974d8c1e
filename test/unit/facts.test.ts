import {isIPv6} from 'node:net';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ipv6Text} from '../../src/trace/address.js';
import {WallClock} from '../../src/trace/clock.js';
import {LOSS_CAUSES} from '../../src/trace/losses.js';
import {NameTable} from '../../src/trace/names.js';
import {BUCKETS, callCount, percentile, readCounters, readStats} from '../../src/trace/statistics.js';
import {Tasks} from '../../src/trace/tasks.js';
import {readName, sanitize} from '../../src/trace/text.js';
import {RecordView} from '../../src/trace/view.js';
import {makeSession, makeTask} from './support/records.js';

test('IPv6 addresses are in the form of RFC 5952', () => {
	const text = (...groups: number[]) => ipv6Text(Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 255])), 0);
	expect(text(0, 0, 0, 0, 0, 0, 0, 0)).toBe('::');
	expect(text(0, 0, 0, 0, 0, 0, 0, 1)).toBe('::1');
	expect(text(0xfe80, 0, 0, 0, 0, 0, 0, 0)).toBe('fe80::');
	expect(text(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1)).toBe('2001:db8:0:1:1:1:1:1');
	expect(text(0x2001, 0, 0, 1, 0, 0, 0, 1)).toBe('2001:0:0:1::1');
	expect(text(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1)).toBe('2001:db8::1:0:0:1');
	expect(text(0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201)).toBe('::ffff:192.0.2.1');
	fc.assert(
		fc.property(fc.array(fc.constantFrom(0, 0, 1, 0xabcd), {minLength: 8, maxLength: 8}), (groups) => {
			const address = text(...groups);
			expect(isIPv6(address)).toBe(true);
			// The URL parser is another implementation of it, but for the dotted quad.
			if (!address.includes('.')) expect(`[${address}]`).toBe(new URL(`http://[${address}]/`).hostname);
		}),
	);
});

test('text from outside cannot steer a terminal or begin a line', () => {
	expect(sanitize('a\u001b[2Jb\r\n\u0085\u007f\u009b')).toBe('a?[2Jb?????');
	expect(sanitize('\u202eevil\u2066\u200f\u061c\u2028')).toBe('?evil????');
	expect(sanitize('\ud800x\udc00')).toBe('?x?');
	expect(sanitize('grün 日本 😀')).toBe('grün 日本 😀');
	expect(readName(Uint8Array.of(0x61, 0xff, 0x1b, 0, 0x62), 0, 5)).toBe('a\ufffd?');
	expect(readName(new TextEncoder().encode('sixteen bytes!!!more'), 0, 16)).toBe('sixteen bytes!!!');
});

test('wall clock: exact for any uptime, in the time zone of the reader', () => {
	fc.assert(
		fc.property(
			fc.bigInt(0n, 10n ** 17n),
			fc.bigInt(0n, 2n * 10n ** 18n),
			fc.bigInt(0n, 10n ** 13n),
			(monotonic, offset, later) => {
				const clock = new WallClock(offset);
				const view = new RecordView(new Uint8Array(BigUint64Array.of(0n, monotonic).buffer));
				clock.set(view, 0, Number(later));
				const wall = monotonic + offset + later;
				expect(clock.digits()).toBe(String(wall));
				const date = new Date(Number(wall / 1_000_000n));
				expect(clock.clock()).toBe(`${date.toTimeString().slice(0, 8)}:`);
				expect(clock.micros).toBe(Number((wall / 1000n) % 1_000_000n));
			},
		),
	);
	const view = new RecordView(new Uint8Array(16).fill(255));
	const clock = new WallClock(0n);
	clock.set(view, 0, 2 ** 64);
	expect(clock.clock()).toMatch(/^\d\d:\d\d:\d\d:$/);
});

test('threads: the latest name, every name that is still held, and no more than a bound', () => {
	const tasks = new Tasks();
	const update = (tid: number, comm: string) => tasks.update(new RecordView(makeTask(tid, tid, comm)), 0);
	update(5, 'sh');
	const before = tasks.version(5);
	update(5, 'sh');
	expect(tasks.version(5)).toBe(before);
	update(5, 'curl');
	expect([tasks.get(before)?.comm, tasks.task(5)?.comm, tasks.task(6)]).toEqual(['sh', 'curl', undefined]);
	for (let tid = 10; tid < 70_010; tid++) update(tid, 'x');
	expect([tasks.get(before), tasks.task(5), tasks.task(10)]).toEqual([undefined, undefined, undefined]);
	expect(tasks.task(70_009)).toEqual({pid: 70_009, comm: 'x'});
});

test('devices and symbols', () => {
	let asked = 0;
	const names = new NameTable(makeSession([]), new Tasks(), (address) => {
		asked++;
		return address === 16n ? 'start_kernel+0x10' : undefined;
	});
	expect([names.symbol(16n), names.symbol(16n), names.symbol(255n)]).toEqual([
		'start_kernel+0x10',
		'start_kernel+0x10',
		'0xff',
	]);
	expect(asked).toBe(2);
	names.setDevice(1, {ifindex: 3, netns: 4026531840, name: 'eth\u001b0'});
	expect([names.device(1)?.name, names.device(2)]).toEqual(['eth?0', undefined]);
});

test('the tables of the kernel side', () => {
	const words = new BigUint64Array(2 * (3 + BUCKETS));
	words.set([10n, 5n, 8n], 3 + BUCKETS);
	words[3 + BUCKETS + 3 + 2] = 4n;
	const [none, stat, ...more] = readStats(words);
	expect([none && callCount(none), more]).toEqual([0n, []]);
	expect(stat && [stat.total, stat.self, stat.max, stat.bucket[2], callCount(stat)]).toEqual([10n, 5n, 8n, 4n, 4n]);
	const counters = readCounters(BigUint64Array.from([8n, ...LOSS_CAUSES.map((_, i) => BigInt(i + 1))]));
	expect(counters).toEqual({emitted: 8n, lost: LOSS_CAUSES.map((_, i) => BigInt(i + 1))});
});

test('percentiles lie in the bucket of the true value and never above the longest call', () => {
	fc.assert(
		fc.property(
			fc.array(fc.integer({min: 1, max: 10 ** 9}), {minLength: 1}),
			fc.double({min: 0, max: 1, noNaN: true}),
			(calls, q) => {
				const bucket = new Array<bigint>(BUCKETS).fill(0n);
				for (const ns of calls) bucket[Math.floor(Math.log2(ns))]! += 1n;
				const max = Math.max(...calls);
				const sorted = [...calls].sort((a, b) => a - b);
				const truth = sorted[Math.max(0, Math.ceil(q * calls.length) - 1)] as number;
				const estimate = percentile({total: 0n, self: 0n, max: BigInt(max), bucket}, q);
				const low = 2 ** Math.floor(Math.log2(truth));
				expect(estimate).toBeGreaterThanOrEqual(low);
				expect(estimate).toBeLessThanOrEqual(Math.min(2 * low, max));
			},
		),
	);
	expect(percentile({total: 0n, self: 0n, max: 0n, bucket: new Array<bigint>(BUCKETS).fill(0n)}, 0.5)).toBe(0);
});
