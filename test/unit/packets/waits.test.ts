import {describe, expect, test} from 'vitest';
import {Life} from '../../../src/trace/record.js';
import {call, Scene, UDP, waitsOf} from '../support/packets.js';

const UDP_FUNCTIONS =
	'udp_send_skb ip_output __dev_queue_xmit dev_hard_start_xmit enqueue_to_backlog __netif_receive_skb_one_core ip_rcv ' +
	'udp_queue_rcv_skb __udp_enqueue_schedule_skb udp_recvmsg skb_consume_udp dev_qdisc_enqueue tbf_enqueue sch_direct_xmit ' +
	'neigh_resolve_output __neigh_event_send arp_solicit ip_defrag -net_dev_xmit udp_sendmsg';

/** Sent by task 1 over loopback, received by a softirq on top of that, read by task 2. */
function loopback(scene = new Scene(UDP_FUNCTIONS)): Scene {
	const p = {...UDP, packet: 5, dev: 1};
	return scene
		.task(
			1,
			call(
				'udp_sendmsg',
				0,
				1000,
				{...UDP, src: [0, 0, 0, 0]},
				call(
					'udp_send_skb',
					10,
					900,
					p,
					call(
						'ip_output',
						20,
						880,
						p,
						call(
							'__dev_queue_xmit',
							30,
							870,
							p,
							call('dev_hard_start_xmit', 40, 90, p, call('enqueue_to_backlog', 50, 60, p)),
						),
					),
				),
			),
		)
		.softirq(
			1,
			call(
				'__netif_receive_skb_one_core',
				200,
				800,
				p,
				call('ip_rcv', 210, 790, p, call('__udp_enqueue_schedule_skb', 300, 400, {...p, len: 50})),
			),
		)
		.task(2, call('udp_recvmsg', 5, 1500, {}, call('skb_consume_udp', 1400, 1450, {...p, len: 50})))
		.life({what: Life.CONSUMED, packet: 5, at: 1440, tid: 2});
}

