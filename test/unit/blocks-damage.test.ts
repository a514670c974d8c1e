import fc from 'fast-check';
import {expect, test} from 'vitest';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {Flag, Kind, recordSize} from '../../src/trace/record.js';
import {Entry, Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {build, read, type Seen} from './support/blocks.js';
import {makeRecord} from './support/records.js';

test('lost records: what is left stands where it belongs', () => {
	const call = (fn: number, depth: number, begin: number, end: number) =>
		makeRecord({fn, tid: 7, depth, begin, duration: end - begin});
	const shape = (seen: Seen): unknown => [seen.fn, seen.children.map(shape)];
	const shapes = (records: Uint8Array[]) => {
		const {store, builder} = build(records, 1);
		builder.flush();
		return read(store).map(({root}) => shape(root));
	};
	// The root of the first block is missing: its child is not a child of the next root.
	expect(shapes([call(2, 1, 110, 120), call(3, 1, 210, 220), call(1, 0, 200, 300)])).toEqual([
		[2, []],
		[1, [[3, []]]],
	]);
	// A call in the middle is missing: its child goes to the call around it, not to its elder sister.
	expect(shapes([call(2, 1, 110, 120), call(4, 2, 140, 150), call(1, 0, 100, 300)])).toEqual([
		[
			1,
			[
				[2, []],
				[4, []],
			],
		],
	]);
	// The root never comes.
	expect(
		shapes([call(3, 2, 120, 130), call(2, 1, 110, 140), makeRecord({kind: Kind.MARK, fn: 9, tid: 7, depth: 1})]),
	).toEqual([
		[2, [[3, []]]],
		[9, []],
	]);
	// The end of a call that was announced as open is missing, the next call at its place arrives.
	const open = makeRecord({kind: Kind.OPEN, fn: 2, tid: 7, depth: 1, begin: 110});
	const lostEnd = [call(3, 2, 120, 130), open, open, call(5, 2, 160, 170), call(4, 1, 150, 180), call(1, 0, 100, 300)];
	expect(shapes(lostEnd)).toEqual([
		[
			1,
			[
				[2, [[3, []]]],
				[4, [[5, []]]],
			],
		],
	]);
	const {store} = build(lostEnd, 1);
	const entry = new Entry();
	store.read(0, entry);
	const second = entry.at + recordSize(entry.view.bytes, entry.at);
	expect([entry.view.kind(second), entry.view.flags(second)]).toEqual([Kind.CALL, Flag.END_UNKNOWN]);
});

test('a number that was given to a block whose root was lost is not given to the next one', () => {
	const softirq = makeRecord({fn: 3, tid: 7, begin: 150, duration: 4, flags: Flag.IRQ_STACK, under: 3});
	const {store} = build([softirq, makeRecord({fn: 1, tid: 7, begin: 200, duration: 10})], 1);
	const [first, second] = read(store).map(({entry}) => entry);
	expect(first?.under).toBeGreaterThan(0);
	expect(new Set([first?.under, first?.block, second?.block]).size).toBe(3);
});

test('threads that are gone are forgotten soon, those that go on or sleep in a call are not', () => {
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	const sleeping = {tid: 1, fn: 1, depth: 0, begin: 10};
	builder.push(makeRecord({...sleeping, kind: Kind.OPEN}));
	for (let i = 0; i < 5000; i++) {
		builder.push(makeRecord({tid: 1000 + i, fn: 2, depth: 0, begin: 100 + i, duration: 1}));
		expect(builder.memory().stacks).toBeLessThan(150);
	}
	expect(store.blocks).toBe(5000);
	builder.push(makeRecord({...sleeping, duration: 9000}));
	expect(store.blocks).toBe(5001);
	expect(builder.evicted + builder.cuts).toBe(0);
});

test('stacks of threads that are gone make room; calls that wait keep their place', () => {
	const store = new Store(1 << 22);
	const builder = new BlockBuilder(store, new Tasks(), {block: 8192, stacks: 50, waiting: 1 << 20});
	builder.push(makeRecord({kind: Kind.OPEN, fn: 1, tid: 1, begin: 100}));
	for (let tid = 2; tid < 1000; tid++) builder.push(makeRecord({fn: 2, tid, begin: tid * 100, duration: 3}));
	expect([builder.evicted, store.blocks]).toEqual([0, 998]);
	builder.push(makeRecord({fn: 1, tid: 1, begin: 100, duration: 1_000_000}));
	expect(read(store).at(-1)?.root).toMatchObject({kind: Kind.CALL, fn: 1});
	// More sleeping calls than stacks: the oldest are shown as open, none is forgotten.
	for (let tid = 1; tid <= 200; tid++) builder.push(makeRecord({kind: Kind.OPEN, fn: 4, tid, begin: 2_000_000 + tid}));
	expect(builder.evicted).toBeGreaterThan(100);
	builder.flush();
	expect(read(store).filter(({root}) => root.kind === Kind.OPEN).length).toBe(200);
});

test('the self time of a block that was cut because of its length is exact', () => {
	const store = new Store(1 << 26);
	const builder = new BlockBuilder(store, new Tasks(), {block: 4096, stacks: 10, waiting: 1 << 20});
	for (let i = 0; i < 500; i++) {
		const begin = 1000 + i * 100;
		if (i % 3 === 0) {
			const softirq = {fn: 9, tid: 7, flags: Flag.IRQ_STACK, duration: 7};
			// On top of the child, then on top of the root.
			builder.push(makeRecord({...softirq, begin: begin + 5, under: 3}));
			builder.push(makeRecord({fn: 2, tid: 7, depth: 1, begin, duration: 50}));
			builder.push(makeRecord({...softirq, begin: begin + 60, under: 2}));
		} else builder.push(makeRecord({fn: 2, tid: 7, depth: 1, begin, duration: 50}));
	}
	builder.push(makeRecord({fn: 1, tid: 7, begin: 900, duration: 60_000}));
	expect(builder.cuts).toBeGreaterThan(5);
	const all = read(store);
	const root = all.at(-1)?.root as Seen;
	expect([root.fn, root.self]).toEqual([1, 60_000 - 500 * 50 - 167 * 7]);
	const children = [...all.slice(0, -1).map(({root: child}) => child), ...root.children].filter(({fn}) => fn === 2);
	expect(children.length).toBe(500);
	expect(children.reduce((sum, {self}) => sum + self, 0)).toBe(500 * 50 - 167 * 7);
});

test('damaged streams never throw, and memory stays bounded', () => {
	const limits = {block: 8192, stacks: 20, waiting: 65_536};
	const record = fc
		.record({
			kind: fc.constantFrom(Kind.CALL, Kind.CALL, Kind.OPEN, Kind.MARK, Kind.DROP, Kind.LOSS, Kind.TASK, 0, 255),
			flags: fc.nat(255),
			tid: fc.oneof(fc.nat(60), fc.nat(0xffffffff)),
			begin: fc.oneof(fc.nat(2000).map(BigInt), fc.bigInt(0n, 2n ** 64n - 1n)),
			duration: fc.oneof(fc.nat(2000).map(BigInt), fc.bigInt(0n, 2n ** 64n - 1n)),
			depth: fc.oneof(fc.nat(5), fc.nat(255)),
			fn: fc.nat(3),
			under: fc.nat(2),
			cpu: fc.nat(65535),
		})
		.map((fields) => {
			const bytes = makeRecord({...fields, ...(fields.flags % 4 === 2 ? {src: new Array<number>(16).fill(1)} : {})});
			const size = recordSize(bytes, 0);
			return size === 0 ? bytes : bytes.subarray(0, size);
		});
	fc.assert(
		fc.property(fc.array(record, {maxLength: 400}), (records) => {
			const store = new Store(1 << 18);
			const tasks = new Tasks();
			const builder = new BlockBuilder(store, tasks, limits);
			for (let round = 0; round < 3; round++) for (const bytes of records) builder.push(bytes);
			builder.snapshot(new Store(1 << 18));
			const waiting = builder.memory();
			expect(waiting.stacks).toBeLessThanOrEqual(limits.stacks + 1);
			expect(waiting.bytes).toBeLessThan(2 * limits.waiting);
			builder.flush();
			expect(builder.memory()).toEqual({stacks: 0, bytes: 0});
			read(store);
		}),
		{numRuns: 200},
	);
});

test('an unaligned buffer and a record that is cut off', () => {
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	const record = makeRecord({fn: 5, begin: 77, duration: 3});
	const shifted = Buffer.concat([Buffer.from([0]), record, record.subarray(0, 40)]).subarray(1);
	builder.push(shifted);
	expect([store.events, builder.damaged]).toEqual([1, 40]);
	expect(read(store)[0]?.root).toMatchObject({fn: 5, begin: 77n, duration: 3});
});
