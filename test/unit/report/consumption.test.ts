/** What functions, groups and layers consume: exact figures from hand-made calls, and sums that agree for any calls. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Consumption, type PartUsage} from '../../../src/trace/consumption.js';
import {Flag, Kind} from '../../../src/trace/record.js';
import {Entry, type Store} from '../../../src/trace/store.js';
import {build} from '../support/blocks.js';
import {anyStep, Kernel} from '../support/kernel.js';
import {makeLoss, makeRecord, makeSession} from '../support/records.js';

/** Numbers 0 to 6: of three groups and four layers. */
const {functions} = makeSession([], 0n, [
	{name: 'tcp_sendmsg', group: 'tcpout'},
	{name: 'tcp_push', group: 'tcpout'},
	{name: 'ip_output', group: 'ip_send'},
	{name: 'tcp_v4_rcv', group: 'tcpin'},
	{name: 'kfree_skb', group: 'device', mark: true},
	{name: 'tcp_ack', group: 'tcpin'},
	{name: 'tcp_urg', group: 'tcp_prot', why: 'not in this kernel'},
]);

function counted(store: Store, traced = functions): Consumption {
	const consumption = new Consumption(traced);
	const entry = new Entry();
	for (let id = store.first; id < store.end; id++) if (store.read(id, entry)) consumption.add(entry);
	return consumption;
}

function of(records: Uint8Array[]): Consumption {
	const {store, builder} = build(records, 1);
	builder.flush();
	return counted(store);
}

const softirq = {flags: Flag.IRQ_STACK, context: 1, tid: 7};
/** A send of 1000 ns with a push inside that sends 400 ns, on top of which 100 ns are received; then one of 200 ns. */
const SENDS = [
	makeRecord({...softirq, kind: Kind.DROP, fn: 4, depth: 1, begin: 1460}),
	makeRecord({...softirq, fn: 3, begin: 1450, duration: 100, under: 3}),
	makeRecord({fn: 2, tid: 7, depth: 2, begin: 1300, duration: 400}),
	makeRecord({fn: 1, tid: 7, depth: 1, begin: 1200, duration: 600}),
	makeRecord({fn: 0, tid: 7, begin: 1000, duration: 1000}),
	makeRecord({fn: 0, tid: 7, begin: 5000, duration: 200}),
];

test('of a function: its calls, without what is inside and on top of them', () => {
	const rows = of(SENDS).functions();
	expect(rows.map(({name, layer, calls}) => [name, layer, calls])).toEqual([
		['tcp_sendmsg', 'tcp', 2],
		['ip_output', 'ip', 1],
		['tcp_push', 'tcp', 1],
		['tcp_v4_rcv', 'tcp', 1],
		['tcp_ack', 'tcp', 0],
		['kfree_skb', 'device', 1],
	]);
	// 1200 ns of self time in three blocks.
	expect(rows[0]?.times).toEqual({
		total: 1200n,
		self: 600n,
		max: 1000n,
		mean: 600,
		share: 0.5,
		perBlock: 200,
		// One call of 128 to 255 ns, one of 512 to 1000.
		p50: 256,
		p90: 902,
		p99: 990,
	});
	expect(rows[1]?.times).toMatchObject({total: 400n, self: 300n, mean: 400, share: 0.25, perBlock: 100});
	expect(rows[4]?.times).toMatchObject({total: 0n, self: 0n, mean: 0, share: 0, perBlock: 0});
	expect(rows[5]?.times).toBe(undefined);
	expect(rows.map(({sleeps}) => sleeps)).toEqual([true, false, false, false, false, false]);
});

test('of a group or layer: the time it is on the stack once, and its self time in each of its blocks', () => {
	const consumption = of(SENDS);
	const figures = ({name, blocks, calls, marks, times: {total, self, max, mean, perBlock}}: PartUsage) =>
		[name, blocks, calls, marks, total, self, max, mean, perBlock] as const;
	expect(consumption.partsOf('group').map(figures)).toEqual([
		['tcpout', 2, 3, 0, 1200n, 800n, 600n, 400, 267],
		['ip_send', 1, 1, 0, 400n, 300n, 300n, 300, 100],
		['tcpin', 1, 1, 0, 100n, 100n, 100n, 100, 33],
		['device', 0, 0, 1, 0n, 0n, 0n, 0, 0],
	]);
	expect(consumption.partsOf('layer').map(figures)).toEqual([
		['tcp', 3, 4, 0, 1300n, 900n, 600n, 300, 300],
		['ip', 1, 1, 0, 400n, 300n, 300n, 300, 100],
		['device', 0, 0, 1, 0n, 0n, 0n, 0, 0],
	]);
	// 200 ns and 600 ns: the middle is where the first bucket ends, no block took more than 600.
	expect(consumption.partsOf('group')[0]?.times).toMatchObject({p50: 256, p90: 582, p99: 598, share: 800 / 1200});
});

