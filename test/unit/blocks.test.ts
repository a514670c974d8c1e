import fc from 'fast-check';
import {expect, test} from 'vitest';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {Flag, Kind} from '../../src/trace/record.js';
import {Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {build, read, type Seen} from './support/blocks.js';
import {Kernel, type Step, TASKS, type Truth} from './support/kernel.js';
import {join, makeRecord} from './support/records.js';

function expectTree(seen: Seen, truth: Truth): void {
	expect(seen.fn).toBe(truth.fn);
	expect(seen.begin).toBe(BigInt(truth.begin));
	if (truth.kind === Kind.MARK) expect(seen.kind).toBe(Kind.MARK);
	else {
		expect(seen.duration).toBe(truth.duration);
		const inside = truth.children.reduce((sum, child) => sum + Math.max(0, child.duration), 0);
		expect(seen.self).toBe(truth.duration < 0 ? -1 : truth.duration - inside - truth.onTop);
	}
	expect(seen.children.length).toBe(truth.children.length);
	truth.children.forEach((child, i) => {
		expectTree(seen.children[i] as Seen, child);
	});
}

const step = (actions: Step['action'][]) =>
	fc.record({
		action: fc.constantFrom(...actions),
		task: fc.nat(TASKS - 1),
		interrupt: fc.boolean(),
		fn: fc.nat(50),
		elapse: fc.integer({min: 1, max: 40}),
	});

const steps: Step['action'][] = ['enter', 'enter', 'enter', 'exit', 'exit', 'mark', 'sleep', 'softirq', 'softirq'];

test('random calls, marks, sleeps and softirqs on several stacks come out as the trees they were', () => {
	fc.assert(
		fc.property(
			fc.array(step(steps), {maxLength: 150}),
			fc.boolean(),
			fc.integer({min: 1, max: 9}),
			// Also where an ns of uptime no longer fits a double.
			fc.constantFrom(1_000, 2 ** 32 - 9_000, 2 ** 52),
			(script, asleep, pieces, start) => {
				const kernel = new Kernel(start);
				for (const one of script) kernel.run(one);
				kernel.stop(asleep);
				const {store, builder} = build(kernel.records, pieces);
				if (!asleep) expect(store.blocks).toBe(kernel.done.length);
				builder.flush();
				const all = read(store);
				expect(all.length).toBe(kernel.done.length);
				expect(store.events).toBe(all.reduce((sum, {entry}) => sum + entry.records, 0));
				const byBegin = (a: {begin: number | bigint; fn: number}, b: {begin: number | bigint; fn: number}) =>
					Number(BigInt(a.begin) - BigInt(b.begin)) || a.fn - b.fn;
				const order = asleep ? byBegin : () => 0;
				const truths = [...kernel.done].sort(order);
				all.sort((a, b) => order(a.root, b.root));
				const numbers = new Map<Truth, number>();
				truths.forEach((truth, i) => {
					const {entry, root} = all[i] as (typeof all)[number];
					expectTree(root, truth);
					numbers.set(truth, entry.block);
				});
				const calls = truths.filter((truth) => truth.kind !== Kind.MARK);
				expect(new Set(calls.map((truth) => numbers.get(truth))).size).toBe(calls.length);
				truths.forEach((truth, i) => {
					expect(all[i]?.entry.block === 0).toBe(truth.kind === Kind.MARK);
					expect(all[i]?.entry.under).toBe(truth.under === undefined ? 0 : numbers.get(truth.under));
				});
				expect(builder.damaged + builder.cuts + builder.evicted).toBe(0);
			},
		),
		{numRuns: 300},
	);
});

test('a call whose end was not seen keeps its place and its children', () => {
	fc.assert(
		fc.property(
			fc.array(step(['enter', 'enter', 'exit', 'skip-exit', 'mark', 'sleep']), {maxLength: 100}),
			(script) => {
				const kernel = new Kernel();
				for (const one of script) kernel.run(one);
				kernel.stop(false);
				const all = read(build(kernel.records, 5).store);
				expect(all.length).toBe(kernel.done.length);
				all.forEach(({root}, i) => {
					expectTree(root, kernel.done[i] as Truth);
				});
			},
		),
	);
});

test('a snapshot shows the open calls and changes nothing', () => {
	fc.assert(
		fc.property(fc.array(step(steps), {maxLength: 100}), fc.nat(100), (script, when) => {
			const kernel = new Kernel();
			script.slice(0, when).forEach((one) => {
				kernel.run(one);
			});
			const before = kernel.records.length;
			for (const one of script.slice(when)) kernel.run(one);
			kernel.stop(false);
			const {store, builder} = build(kernel.records.slice(0, before), 7);
			const open = new Store(1 << 20);
			builder.snapshot(open);
			for (const {entry, root} of read(open)) {
				if (root.kind === Kind.OPEN) expect(entry.block).toBeGreaterThan(0);
			}
			builder.push(join(kernel.records.slice(before)));
			const all = read(store);
			expect(all.length).toBe(kernel.done.length);
			all.forEach(({root}, i) => {
				expectTree(root, kernel.done[i] as Truth);
			});
		}),
	);
});

test('a snapshot holds the call that sleeps with what it did before', () => {
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	const softirq = {fn: 3, tid: 7, flags: Flag.IRQ_STACK, under: 3};
	builder.push(makeRecord({...softirq, begin: 112, duration: 4}));
	builder.push(makeRecord({fn: 2, tid: 7, depth: 1, begin: 110, duration: 10}));
	builder.push(makeRecord({kind: Kind.OPEN, fn: 1, tid: 7, begin: 100}));
	for (let round = 0; round < 2; round++) {
		const open = new Store(1 << 20);
		builder.snapshot(open);
		const [block, ...others] = read(open);
		expect(others).toEqual([]);
		expect([block?.root.kind, block?.root.fn, block?.entry.block]).toEqual([Kind.OPEN, 1, 2]);
		expect(block?.root.children.map(({fn, self}) => [fn, self])).toEqual([[2, 6]]);
	}
	expect(store.end).toBe(1);
});