describe('waits of datagrams', () => {
	test('over loopback: backlog and receive queue, whatever order the blocks become complete in', () => {
		const {table, end} = loopback().run();
		const [row] = end();
		expect(row?.number).toBe(5);
		expect(waitsOf(row!, table)).toEqual(['backlog 140', 'receive 1000']);
		expect([row!.first, row!.last, row!.total]).toEqual([10, 1440, 1430]);
		// 10 to 60, 200 to 400, 1400 to 1440.
		expect([row!.inFunctions, row!.inQueues, row!.between]).toEqual([290, 1140, 0]);
		expect([row!.slowest, row!.slowestName]).toEqual([1000, 'wait receive']);
		expect([row!.proto, row!.a, row!.b]).toEqual(['udp', '10.0.0.1:1000', '10.0.0.2:53']);
		expect(table.waits.rows().map(({queue, count, total, dev}) => [queue, count, total, dev])).toEqual([
			['backlog', 1, 140, 1],
			['receive', 1, 1000, 1],
		]);
	});

	test('what a call around does later, while the packet is elsewhere, is no part of its way', () => {
		const p = {...UDP, packet: 5};
		const scene = new Scene(UDP_FUNCTIONS)
			.task(
				1,
				call(
					'__dev_queue_xmit',
					0,
					500,
					p,
					call('dev_hard_start_xmit', 10, 100, p, call('enqueue_to_backlog', 20, 30, p)),
					call('-net_dev_xmit', 260, 260, p),
				),
			)
			.softirq(0, call('ip_rcv', 200, 300, p, call('__udp_enqueue_schedule_skb', 240, 250, p)))
			.task(2, call('skb_consume_udp', 600, 650, p))
			.life({what: Life.CONSUMED, packet: 5, at: 640});
		const {table, end} = scene.run();
		const [row] = end();
		expect(waitsOf(row!, table)).toEqual(['backlog 170', 'receive 350']);
		expect([row!.inFunctions, row!.between]).toEqual([30 + 50 + 40, 0]);
	});

	test('a queue that refused it is no wait', () => {
		const p = {...UDP, packet: 5};
		const {table, end} = new Scene(UDP_FUNCTIONS)
			.task(1, call('__dev_queue_xmit', 0, 50, p, call('enqueue_to_backlog', 20, 40, {...p, ret: 1})))
			.life({what: Life.DROPPED, packet: 5, at: 30, other: 2})
			.run();
		const [row] = end();
		expect(waitsOf(row!, table)).toEqual([]);
		expect(row!.fate).toBe('dropped');
	});

	test('queueing discipline: from the innermost call that puts it in to another stack, by device', () => {
		const p = {...UDP, packet: 7, dev: 3};
		const {table, end} = new Scene(UDP_FUNCTIONS)
			.task(
				1,
				call(
					'ip_output',
					0,
					100,
					p,
					call(
						'__dev_queue_xmit',
						10,
						90,
						p,
						call('dev_qdisc_enqueue', 20, 50, p, call('tbf_enqueue', 30, 40, p)),
						// A dequeue that found no tokens would stand here.
					),
				),
			)
			.softirq(0, call('sch_direct_xmit', 5000, 5100, p, call('dev_hard_start_xmit', 5010, 5090, p)))
			.life({what: Life.CONSUMED, packet: 7, at: 5080})
			.run();
		const [row] = end();
		expect(waitsOf(row!, table)).toEqual(['qdisc 4960']);
		expect(table.waits.rows()).toMatchObject([{queue: 'qdisc', dev: 3, count: 1, max: 4960}]);
		expect(row!.inFunctions + row!.inQueues + row!.between).toBe(row!.total);
		expect(row!.fateText).toBe('consumed: sent out of eth0');
	});

	test('queueing discipline: the same call takes it out at once', () => {
		const p = {...UDP, packet: 7, dev: 3};
		const {table, end} = new Scene(UDP_FUNCTIONS)
			.task(
				1,
				call(
					'__dev_queue_xmit',
					10,
					90,
					p,
					call('dev_qdisc_enqueue', 20, 30, p),
					call('sch_direct_xmit', 35, 80, p, call('dev_hard_start_xmit', 40, 70, p)),
				),
			)
			.life({what: Life.CONSUMED, packet: 7, at: 60})
			.run();
		expect(waitsOf(end()[0]!, table)).toEqual(['qdisc 5']);
	});

	test('neighbour: parked, and sent on top of the call that has parked it', () => {
		const p = {...UDP, packet: 9, dev: 1};
		const {table, end} = new Scene(UDP_FUNCTIONS)
			.task(
				1,
				call(
					'neigh_resolve_output',
					0,
					900,
					p,
					call('__neigh_event_send', 10, 890, {...p, ret: 1}, call('arp_solicit', 20, 880)),
				),
			)
			.softirq(1, call('neigh_resolve_output', 500, 600, p, call('enqueue_to_backlog', 510, 520, p)))
			.softirq(1, call('ip_rcv', 700, 750, p))
			.life({what: Life.FREED, packet: 9, at: 740})
			.run();
		const [row] = end();
		expect(waitsOf(row!, table)).toEqual(['neighbour 490', 'backlog 180']);
		expect(row!.inFunctions + row!.inQueues).toBe(740);
	});

	test('neighbour: one that is known parks nothing', () => {
		const p = {...UDP, packet: 9};
		const {table, end} = new Scene(UDP_FUNCTIONS)
			.task(
				1,
				call(
					'neigh_resolve_output',
					0,
					90,
					p,
					call('__neigh_event_send', 10, 20, p),
					call('__dev_queue_xmit', 30, 80, p),
				),
			)
			.life({what: Life.CONSUMED, packet: 9, at: 500})
			.run();
		expect(waitsOf(end()[0]!, table)).toEqual([]);
	});

	test('fragments wait until they are merged; they share the fate of the datagram', () => {
		const scene = new Scene(UDP_FUNCTIONS);
		for (const [i, ret] of [
			[0, -115],
			[1, -115],
			[2, 0],
		] as const) {
			const p = {...UDP, packet: 20 + i};
			const begin = i * 100;
			const after = i === 2 ? [call('__udp_enqueue_schedule_skb', begin + 40, begin + 50, p)] : [];
			scene.softirq(
				0,
				call('ip_rcv', begin, begin + 60, p, call('ip_defrag', begin + 10, begin + 30, {...p, ret}), ...after),
			);
		}
		const {table, end} = scene
			.life({what: Life.MERGED, packet: 20, at: 220, other: 22})
			.life({what: Life.MERGED, packet: 21, at: 221, other: 22})
			.task(2, call('skb_consume_udp', 400, 450, {...UDP, packet: 22}))
			.life({what: Life.CONSUMED, packet: 22, at: 445})
			.run();
		const rows = end();
		expect(rows.map((row) => waitsOf(row, table))).toEqual([['fragment 190'], ['fragment 91'], ['receive 150']]);
		expect(rows.map(({fate}) => fate)).toEqual(['delivered', 'delivered', 'delivered']);
		expect(rows[0]!.fateText).toBe('delivered to task2 (20), merged into 22');
		expect(table.fates).toEqual([0, 0, 3, 0, 0]);
	});

	test('in a queue when the session ends: a wait without an end, which no histogram counts', () => {
		const p = {...UDP, packet: 9};
		const {table, end} = new Scene(UDP_FUNCTIONS).softirq(0, call('__udp_enqueue_schedule_skb', 10, 20, p)).run();
		const [row] = end();
		expect(waitsOf(row!, table)).toEqual(['receive Infinity']);
		expect([row!.fate, row!.total, row!.inQueues]).toEqual(['alive', 10, 0]);
		expect(table.waits.rows()).toEqual([]);
	});
});
