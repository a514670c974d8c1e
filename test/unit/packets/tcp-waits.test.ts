import {describe, expect, test} from 'vitest';
import {Life} from '../../../src/trace/record.js';
import {call, reverse, Scene, TCP, waitsOf} from '../support/packets.js';

const TCP_FUNCTIONS =
	'__tcp_transmit_skb ip_queue_xmit tcp_event_new_data_sent tcp_retransmit_skb enqueue_to_backlog ip_rcv tcp_v4_rcv ' +
	'tcp_add_backlog tcp_v4_do_rcv tcp_rcv_established tcp_data_queue tcp_queue_rcv skb_copy_datagram_iter tcp_recvmsg ' +
	'tcp_sendmsg tcp_v4_conn_request tcp_create_openreq_child inet_accept tcp_wfree tcp_tsq_handler ' +
	'tcp_check_req tcp_v4_conn_request';

describe('waits of TCP', () => {
	test('a segment: what goes out is a clone; the original waits for its acknowledgement', () => {
		const original = {...TCP, packet: 30, len: 100};
		const clone = {...TCP, packet: 31};
		const {table, world, end} = new Scene(TCP_FUNCTIONS)
			.task(
				1,
				call(
					'tcp_sendmsg',
					0,
					500,
					{...TCP, seq: 1000, ret: 100},
					call(
						'__tcp_transmit_skb',
						10,
						300,
						original,
						call('ip_queue_xmit', 20, 290, clone, call('enqueue_to_backlog', 30, 40, clone)),
					),
					call('tcp_event_new_data_sent', 310, 320, original),
				),
			)
			.life({what: Life.CLONE, packet: 31, at: 15, other: 30})
			.softirq(
				1,
				call(
					'ip_rcv',
					100,
					280,
					clone,
					call(
						'tcp_v4_rcv',
						110,
						270,
						clone,
						call('tcp_data_queue', 120, 200, clone, call('tcp_queue_rcv', 130, 150, clone)),
					),
				),
			)
			.task(
				2,
				call('tcp_recvmsg', 5, 900, reverse(TCP), call('skb_copy_datagram_iter', 700, 800, {...clone, len: 100})),
			)
			.life({what: Life.FREED, packet: 31, at: 850})
			.life({what: Life.CONSUMED, packet: 30, at: 1000})
			.run();
		const rows = end();
		const [first, second] = [rows.find(({number}) => number === 30)!, rows.find(({number}) => number === 31)!];
		expect(waitsOf(first, table)).toEqual(['retransmit 680']);
		expect(first.fateText).toBe('consumed: acknowledged');
		expect(waitsOf(second, table)).toEqual(['backlog 60', 'tcp-receive 550']);
		expect(second.fateText).toBe('delivered to task2 (20)');
		expect([second.parent, second.birth]).toEqual([30, 'clone']);
		expect(table.childrenOf(30)).toEqual([31]);
		expect(world.table.slot(31)).toBeDefined();
	});

	test('a retransmission ends one wait and begins another', () => {
		const p = {...TCP, packet: 30};
		const {table, end} = new Scene(TCP_FUNCTIONS)
			.task(1, call('__tcp_transmit_skb', 10, 50, p))
			.softirq(0, call('tcp_retransmit_skb', 1000, 1100, p, call('__tcp_transmit_skb', 1010, 1090, p)))
			.life({what: Life.CONSUMED, packet: 30, at: 1500})
			.run();
		const [row] = end();
		expect(waitsOf(row!, table)).toEqual(['retransmit 950', 'retransmit 410']);
		expect(row!.inFunctions + row!.inQueues + row!.between).toBe(1490);
	});

	test('a socket that is in use: backlog, then processed by its task', () => {
		const p = {...TCP, packet: 30};
		const {table, end} = new Scene(TCP_FUNCTIONS)
			.softirq(0, call('tcp_v4_rcv', 10, 60, p, call('tcp_add_backlog', 20, 40, {...p, ret: 256})))
			.task(1, call('tcp_sendmsg', 0, 500, TCP, call('tcp_v4_do_rcv', 300, 400, p)))
			.life({what: Life.CONSUMED, packet: 30, at: 390})
			.run();
		// Only the low byte of a bool counts.
		expect(waitsOf(end()[0]!, table)).toEqual(['socket-backlog 260']);
	});

	const arrive = (scene: Scene, packet: number, begin: number, seq: number, inOrder: boolean): Scene => {
		const p = {...TCP, packet, seq, len: 132};
		const inside = inOrder ? [call('tcp_queue_rcv', begin + 20, begin + 30, {...p, len: 100})] : [];
		return scene.softirq(
			0,
			call('tcp_v4_rcv', begin, begin + 50, p, call('tcp_data_queue', begin + 10, begin + 40, p, ...inside)),
		);
	};
	const read = (scene: Scene, packet: number, begin: number): Scene =>
		scene
			.task(
				2,
				call(
					'tcp_recvmsg',
					begin,
					begin + 90,
					reverse(TCP),
					call('skb_copy_datagram_iter', begin + 10, begin + 50, {...TCP, packet}),
				),
			)
			.life({what: Life.FREED, packet, at: begin + 60});

	test.each([0, 2 ** 32 - 150])(
		'behind a gap until the segment before has come, then in the receive queue; from %i',
		(base) => {
			const scene = new Scene(TCP_FUNCTIONS);
			const seq = (offset: number) => (base + offset + 2 ** 32) % 2 ** 32;
			arrive(scene, 40, 0, seq(-100), true);
			arrive(scene, 44, 500, seq(900), false);
			arrive(scene, 42, 1000, seq(100), false);
			arrive(scene, 43, 2000, seq(200), false);
			arrive(scene, 41, 3000, seq(0), true);
			for (const [i, packet] of [40, 41, 42, 43].entries()) read(scene, packet, 5000 + i * 100);
			const {table, end} = scene.run();
			const rows = new Map(end().map((row) => [row.number, row]));
			expect(waitsOf(rows.get(40)!, table)).toEqual(['tcp-receive 4980']);
			expect(waitsOf(rows.get(41)!, table)).toEqual(['tcp-receive 2080']);
			expect(waitsOf(rows.get(42)!, table)).toEqual(['out-of-order 1990', 'tcp-receive 2180']);
			expect(waitsOf(rows.get(43)!, table)).toEqual(['out-of-order 990', 'tcp-receive 2280']);
			expect(waitsOf(rows.get(44)!, table)).toEqual(['out-of-order Infinity']);
			for (const row of rows.values()) expect(row.inFunctions + row.inQueues + row.between).toBe(row.total);
			expect(table.waits.rows().map(({queue, count}) => [queue, count])).toEqual([
				['tcp-receive', 4],
				['out-of-order', 2],
			]);
		},
	);

	test('data for another direction or connection fills no gap', () => {
		const scene = new Scene(TCP_FUNCTIONS);
		arrive(scene, 42, 1000, 100, false);
		const other = {...reverse(TCP), packet: 41, seq: 0, len: 100};
		scene.softirq(0, call('tcp_data_queue', 3000, 3100, other, call('tcp_queue_rcv', 3010, 3020, other)));
		const third = {...TCP, sport: 999, packet: 43, seq: 0, len: 100};
		scene.softirq(0, call('tcp_data_queue', 3200, 3300, third, call('tcp_queue_rcv', 3210, 3220, third)));
		read(scene, 42, 5000);
		const {table, end} = scene.run();
		expect(waitsOf(end().find(({number}) => number === 42)!, table)).toEqual(['out-of-order 3970']);
	});

	test('where the call that appends in order is not traced, nobody knows of gaps', () => {
		const scene = new Scene('tcp_v4_rcv tcp_data_queue skb_copy_datagram_iter tcp_recvmsg');
		arrive(scene, 42, 1000, 100, false);
		read(scene, 42, 5000);
		const {table, end} = scene.run();
		expect(waitsOf(end()[0]!, table)).toEqual(['tcp-receive 3970']);
	});

	test('a coalesced segment has no wait of its own and shares the fate of the one it went into', () => {
		const scene = new Scene(TCP_FUNCTIONS);
		arrive(scene, 40, 0, 0, true);
		const p = {...TCP, packet: 41, seq: 100};
		scene.softirq(
			0,
			call(
				'tcp_v4_rcv',
				100,
				150,
				p,
				call('tcp_data_queue', 110, 140, p, call('tcp_queue_rcv', 120, 130, {...p, ret: 1})),
			),
		);
		scene.life({what: Life.MERGED, packet: 41, at: 125, other: 40}).life({what: Life.FREED, packet: 41, at: 126});
		read(scene, 40, 500);
		const {table, end} = scene.run();
		const merged = end().find(({number}) => number === 41)!;
		expect(waitsOf(merged, table)).toEqual([]);
		expect(merged.fateText).toBe('delivered to task2 (20), merged into 40');
		expect(merged.last).toBe(125);
	});
});

