import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {BlockBuilder} from '../../../src/trace/blocks.js';
import {NameTable} from '../../../src/trace/names.js';
import {Keeper} from '../../../src/trace/packets/keep.js';
import {parsePacketFilter} from '../../../src/trace/packets/packet-filter.js';
import {packetRows} from '../../../src/trace/packets/packet-row.js';
import {PacketTable} from '../../../src/trace/packets/packet-table.js';
import {Kind, Life} from '../../../src/trace/record.js';
import {Entry, ON_TOP_BYTES, Store} from '../../../src/trace/store.js';
import {Tasks} from '../../../src/trace/tasks.js';
import {call, Scene, TCP, UDP} from '../support/packets.js';
import {makeLife, makeLoss, makeSession} from '../support/records.js';

const FUNCTIONS = 'ip_rcv nf_hook_slow ip_output enqueue_to_backlog tcp_recvmsg tcp_sendmsg __udp_enqueue_schedule_skb';
const at = (packet: number) => ({...UDP, packet});

function keeper(filter: string, bytes?: number) {
	const tasks = new Tasks();
	const session = makeSession(FUNCTIONS.split(' '));
	const names = new NameTable(session, tasks);
	const kept = new Store(1 << 24);
	const keep = new Keeper(kept, parsePacketFilter(filter), names, tasks, bytes);
	const builder = new BlockBuilder(keep.pending, tasks);
	builder.onLife = (view, offset) => keep.life(view, offset);
	const table = new PacketTable(kept, session.functions);
	table.accepts = (packet) => keep.isKept(packet);
	const entry = new Entry();
	kept.onEntry = (id) => {
		kept.read(id, entry);
		table.add(entry);
	};
	keep.onLife = (view, offset) => table.life(view, offset);
	const push = (records: readonly Uint8Array[]): void => {
		for (const record of records) builder.push(record);
	};
	return {
		keep,
		kept,
		table,
		push,
		end() {
			builder.flush();
			keep.settle(true);
			table.settle(true);
			return packetRows({table, store: kept, names, tasks});
		},
	};
}

/** Begins of the entries of a store. */
const begins = (store: Store): number[] =>
	Array.from({length: store.end - store.first}, (_, i) => store.begin(store.first + i));
const dropped = (packet: number, begin: number) =>
	new Scene(FUNCTIONS)
		.softirq(0, call('ip_rcv', begin, begin + 50, at(packet), call('nf_hook_slow', begin + 10, begin + 40, at(packet))))
		.life({what: Life.DROPPED, packet, at: begin + 30, other: 2, location: 0xffffffff81000000n, tid: 3})
		.records();
const consumed = (packet: number, begin: number) =>
	new Scene(FUNCTIONS)
		.softirq(0, call('ip_rcv', begin, begin + 50, at(packet)))
		.life({what: Life.CONSUMED, packet, at: begin + 30})
		.records();