test('a group around another one around the first again is on the stack from the outermost on', () => {
	const [outer] = of([
		makeRecord({fn: 1, depth: 2, begin: 120, duration: 10}),
		makeRecord({fn: 2, depth: 1, begin: 110, duration: 50}),
		makeRecord({fn: 1, depth: 1, begin: 170, duration: 20}),
		makeRecord({fn: 0, begin: 100, duration: 100}),
	]).partsOf('group');
	expect(outer).toMatchObject({name: 'tcpout', calls: 3, blocks: 1, times: {total: 100n, self: 60n, max: 60n}});
});

test('calls of a group beside each other are on the stack one after the other', () => {
	const rows = of([
		makeRecord({fn: 1, depth: 1, begin: 110, duration: 20}),
		makeRecord({fn: 1, depth: 1, begin: 140, duration: 30}),
		makeRecord({fn: 2, begin: 100, duration: 100}),
	]).partsOf('group');
	expect(rows.map(({name, times: {total, self}}) => [name, total, self])).toContainEqual(['tcpout', 50n, 50n]);
});

test('calls that are open or whose end is unknown are counted, and no time is theirs', () => {
	const consumption = of([
		makeRecord({fn: 1, tid: 1, depth: 2, begin: 120, duration: 30}),
		makeRecord({fn: 2, tid: 1, depth: 1, begin: 110, duration: 90, flags: Flag.END_UNKNOWN}),
		makeRecord({kind: Kind.OPEN, fn: 0, tid: 1, begin: 100, duration: 200}),
		// A block without any known time is none that times are related to.
		makeRecord({kind: Kind.OPEN, fn: 3, tid: 2, begin: 100, duration: 200}),
	]);
	expect(consumption.totals()).toEqual({
		blocks: 1,
		calls: 1,
		marks: 0,
		open: 2,
		unknown: 1,
		self: 30n,
		perBlock: 30,
	});
	expect(consumption.blocks).toBe(2);
	const rows = consumption.functions().map(({name, calls, open, unknown}) => [name, calls, open, unknown]);
	expect(rows).toContainEqual(['tcp_sendmsg', 0, 1, 0]);
	expect(rows).toContainEqual(['ip_output', 0, 0, 1]);
	// Its outer call of the same group has no known time: the inner one counts.
	expect(consumption.partsOf('group')[0]).toMatchObject({name: 'tcpout', calls: 1, times: {total: 30n, self: 30n}});
});

test('losses by cause, as far as the records tell', () => {
	const consumption = of([
		...SENDS,
		makeLoss(0, 12, 6000),
		makeLoss(3, 1, 6001),
		makeLoss(0, 3, 6002),
		makeLoss(9, 1, 0),
	]);
	expect(consumption.lost).toEqual([15n, 0n, 0n, 1n, 0n, 0n]);
	expect(consumption.blocks).toBe(3);
});

test('nothing at all', () => {
	const consumption = of([]);
	expect(consumption.totals()).toMatchObject({blocks: 0, calls: 0, self: 0n, perBlock: 0});
	expect(consumption.functions()).toHaveLength(6);
});

const step = anyStep(12);

test('functions, groups and layers have the same calls and self times, and nothing is longer than what it is in', () => {
	const {functions: traced} = makeSession(
		[],
		0n,
		Array.from({length: 12}, (_, fn) => ({name: `function_${fn}`, group: ['tcpin', 'udpio', 'ip_rcv'][fn % 3] ?? ''})),
	);
	fc.assert(
		fc.property(fc.array(step, {maxLength: 150}), fc.boolean(), (script, asleep) => {
			const kernel = new Kernel();
			for (const one of script) kernel.run(one);
			kernel.stop(asleep);
			const {store, builder} = build(kernel.records, 1);
			builder.flush();
			const consumption = counted(store, traced);
			const {calls, marks, self} = consumption.totals();
			const rows = consumption.functions();
			for (const parts of [consumption.partsOf('group'), consumption.partsOf('layer')]) {
				expect(parts.reduce((sum, part) => sum + part.calls, 0)).toBe(calls);
				expect(parts.reduce((sum, {times}) => sum + times.self, 0n)).toBe(self);
				expect(parts.reduce((sum, {times}) => sum + times.share, 0)).toBeCloseTo(self > 0n ? 1 : 0, 9);
				for (const {times} of parts) {
					expect(times.total >= times.max).toBe(true);
					expect(times.p50 <= times.p90 && times.p90 <= times.p99 && times.p99 <= Number(times.max)).toBe(true);
				}
			}
			expect(rows.reduce((sum, row) => sum + row.calls, 0)).toBe(calls + marks);
			expect(rows.reduce((sum, {times}) => sum + (times?.self ?? 0n), 0n)).toBe(self);
			for (const {name, times} of consumption.partsOf('group')) {
				const own = rows.filter(({group}) => group === name).map((row) => row.times?.total ?? 0n);
				expect(times.total <= own.reduce((sum, total) => sum + total, 0n)).toBe(true);
				expect(times.total >= times.self).toBe(true);
			}
		}),
	);
});
