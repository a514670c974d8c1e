import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {FATES} from '../../../src/trace/packets/fate.js';
import {journeyOf} from '../../../src/trace/packets/journey.js';
import {Kind, Life} from '../../../src/trace/record.js';
import {call, Scene, UDP, waitsOf} from '../support/packets.js';
import {makeLife, makeLoss, makeRecord} from '../support/records.js';

const at = (packet: number) => ({...UDP, packet});

describe('whatever comes', () => {
	const number = fc.oneof(fc.integer({min: 1, max: 12}), fc.integer({min: 0, max: 0xffffffff}));
	const time = fc.oneof(fc.integer({min: 0, max: 2000}), fc.integer({min: 0, max: 2 ** 40}));
	const record = fc
		.record({
			kind: fc.constantFrom(Kind.CALL, Kind.CALL, Kind.CALL, Kind.OPEN, Kind.MARK, Kind.DROP),
			fn: fc.integer({min: 0, max: 20}),
			packet: number,
			begin: time,
			duration: fc.oneof(fc.integer({min: 0, max: 500}), fc.integer({min: 0, max: 2 ** 43})),
			depth: fc.integer({min: 0, max: 4}),
			tid: fc.integer({min: 0, max: 3}),
			flags: fc.constantFrom(0, 4),
			ret: fc.constantFrom(0, 0, 1, -115),
			dev: fc.integer({min: 0, max: 3}),
			seq: fc.integer({min: 0, max: 0xffffffff}),
			len: fc.integer({min: 0, max: 200}),
		})
		.map((fields) => makeRecord({...UDP, ...fields}));
	const life = fc
		.record({what: fc.integer({min: 0, max: 12}), packet: number, other: number, at: time, tid: fc.nat(3)})
		.map(makeLife);
	const loss = time.map((when) => makeLoss(0, 1, when));
	const stream = fc.array(
		fc.oneof({weight: 8, arbitrary: record}, {weight: 3, arbitrary: life}, {weight: 1, arbitrary: loss}),
		{
			maxLength: 120,
		},
	);
	const names =
		'ip_output __dev_queue_xmit sch_direct_xmit enqueue_to_backlog dev_qdisc_enqueue ip_rcv ip_forward ' +
		'tcp_data_queue tcp_queue_rcv tcp_event_new_data_sent __udp_enqueue_schedule_skb skb_consume_udp __tcp_transmit_skb ' +
		'tcp_v4_conn_request tcp_create_openreq_child inet_accept tcp_wfree tcp_tsq_handler';

	test('nothing throws; each packet has one fate; its times add up to its age', {timeout: 60_000}, () => {
		fc.assert(
			fc.property(stream, fc.constantFrom(3, 1024), fc.boolean(), (records, limit, early) => {
				const {table, world, end, builder, store} = new Scene(names).run({records: [], limit});
				for (const bytes of records) {
					builder.push(bytes);
					if (early) table.settle();
				}
				const rows = end();
				let counted = 0;
				for (const count of table.fates) {
					expect(count).toBeGreaterThanOrEqual(0);
					counted += count;
				}
				expect(counted).toBe(table.seen);
				expect(rows.length + table.forgotten).toBe(table.seen);
				for (const row of rows) {
					expect(FATES).toContain(row.fate);
					expect(row.total).toBeGreaterThanOrEqual(0);
					expect(row.inFunctions + row.inQueues + row.between).toBeCloseTo(row.total, 1);
					for (const part of [row.inFunctions, row.inQueues, row.between]) expect(part).toBeGreaterThanOrEqual(0);
					const trail = table.trailOf(row.slot);
					for (let i = 1; i < trail.count; i++) expect(trail.begin[i]).toBeGreaterThanOrEqual(trail.begin[i - 1]!);
					for (const wait of trail.waits) expect(wait.end).toBeGreaterThanOrEqual(wait.begin);
					expect(`${row.fateText}${row.path}${row.a}${row.slowestName}`).not.toContain('undefined');
					expect(journeyOf(world, row.number)).toBeDefined();
					expect(waitsOf(row, table).join()).not.toContain('undefined');
				}
				const fresh = new Map(FATES.map((fate) => [fate, 0]));
				for (const row of rows) fresh.set(row.fate, fresh.get(row.fate)! + 1);
				if (table.forgotten === 0) expect([...fresh.values()]).toEqual(table.fates);
				// What is counted of waits is what the trails have, however often packets were settled anew.
				const queues = new Map<string, number>();
				for (const row of rows) {
					for (const wait of waitsOf(row, table)) {
						const [queue, ns] = wait.split(' ');
						if (ns !== 'Infinity') queues.set(queue!, (queues.get(queue!) ?? 0) + 1);
					}
				}
				if (table.forgotten > 0 || store.first > 0) return;
				const sockets = ['syn', 'accept', 'tsq'];
				const stats = new Map<string, number>();
				for (const {queue, count} of table.waits.rows()) {
					if (!sockets.includes(queue)) stats.set(queue, (stats.get(queue) ?? 0) + count);
				}
				expect(Object.fromEntries([...stats].sort())).toEqual(Object.fromEntries([...queues].sort()));
			}),
			{numRuns: 300},
		);
	});

	test('a loop of merged packets, and a packet that never leaves', {timeout: 20_000}, () => {
		const records = [
			...Array.from({length: 3000}, (_, i) =>
				new Scene(names).softirq(0, call('ip_rcv', i * 10, i * 10 + 5, at((i % 50) + 1))).records(),
			).flat(),
			...Array.from({length: 5000}, (_, i) =>
				makeLife({what: Life.MERGED, packet: (i % 50) + 1, other: ((i + 1) % 50) + 1, at: 40_000 + i}),
			),
			...Array.from({length: 20_000}, (_, i) =>
				new Scene(names).softirq(0, call('ip_rcv', 50_000 + i * 10, 50_005 + i * 10, at(60))).records(),
			).flat(),
		];
		const {table, end} = new Scene(names).run({records});
		const rows = end();
		expect(rows).toHaveLength(51);
		expect(table.trailOf(table.slot(60)!).cut).toBe(true);
		expect(table.fates.reduce((sum, count) => sum + count)).toBe(51);
	});

	test('a time far in the future holds nothing up', () => {
		const records = [
			...new Scene(names).softirq(0, call('ip_rcv', 0, 5, at(1))).records(),
			makeLife({what: Life.CONSUMED, packet: 1, at: 2 ** 50}),
			...Array.from({length: 400}, (_, i) => [
				...new Scene(names).softirq(0, call('ip_rcv', i * 10, i * 10 + 5, at(i + 2))).records(),
				makeLife({what: Life.CONSUMED, packet: i + 2, at: i * 10 + 3}),
			]).flat(),
		];
		const {table} = new Scene(names).run({records, limit: 64});
		table.settle();
		expect(table.fates[4]).toBeGreaterThan(300);
	});
});
