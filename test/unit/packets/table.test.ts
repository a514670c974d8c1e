import {describe, expect, test} from 'vitest';
import {journeyOf} from '../../../src/trace/packets/journey.js';
import {packetRows} from '../../../src/trace/packets/packet-row.js';
import {Kind, Life} from '../../../src/trace/record.js';
import {call, Scene, UDP} from '../support/packets.js';
import {makeLife} from '../support/records.js';

const FUNCTIONS =
	'ip_output __dev_queue_xmit dev_hard_start_xmit enqueue_to_backlog __netif_receive_skb ip_rcv ip_forward ' +
	'nf_hook_slow sk_skb_reason_drop -kfree_skb __udp_enqueue_schedule_skb skb_consume_udp consume_skb udp_recvmsg';

const at = (packet: number, dev = 0) => ({...UDP, packet, dev});

describe('fates', () => {
	test('forwarded: out of the device it left by last', () => {
		const {end} = new Scene(FUNCTIONS)
			.task(
				1,
				call(
					'ip_output',
					0,
					90,
					at(3),
					call('dev_hard_start_xmit', 10, 80, at(3, 1), call('enqueue_to_backlog', 20, 30, at(3))),
				),
			)
			.softirq(
				1,
				call(
					'__netif_receive_skb',
					100,
					200,
					at(3, 2),
					call('ip_forward', 110, 190, at(3, 2), call('dev_hard_start_xmit', 120, 180, at(3, 3))),
				),
			)
			.life({what: Life.CONSUMED, packet: 3, at: 170})
			.run();
		const [row] = end();
		expect(row!.fateText).toBe('forwarded out of eth0');
		expect(row!.path).toBe('task1 → veth0 → veth1 → ip_forward → eth0');
	});

	test('over veth to a socket of this host: delivered, though it was forwarded on its way', () => {
		const {end} = new Scene(FUNCTIONS)
			.softirq(
				1,
				call(
					'ip_forward',
					0,
					90,
					at(3),
					call('dev_hard_start_xmit', 10, 80, at(3, 1), call('enqueue_to_backlog', 20, 30, at(3))),
				),
			)
			.softirq(1, call('__netif_receive_skb', 100, 200, at(3, 2), call('__udp_enqueue_schedule_skb', 110, 120, at(3))))
			.life({what: Life.CONSUMED, packet: 3, at: 500, tid: 2})
			.run();
		const [row] = end();
		// Nothing that reads is traced: what a task took out of a queue that only tasks read is delivered all the same.
		expect(row!.fateText).toBe('delivered to task2 (20)');
	});

	test('dropped: reason, function and place', () => {
		const {end, table} = new Scene(FUNCTIONS)
			.softirq(
				1,
				call(
					'__netif_receive_skb',
					0,
					200,
					at(3),
					call(
						'nf_hook_slow',
						10,
						100,
						at(3),
						call('sk_skb_reason_drop', 20, 60, at(3), call('-kfree_skb', 30, 30, {...at(3), kind: Kind.DROP})),
					),
				),
			)
			.life({what: Life.DROPPED, packet: 3, at: 31, other: 3, location: 0xffffffff81abcdefn})
			.run();
		const [row] = end();
		expect(row!.fateText).toBe('dropped: NO_SOCKET in nf_hook_slow at 0xffffffff81abcdef');
		expect(row!.last).toBe(31);
		expect(table.fates).toEqual([1, 0, 0, 0, 0]);
	});

	test('alive, and consumed where it ended in a function', () => {
		const {end} = new Scene(FUNCTIONS)
			.softirq(0, call('ip_rcv', 0, 50, at(3)))
			.softirq(0, call('ip_rcv', 60, 90, at(4), call('consume_skb', 70, 80, at(4))))
			.life({what: Life.CONSUMED, packet: 4, at: 75})
			.softirq(0, call('ip_rcv', 100, 150, at(6)))
			.life({what: Life.UNSEEN, packet: 6, at: 900})
			.run();
		expect(end().map(({fateText}) => fateText)).toEqual([
			'alive in ip_rcv',
			'consumed in ip_rcv',
			'consumed: where it ended was not seen',
		]);
	});

	test('a packet is settled some time after its end; what comes later is counted instead, not as well', () => {
		const scene = new Scene(FUNCTIONS)
			.softirq(0, call('__udp_enqueue_schedule_skb', 0, 50, at(3)))
			.life({what: Life.FREED, packet: 3, at: 500})
			.softirq(0, call('ip_rcv', 100e6, 100e6 + 10, at(4)));
		const late = new Scene(FUNCTIONS).task(
			2,
			call('udp_recvmsg', 10, 200e6, {}, call('skb_consume_udp', 400, 450, at(3))),
		);
		const {table, builder, world, end} = scene.run();
		const settled: number[] = [];
		table.onSettled = (packet) => settled.push(packet);
		table.settle();
		expect(settled).toEqual([3]);
		expect(table.fates).toEqual([0, 0, 0, 0, 1]);
		expect(table.waits.rows()).toMatchObject([{count: 1, total: 450}]);
		for (const record of late.records()) builder.push(record);
		expect(table.fates).toEqual([0, 0, 0, 0, 0]);
		expect(packetRows(world)[0]!.fate).toBe('delivered');
		end();
		expect(settled).toEqual([3, 3, 4]);
		expect(table.fates).toEqual([0, 1, 1, 0, 0]);
		expect(table.waits.rows()).toMatchObject([{count: 1, total: 350}]);
	});
});

