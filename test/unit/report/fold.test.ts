/** Folded stacks: each time on the calls around it, softirqs on the call they interrupted, and no time lost. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {foldedLines} from '../../../src/formats/folded.js';
import {Fold} from '../../../src/trace/fold.js';
import {Flag, Kind} from '../../../src/trace/record.js';
import {Entry} from '../../../src/trace/store.js';
import {Tally} from '../../../src/trace/tally.js';
import {build} from '../support/blocks.js';
import {anyStep, Kernel} from '../support/kernel.js';
import {makeRecord, makeSession} from '../support/records.js';

const {functions} = makeSession(['tcp_sendmsg', 'tcp_push', 'ip_output', 'tcp_v4_rcv', '-kfree_skb']);

function lines(records: Uint8Array[], fold = new Fold(), thread = 'curl'): string[] {
	const {store, builder} = build(records, 1);
	builder.flush();
	const entry = new Entry();
	for (let id = store.first; id < store.end; id++) if (store.read(id, entry)) fold.add(entry, thread, store.epoch);
	fold.finish();
	return foldedLines(fold, functions).map((line) => line.trimEnd());
}

const softirq = {flags: Flag.IRQ_STACK, context: 1, tid: 7};
const received = makeRecord({...softirq, fn: 3, begin: 1450, duration: 100, under: 3});
const sent = [
	makeRecord({fn: 2, tid: 7, depth: 2, begin: 1300, duration: 400}),
	makeRecord({fn: 1, tid: 7, depth: 1, begin: 1200, duration: 600}),
	makeRecord({fn: 0, tid: 7, begin: 1000, duration: 1000}),
];

test('a line a stack, a softirq on the call it interrupted, the same stack again added up', () => {
	const again = [
		makeRecord({fn: 1, tid: 7, depth: 1, begin: 5100, duration: 50}),
		makeRecord({fn: 0, tid: 7, begin: 5000, duration: 150}),
	];
	const mark = makeRecord({...softirq, kind: Kind.DROP, fn: 4, depth: 1, begin: 1460});
	expect(lines([mark, received, ...sent, ...again])).toEqual([
		'curl;task;tcp_sendmsg 500',
		'curl;task;tcp_sendmsg;tcp_push 250',
		'curl;task;tcp_sendmsg;tcp_push;ip_output 300',
		'curl;task;tcp_sendmsg;tcp_push;ip_output;softirq;tcp_v4_rcv 100',
	]);
});

test('of several calls the softirq is on the one that it interrupted', () => {
	const twice = [
		makeRecord({...softirq, fn: 3, begin: 1150, duration: 30, under: 3}),
		makeRecord({fn: 2, tid: 7, depth: 1, begin: 1100, duration: 100}),
		makeRecord({...softirq, fn: 3, begin: 1250, duration: 7, under: 1}),
		makeRecord({...softirq, fn: 3, begin: 1450, duration: 100, under: 3}),
		makeRecord({fn: 2, tid: 7, depth: 2, begin: 1400, duration: 200}),
		makeRecord({fn: 1, tid: 7, depth: 1, begin: 1300, duration: 400}),
		makeRecord({fn: 0, tid: 7, begin: 1000, duration: 1000}),
	];
	expect(lines(twice)).toEqual([
		'curl;task;tcp_sendmsg 493',
		'curl;task;tcp_sendmsg;ip_output 70',
		'curl;task;tcp_sendmsg;ip_output;softirq;tcp_v4_rcv 30',
		'curl;task;tcp_sendmsg;softirq;tcp_v4_rcv 7',
		'curl;task;tcp_sendmsg;tcp_push 200',
		'curl;task;tcp_sendmsg;tcp_push;ip_output 100',
		'curl;task;tcp_sendmsg;tcp_push;ip_output;softirq;tcp_v4_rcv 100',
	]);
});

test('a softirq on a call that never came, or on none, is a root of its own', () => {
	const alone = makeRecord({...softirq, fn: 3, begin: 1450, duration: 100});
	expect(lines([received])).toEqual(['curl;softirq;tcp_v4_rcv 100']);
	expect(lines([alone])).toEqual(['curl;softirq;tcp_v4_rcv 100']);
});

test('a softirq on a call that is still open is inside it', () => {
	const open = makeRecord({kind: Kind.OPEN, fn: 0, tid: 7, begin: 1000, duration: 900});
	expect(lines([makeRecord({...softirq, fn: 3, begin: 1450, duration: 100, under: 1}), open])).toEqual([
		'curl;task;tcp_sendmsg;softirq;tcp_v4_rcv 100',
	]);
});

test('names cannot break a line', () => {
	expect(lines(sent.slice(2), new Fold(), 'Web Content;x')).toEqual(['Web_Content:x;task;tcp_sendmsg 1000']);
});

test('no more stacks than there is room for: the time of others is with the calls around them', () => {
	const fold = new Fold(4);
	expect(lines([received, ...sent], fold)).toEqual(['curl;task;tcp_sendmsg 400', 'curl;task;tcp_sendmsg;tcp_push 600']);
	expect(fold.stacks.cut).toBeGreaterThan(0);
	const none = new Fold(0);
	expect(lines(sent, none)).toEqual(['[other] 1000']);
});

test('what waits for too long becomes a root', () => {
	expect(lines([received, ...sent], new Fold(undefined, 0))).toEqual([
		'curl;softirq;tcp_v4_rcv 100',
		'curl;task;tcp_sendmsg 400',
		'curl;task;tcp_sendmsg;tcp_push 200',
		'curl;task;tcp_sendmsg;tcp_push;ip_output 300',
	]);
});

const step = anyStep(4);

test('the times of all stacks are the self times of all calls, however little room there is', () => {
	fc.assert(
		fc.property(
			fc.array(step, {maxLength: 150}),
			fc.boolean(),
			fc.constantFrom(undefined, 0, 3, 20),
			fc.constantFrom(undefined, 0, 5),
			(script, asleep, frames, waiting) => {
				const kernel = new Kernel();
				for (const one of script) kernel.run(one);
				kernel.stop(asleep);
				const {store, builder} = build(kernel.records, 1);
				builder.flush();
				const tally = new Tally(new Array(4));
				const entry = new Entry();
				for (let id = store.first; id < store.end; id++) if (store.read(id, entry)) tally.add(entry);
				const self = tally.stats().reduce((sum, stat) => sum + stat.self, 0n);
				const all = lines(kernel.records, new Fold(frames, waiting));
				expect(all.every((line) => /^[^ ]+ [1-9]\d*$/.test(line))).toBe(true);
				expect(all.reduce((sum, line) => sum + BigInt(line.split(' ')[1] ?? ''), 0n)).toBe(self);
			},
		),
	);
});
