import {expect, test} from 'vitest';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {inOrder} from '../../src/trace/order.js';
import {Kind} from '../../src/trace/record.js';
import {Entry, Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {read} from './support/blocks.js';
import {join, makeLoss, makeRecord, makeTask} from './support/records.js';

test('the store drops its oldest entries and counts them', () => {
	const limit = 1 << 20;
	const store = new Store(limit);
	const tasks = new Tasks();
	const builder = new BlockBuilder(store, tasks);
	let completed = 0;
	store.onEntry = (id) => {
		if (id !== completed++) throw new Error(`entry ${id} out of turn`);
	};
	builder.push(makeTask(7, 6, 'curl'));
	for (let i = 0; i < 20_000; i++) {
		builder.push(makeRecord({fn: 1, tid: 7, depth: 1, begin: i * 10 + 1, duration: 2}));
		builder.push(makeRecord({fn: 0, tid: 7, begin: i * 10, duration: 5}));
		if (i % 100 === 0) builder.push(makeLoss(0, 3, i * 10 + 9));
	}
	expect(store.size).toBeLessThanOrEqual(limit);
	expect([store.blocks, store.events, completed]).toEqual([20_000, 40_000, 20_200]);
	const all = read(store);
	expect(store.droppedBlocks).toBe(20_000 - all.length);
	expect(store.droppedEvents).toBe(2 * store.droppedBlocks);
	expect(all.length).toBeGreaterThan(3000);
	expect(all.at(-1)?.root.begin).toBe(199_990n);
	expect(all.map(({entry}) => entry.block)).toEqual(all.map((_, i) => store.droppedBlocks + 1 + i));
	expect(tasks.get(all.at(-1)?.entry.task ?? 0)).toEqual({pid: 6, comm: 'curl'});
	expect(store.read(store.first - 1, new Entry())).toBe(false);
});

test('a saved log has its blocks in the order of their begin', () => {
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	const begins = [500, 100, 300, 100, 200].map((begin) => 2n ** 60n + BigInt(begin));
	begins.forEach((begin, tid) => {
		builder.push(makeRecord({tid, begin, duration: 1}));
	});
	expect([...store.byBegin()]).toEqual([1, 3, 4, 2, 0]);
	builder.push(makeRecord({kind: Kind.OPEN, tid: 77, begin: 2n ** 60n + 250n}));
	const open = new Store(1 << 20);
	builder.snapshot(open);
	const order = [];
	for (const entry of inOrder(store, open)) order.push(Number(entry.view.u64(entry.at + 8) - 2n ** 60n));
	expect(order).toEqual([100, 100, 200, 250, 300, 500]);
});

test('a block keeps the name its thread had', () => {
	const store = new Store(1 << 20);
	const tasks = new Tasks();
	const builder = new BlockBuilder(store, tasks);
	builder.push(
		join([makeTask(7, 6, 'sh'), makeRecord({tid: 7}), makeTask(7, 6, 'a\u001b[31m\nb'), makeRecord({tid: 7})]),
	);
	builder.push(makeRecord({tid: 8}));
	expect(read(store).map(({entry}) => tasks.get(entry.task)?.comm)).toEqual(['sh', 'a?[31m?b', undefined]);
});