describe('limits', () => {
	const one = (packet: number, begin: number) =>
		new Scene(FUNCTIONS).softirq(0, call('ip_rcv', begin, begin + 10, at(packet))).records();

	test('the packets known longest go; their fates and waits stay counted', () => {
		const records = Array.from({length: 100}, (_, i) => [
			...new Scene(FUNCTIONS)
				.softirq(0, call('__udp_enqueue_schedule_skb', i * 100, i * 100 + 10, at(i + 1)))
				.records(),
			makeLife({what: Life.CONSUMED, packet: i + 1, at: i * 100 + 50}),
		]).flat();
		const {table, end} = new Scene(FUNCTIONS).run({records, limit: 16});
		const rows = end();
		expect(rows.map(({number}) => number)).toEqual(Array.from({length: 16}, (_, i) => 85 + i));
		expect(table.forgotten).toBe(84);
		expect(table.seen).toBe(100);
		expect(table.fates.reduce((sum, count) => sum + count)).toBe(100);
		expect(table.waits.rows()).toMatchObject([{count: 100, total: 4000}]);
		expect(table.slot(1)).toBeUndefined();
	});

	test('more parts than there is room for: old packets go, the new one is there', () => {
		const records = Array.from({length: 60}, (_, i) => one(1 + Math.floor(i / 12), i * 100)).flat();
		const {table, end} = new Scene(FUNCTIONS).run({records, limit: 8});
		const rows = end();
		expect(rows.map(({number}) => number)).toEqual([2, 3, 4, 5]);
		expect(rows[0]!.last).toBe(2310);
		expect(table.fates.reduce((sum, count) => sum + count)).toBe(table.seen);
	});

	test('entries that are gone: the packet says so, and what was counted is not taken back wrongly', () => {
		const scene = new Scene(FUNCTIONS)
			.softirq(0, call('__udp_enqueue_schedule_skb', 0, 10, at(3)))
			.life({what: Life.CONSUMED, packet: 3, at: 60});
		const {table, builder, world, end} = scene.run({store: 1});
		table.settle(true);
		for (let i = 0; i < 4000; i++) for (const record of one(4, 1000 + i * 100)) builder.push(record);
		for (const record of one(3, 2e6)) builder.push(record);
		for (const record of one(3, 3e6)) builder.push(record);
		end();
		expect(journeyOf(world, 3)?.cut).toBe(true);
		expect(table.waits.rows()).toMatchObject([{count: 1, total: 50}]);
	});

	test('clear forgets all', () => {
		const {table, end} = new Scene(FUNCTIONS).softirq(0, call('ip_rcv', 0, 50, at(3))).run();
		end();
		table.clear();
		expect([...table.all()]).toEqual([]);
		expect([table.seen, ...table.fates]).toEqual([0, 0, 0, 0, 0, 0]);
	});
});

describe('journeys', () => {
	test('calls, waits, branches and the end in the order of time; what is around the calls is there', () => {
		const {world, end} = new Scene(FUNCTIONS)
			.task(
				1,
				call('udp_recvmsg', 0, 200, {}, call('ip_output', 10, 100, at(3), call('enqueue_to_backlog', 20, 30, at(3)))),
			)
			.life({what: Life.CLONE, packet: 4, at: 15, other: 3})
			.softirq(0, call('ip_rcv', 50, 90, at(3)))
			.softirq(0, call('ip_rcv', 92, 95, at(4)))
			.life({what: Life.CONSUMED, packet: 3, at: 80})
			.run();
		end();
		const journey = journeyOf(world, 3)!;
		const told = journey.steps.map((step) =>
			step.type === 'call' || step.type === 'mark' || step.type === 'drop'
				? `${step.type} ${step.fn} ${step.depth}${step.around ? ' around' : ` self ${step.self}`}`
				: step.type === 'wait'
					? `wait ${step.begin}-${step.end}`
					: step.type,
		);
		const fn = new Scene(FUNCTIONS);
		expect(told).toEqual([
			`call ${fn.fn('udp_recvmsg')} 0 around`,
			`call ${fn.fn('ip_output')} 1 self 10`,
			'branch',
			`call ${fn.fn('enqueue_to_backlog')} 2 self 10`,
			'wait 30-50',
			`call ${fn.fn('ip_rcv')} 0 self 30`,
			'end',
		]);
		expect(journey.cut).toBe(false);
		expect(journeyOf(world, 99)).toBeUndefined();
	});

	test('packets that are each other’s parents do not loop', () => {
		const {world, end} = new Scene(FUNCTIONS)
			.softirq(0, call('ip_rcv', 0, 50, at(3)))
			.softirq(0, call('ip_rcv', 60, 70, at(4)))
			.life({what: Life.CLONE, packet: 4, at: 15, other: 3})
			.life({what: Life.CLONE, packet: 3, at: 16, other: 4})
			.run();
		end();
		expect(journeyOf(world, 3)?.steps.filter(({type}) => type === 'branch')).toHaveLength(1);
	});
});
