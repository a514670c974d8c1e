/** A log of what a filter shows is the log of a trace that had the filter from the beginning. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ClassicWriter} from '../../src/formats/classic.js';
import {BlockBuilder} from '../../src/trace/blocks.js';
import type {Lookup, Predicate} from '../../src/trace/filter/predicate.js';
import {Narrower, narrowed} from '../../src/trace/narrow.js';
import {inOrder} from '../../src/trace/order.js';
import {Kind, recordSize} from '../../src/trace/record.js';
import {selfTimes} from '../../src/trace/self.js';
import {Entry, Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {RecordView} from '../../src/trace/view.js';
import {Kernel, type Step} from './support/kernel.js';
import {makeSession} from './support/records.js';

const lookup: Lookup = {pid: () => undefined, device: () => undefined};

const step: fc.Arbitrary<Step> = fc.record({
	action: fc.constantFrom('enter', 'enter', 'exit', 'exit', 'mark', 'softirq'),
	task: fc.nat(4),
	interrupt: fc.boolean(),
	fn: fc.nat(7),
	elapse: fc.integer({min: 1000, max: 5000}),
});

/** By the function, which is all that these records differ in. */
function shows(fns: readonly number[]): Predicate {
	return (bytes, offset) => fns.includes(new RecordView(bytes).fn(offset));
}

function build(records: readonly Uint8Array[]): Store {
	const store = new Store(1 << 24);
	const builder = new BlockBuilder(store, new Tasks());
	for (const record of records) builder.push(record);
	builder.flush();
	return store;
}

function log(store: Store): string {
	const writer = new ClassicWriter(makeSession(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']), {time: 'ns', now: () => 0n});
	let text = '';
	for (const entry of inOrder(store)) text += writer.entry(entry);
	return text + writer.last(0n);
}

function run(steps: readonly Step[]): readonly Uint8Array[] {
	const kernel = new Kernel();
	for (const one of steps) kernel.run(one);
	kernel.stop(false);
	return kernel.records;
}

test('narrowed afterwards or from the beginning: the same log', () => {
	fc.assert(
		fc.property(fc.array(step, {maxLength: 150}), fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]), (steps, fns) => {
			const records = run(steps);
			const predicate = shows(fns);
			const beginning = build(records.filter((record) => predicate(record, 0, lookup)));
			const store = build(records);
			const slices = narrowed(store, store.end, predicate, lookup);
			let result = slices.next();
			while (result.done !== true) result = slices.next();
			expect(log(result.value)).toBe(log(beginning));
		}),
	);
});

test('a self time has in it what is hidden inside, but not what ran on top', () => {
	fc.assert(
		fc.property(fc.array(step, {maxLength: 150}), fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]), (steps, fns) => {
			const store = build(run(steps));
			const entry = new Entry();
			const narrower = new Narrower();
			for (let id = store.first; id < store.end; id++) {
				if (!store.read(id, entry)) continue;
				const whole = new Float64Array(entry.records);
				selfTimes(entry, whole);
				const same = new Float64Array(entry.records);
				selfTimes(
					narrower.narrow(entry, () => true, lookup),
					same,
				);
				expect(same).toEqual(whole);
				const part = narrower.narrow(entry, shows(fns), lookup);
				const self = new Float64Array(Math.max(1, part.records));
				selfTimes(part, self);
				let onTop = 0;
				for (let i = 0; i < part.onTop; i++) onTop += part.view.low(part.end + i * 16 + 8);
				let [all, own, index] = [0, 0, 0];
				for (let at = part.at; at < part.end; at += recordSize(part.view.bytes, at)) {
					if (part.view.depth(at) === 0 && part.view.kind(at) === Kind.CALL) all += part.view.duration(at);
					own += Math.max(0, self[index++] as number);
				}
				expect(own).toBe(all - onTop);
			}
		}),
	);
});
