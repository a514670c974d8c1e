/** Where blocks that ran on top of others are, and which entries a filter shows: against the plain way to find out. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {compilePredicate, type Lookup} from '../../src/trace/filter/predicate.js';
import {Matches, matchesEntry} from '../../src/trace/matches.js';
import {Nest} from '../../src/trace/nest.js';
import {Entry, Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {Kernel, type Step} from './support/kernel.js';
import {join, makeRecord} from './support/records.js';

const lookup: Lookup = {pid: () => undefined, device: () => undefined};
const predicate = (text: string) => compilePredicate(parseFilter(text));

const step: fc.Arbitrary<Step> = fc.record({
	action: fc.constantFrom('enter', 'enter', 'exit', 'exit', 'mark', 'softirq', 'softirq'),
	task: fc.nat(4),
	interrupt: fc.boolean(),
	fn: fc.nat(7),
	elapse: fc.integer({min: 1, max: 50}),
});

function nested(records: readonly Uint8Array[], limit = 1 << 24): {store: Store; nest: Nest} {
	const store = new Store(limit);
	const nest = new Nest(store);
	const entry = new Entry();
	store.onEntry = (id) => {
		if (store.read(id, entry)) nest.add(entry);
	};
	const builder = new BlockBuilder(store, new Tasks());
	for (const record of records) builder.push(record);
	builder.flush();
	return {store, nest};
}

test('every block on top of another knows it, and is known by it in the order of begin', () => {
	fc.assert(
		fc.property(fc.array(step, {maxLength: 200}), (steps) => {
			const kernel = new Kernel();
			for (const one of steps) kernel.run(one);
			kernel.stop(false);
			const {store, nest} = nested(kernel.records);
			const entry = new Entry();
			const byBlock = new Map<number, number>();
			for (let id = store.first; id < store.end; id++) {
				if (store.read(id, entry) && entry.block !== 0) byBlock.set(entry.block, id);
			}
			for (let id = store.first; id < store.end; id++) {
				store.read(id, entry);
				const below = byBlock.get(entry.under) ?? -1;
				expect(nest.parent(id)).toBe(below > id ? below : -1);
				const children = nest.children(id);
				const begins = children.map((child) => store.begin(child));
				expect(begins).toEqual([...begins].sort((a, b) => a - b));
				for (const child of children) expect(nest.parent(child)).toBe(id);
			}
		}),
	);
});

test('several on top of one block', () => {
	const kernel = new Kernel();
	const run = (action: Step['action'], interrupt = false) =>
		kernel.run({action, task: 0, interrupt, fn: 1, elapse: 10});
	run('enter');
	for (let i = 0; i < 3; i++) {
		run('softirq');
		run('exit', true);
	}
	run('exit');
	const {nest} = nested(kernel.records);
	expect(nest.children(3)).toEqual([0, 1, 2]);
	expect([0, 1, 2, 3].map((id) => nest.parent(id))).toEqual([3, 3, 3, -1]);
});

/** Entries of one record each, with ports that tell them apart. */
const packet = (i: number): Uint8Array => {
	const ports = {sport: 1000 + (i % 7), dport: 80, proto: 17};
	return makeRecord({fn: i % 3, begin: 1000 + i, duration: 5, src: [10, 0, 0, 1], dst: [10, 0, 0, 2], ...ports});
};

function filtered(text: string, count: number, limit = 1 << 24) {
	const store = new Store(limit);
	const matches = new Matches(store, lookup);
	matches.predicate = predicate(text);
	const seen: number[] = [];
	matches.onMatch = ({id}) => seen.push(id);
	const entry = new Entry();
	store.onEntry = (id) => {
		if (store.read(id, entry)) matches.add(entry);
	};
	const builder = new BlockBuilder(store, new Tasks());
	const push = (from: number, to: number) => {
		builder.push(join(Array.from({length: to - from}, (_, i) => packet(from + i))));
	};
	push(0, count);
	return {store, matches, push, seen};
}

function expected(store: Store, text: string): number[] {
	const entry = new Entry();
	const found: number[] = [];
	for (let id = store.first; id < store.end; id++) {
		if (store.read(id, entry) && matchesEntry(entry, predicate(text), lookup)) found.push(id);
	}
	return found;
}

const forward = (matches: Matches): number[] => {
	const found: number[] = [];
	for (let id = matches.next(0); id >= 0; id = matches.next(id + 1)) found.push(id);
	return found;
};
const backward = (matches: Matches, from: number): number[] => {
	const found: number[] = [];
	for (let id = matches.previous(from); id >= 0; id = matches.previous(id - 1)) found.unshift(id);
	return found;
};

test('matches are found in both directions as entries come', () => {
	const {store, matches} = filtered('port 1003', 5000);
	const wanted = expected(store, 'port 1003');
	expect(wanted).toHaveLength(714);
	expect(forward(matches)).toEqual(wanted);
	expect(backward(matches, store.end)).toEqual(wanted);
	expect(matches.count).toBe(wanted.length);
});

test('a new filter is in force from the newest entry back, in slices, while more come', () => {
	const {store, matches, push, seen} = filtered('port 1003', 5000);
	seen.length = 0;
	matches.change(predicate('port 1005'));
	expect(matches.complete).toBe(false);
	matches.step(() => true);
	expect(matches.complete).toBe(false);
	push(5000, 5100);
	const half = forward(matches);
	expect(half.length).toBeGreaterThan(0);
	expect(half).toEqual(expected(store, 'port 1005').filter((id) => id >= (half[0] as number)));
	matches.step(() => false);
	expect(matches.complete).toBe(true);
	expect(forward(matches)).toEqual(expected(store, 'port 1005'));
	expect([...seen].sort((a, b) => a - b)).toEqual(expected(store, 'port 1005'));
});

test('what the store drops is forgotten', () => {
	const {store, matches, push} = filtered('port 1003', 1000, 1 << 17);
	for (let i = 1; i < 20; i++) push(1000 * i, 1000 * (i + 1));
	expect(store.first).toBeGreaterThan(0);
	const wanted = expected(store, 'port 1003');
	expect(forward(matches)).toEqual(wanted);
	expect(matches.count).toBe(wanted.length);
});