describe('waits of sockets', () => {
	const connect = (scene: Scene, sport: number, begin: number): Scene => {
		const syn = {...TCP, sport, packet: sport * 2};
		const ack = {...TCP, sport, packet: sport * 2 + 1};
		return scene
			.softirq(0, call('tcp_v4_conn_request', begin, begin + 20, syn))
			.softirq(0, call('tcp_create_openreq_child', begin + 310, begin + 320, ack));
	};
	/** The connection that accept returns is known from its own side. */
	const accepted = (sport: number) => ({
		...TCP,
		src: TCP.dst ?? [],
		dst: TCP.src ?? [],
		sport: TCP.dport ?? 0,
		dport: sport,
		ret: 0,
	});

	test('SYN and accept, each connection by itself', () => {
		const scene = new Scene(TCP_FUNCTIONS);
		connect(scene, 1000, 0);
		connect(scene, 1001, 100);
		scene.task(2, call('inet_accept', 500, 600, accepted(1001)));
		scene.task(2, call('inet_accept', 800, 900, accepted(1000)));
		const {table, end} = scene.run();
		end();
		expect(table.waits.rows().map(({queue, count, total, max}) => [queue, count, total, max])).toEqual([
			['syn', 2, 600, 300],
			['accept', 2, 180 + 580, 580],
		]);
	});

	test('accept may be complete before the softirq that has put the connection in', () => {
		const scene = new Scene(TCP_FUNCTIONS);
		scene.task(2, call('inet_accept', 5, 100, accepted(1000)));
		scene.softirq(0, call('tcp_create_openreq_child', 10, 20, {...TCP, sport: 1000, packet: 1}));
		const {table, end} = scene.run();
		end();
		expect(table.waits.rows()).toMatchObject([{queue: 'accept', count: 1, total: 80}]);
	});

	test('an accept of what was there before takes nothing of what comes later', () => {
		const scene = new Scene(TCP_FUNCTIONS).task(2, call('inet_accept', 0, 10, accepted(1000)));
		connect(scene, 1000, 100);
		scene.task(2, call('inet_accept', 500, 600, accepted(1000)));
		const {table, end} = scene.run();
		end();
		expect(table.waits.rows()).toMatchObject([{queue: 'syn'}, {queue: 'accept', count: 1, total: 180}]);
	});

	test('small queues: from the last frame sent before the handler', () => {
		const {table, end} = new Scene(TCP_FUNCTIONS)
			.softirq(0, call('tcp_wfree', 10, 20, TCP))
			.softirq(0, call('tcp_wfree', 100, 110, TCP))
			.softirq(0, call('tcp_tsq_handler', 150, 300, TCP))
			.softirq(0, call('tcp_tsq_handler', 400, 500, TCP))
			.run();
		end();
		expect(table.waits.rows()).toMatchObject([{queue: 'tsq', count: 1, total: 40}]);
	});
});