describe('keeping', () => {
	test('a packet’s records are kept where it ended as wanted, wherever they are; all are counted', () => {
		const one = keeper('dropped');
		one.push(
			new Scene(FUNCTIONS)
				.task(1, call('ip_output', 0, 40, at(1), call('enqueue_to_backlog', 10, 20, at(1))))
				.records(),
		);
		one.push(
			new Scene(FUNCTIONS)
				.task(1, call('ip_output', 100, 140, at(2), call('enqueue_to_backlog', 110, 120, at(2))))
				.records(),
		);
		one.push(consumed(2, 200));
		one.push(dropped(1, 300));
		const rows = one.end();
		expect(begins(one.kept)).toEqual([0, 300]);
		expect(rows.map(({number, fateText}) => [number, fateText])).toEqual([
			[1, 'dropped: NOT_SPECIFIED in nf_hook_slow at 0xffffffff81000000'],
		]);
		expect(one.keep.notKept).toEqual({blocks: 2, events: 3});
		expect(one.keep.all.fates).toEqual([1, 0, 0, 0, 1]);
		expect(one.keep.all.waits.rows()).toMatchObject([{queue: 'backlog', count: 2}]);
		expect(one.table.waits.rows()).toMatchObject([{queue: 'backlog', count: 1}]);
	});

	test('an entry with several packets is kept for one; the others are not in the table of what is kept', () => {
		const one = keeper('dropped');
		one.push(
			new Scene(FUNCTIONS)
				.softirq(0, call('tcp_sendmsg', 0, 100, {}, call('ip_rcv', 10, 20, at(1)), call('ip_rcv', 30, 40, at(2))))
				.life({what: Life.CONSUMED, packet: 1, at: 15})
				.life({what: Life.DROPPED, packet: 2, at: 35, other: 2})
				.records(),
		);
		expect(one.end().map(({number}) => number)).toEqual([2]);
		expect(one.kept.end).toBe(1);
		expect(one.keep.notKept.blocks).toBe(0);
	});

	test('byte for byte, with the time on top, its block, its thread’s name, and losses', () => {
		const records = [
			...new Scene(FUNCTIONS)
				.task(1, call('ip_output', 0, 500, at(1), call('enqueue_to_backlog', 10, 400, at(1))))
				.events.map(({bytes}) => bytes),
		];
		const softirq = new Scene(FUNCTIONS)
			.block({softirq: true, cpu: 1, tid: 1}, call('ip_rcv', 100, 200, {...at(1), under: 4}))
			.records();
		const one = keeper('dropped');
		one.push([
			...softirq,
			...records,
			makeLife({what: Life.DROPPED, packet: 1, at: 150, other: 3}),
			makeLoss(0, 7, 600),
		]);
		const entry = new Entry();
		const {pending} = one.keep;
		const facts = (store: Store) => {
			const all: unknown[] = [];
			for (let id = store.first; id < store.end; id++) {
				store.read(id, entry);
				const {kind, records: count, onTop, block, under, task} = entry;
				const bytes = entry.view.bytes.slice(entry.at, entry.end + onTop * ON_TOP_BYTES);
				all.push({kind, count, onTop, block, under, task, bytes, begin: store.begin(id)});
			}
			return all;
		};
		const had = facts(pending);
		expect(had.some((fact) => (fact as {onTop: number}).onTop > 0)).toBe(true);
		expect(had.at(-1)).toMatchObject({kind: Kind.LOSS});
		one.end();
		expect(facts(one.kept)).toEqual(had);
	});

	test('the order of arrival is kept, but nothing waits for long', () => {
		const one = keeper('dropped or alive');
		one.push(new Scene(FUNCTIONS).softirq(0, call('__udp_enqueue_schedule_skb', 0, 10, at(1))).records());
		one.push(dropped(2, 100));
		one.push(consumed(3, 100e6));
		one.keep.settle();
		expect(begins(one.kept)).toEqual([]);
		one.push(consumed(3, 2e9));
		one.keep.settle();
		expect(begins(one.kept)).toEqual([100]);
		one.end();
		expect(begins(one.kept)).toEqual([100, 0]);
	});

	test('what is merged is kept with what it went into', () => {
		const one = keeper('dropped');
		one.push(
			new Scene(FUNCTIONS)
				.softirq(0, call('ip_rcv', 0, 50, at(1)))
				.life({what: Life.MERGED, packet: 1, at: 30, other: 2})
				.records(),
		);
		one.push(dropped(2, 200e6));
		const rows = one.end();
		expect(rows.map(({number, fate}) => [number, fate])).toEqual([
			[1, 'dropped'],
			[2, 'dropped'],
		]);
	});

	test('calls without a packet stay where one of their flow was kept while they ran', () => {
		const sock = {...TCP, src: TCP.dst!, dst: TCP.src!, sport: 80, dport: 1000};
		const one = keeper('dropped');
		one.push(new Scene(FUNCTIONS).task(1, call('tcp_sendmsg', 0, 20, TCP)).records());
		one.push(
			new Scene(FUNCTIONS)
				.softirq(0, call('ip_rcv', 100, 150, {...TCP, packet: 1}))
				.life({what: Life.DROPPED, packet: 1, at: 130, other: 2})
				.records(),
		);
		one.push(new Scene(FUNCTIONS).task(2, call('tcp_recvmsg', 50, 500, sock)).records());
		one.push(new Scene(FUNCTIONS).task(2, call('tcp_recvmsg', 600, 700, {...sock, dport: 1001})).records());
		one.push(new Scene(FUNCTIONS).task(2, call('tcp_recvmsg', 2e9, 2e9 + 10, sock)).records());
		one.push(new Scene(FUNCTIONS).task(2, call('tcp_recvmsg', 2e9 + 20, 2e9 + 30)).records());
		one.end();
		expect(begins(one.kept)).toEqual([0, 100, 50]);
		expect(one.keep.notKept).toEqual({blocks: 3, events: 3});
	});

	test('what has no room until its packets have ended goes, and is counted', () => {
		const one = keeper('dropped', 1);
		one.push(new Scene(FUNCTIONS).softirq(0, call('__udp_enqueue_schedule_skb', 0, 10, at(1))).records());
		for (let i = 0; i < 6000; i++) one.push(consumed(10 + i, 1000 + i * 100));
		one.push(dropped(9, 1e6));
		one.push(dropped(1, 2e6));
		one.end();
		expect(one.keep.overflowed.blocks).toBeGreaterThan(0);
		expect(begins(one.kept)).toEqual([1e6, 2e6]);
		const {notKept, overflowed, pending} = one.keep;
		expect(notKept.blocks + overflowed.blocks + one.kept.blocks).toBe(pending.blocks);
		expect(notKept.events + overflowed.events + one.kept.events).toBe(pending.events);
	});

	test('a full store moves what is decided before it has to go', {timeout: 30_000}, () => {
		const one = keeper('dropped', 1 << 21);
		let number = 1;
		for (let i = 0; i < 30_000; i++)
			one.push(i % 10 === 0 ? dropped(number++, i * 10_000) : consumed(number++, i * 10_000));
		one.end();
		expect(one.kept.end).toBe(3000);
		expect(one.keep.overflowed.blocks).toBe(0);
	});

	test('every entry is kept, not kept or has overflowed; kept entries are those with a packet that matters', {
		timeout: 60_000,
	}, () => {
		const step = fc.record({
			packet: fc.integer({min: 1, max: 8}),
			what: fc.constantFrom(0, 0, 6, 7, 5),
			other: fc.integer({min: 1, max: 8}),
		});
		fc.assert(
			fc.property(fc.array(step, {maxLength: 40}), fc.boolean(), (steps, often) => {
				const one = keeper('dropped');
				const ends = new Map<number, number>();
				const entries: number[] = [];
				steps.forEach(({packet, what, other}, i) => {
					const begin = i * 60e6;
					one.push(new Scene(FUNCTIONS).softirq(0, call('ip_rcv', begin, begin + 10, at(packet))).records());
					entries.push(packet);
					if (what !== 0) one.push([makeLife({what, packet, at: begin + 5, other})]);
					if (what !== 0 && !ends.has(packet)) ends.set(packet, what);
					if (often) one.keep.settle();
				});
				const rows = one.end();
				const {notKept, overflowed} = one.keep;
				expect(overflowed.blocks).toBe(0);
				expect(notKept.blocks + one.kept.end).toBe(steps.length);
				const must = entries.filter((packet) => ends.get(packet) === Life.DROPPED).length;
				expect(one.kept.end).toBeGreaterThanOrEqual(must);
				for (const row of rows) expect(row.fate).toBe('dropped');
			}),
			{numRuns: 40},
		);
	});
});
