import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {journeyOf} from '../../../src/trace/packets/journey.js';
import {rangeOf, streamCallsOf} from '../../../src/trace/packets/streams.js';
import {Life} from '../../../src/trace/record.js';
import {type Call, call, reverse, Scene, TCP, UDP} from '../support/packets.js';

const FUNCTIONS =
	'tcp_sendmsg tcp_sendmsg_locked tcp_write_xmit __tcp_transmit_skb ip_queue_xmit enqueue_to_backlog tcp_v4_rcv ' +
	'tcp_data_queue tcp_queue_rcv tcp_recvmsg tcp_recvmsg_locked skb_copy_datagram_iter udp_sendmsg inet_sendmsg';
const SERVER = reverse(TCP);

/** A segment of 100 bytes at `seq`, sent by a softirq from the write queue, and as a clone to a receive queue. */
function segment(scene: Scene, seq: number): Scene {
	const original = {...TCP, packet: 30, len: 100, seq};
	const clone = {...TCP, packet: 31, seq};
	return scene
		.softirq(
			0,
			call(
				'tcp_write_xmit',
				1000,
				1300,
				TCP,
				call(
					'__tcp_transmit_skb',
					1010,
					1290,
					original,
					call(
						'ip_queue_xmit',
						1020,
						1280,
						{...clone, seq: 0, len: 100},
						call('enqueue_to_backlog', 1030, 1040, {...clone, len: 152}),
					),
				),
			),
		)
		.life({what: Life.CLONE, packet: 31, at: 1015, other: 30})
		.softirq(
			1,
			call(
				'tcp_v4_rcv',
				1100,
				1270,
				{...clone, len: 132},
				call(
					'tcp_data_queue',
					1110,
					1200,
					{...clone, len: 132},
					call('tcp_queue_rcv', 1120, 1150, {...clone, len: 100}),
				),
			),
		)
		.life({what: Life.FREED, packet: 31, at: 2100})
		.life({what: Life.CONSUMED, packet: 30, at: 3000});
}

const send = (begin: number, seq: number, ret: number): Call =>
	call(
		'inet_sendmsg',
		begin - 1,
		begin + 101,
		TCP,
		call(
			'tcp_sendmsg',
			begin,
			begin + 100,
			{...TCP, seq, ret},
			call('tcp_sendmsg_locked', begin + 10, begin + 90, {...TCP, seq, ret}),
		),
	);
const receive = (begin: number, end: number, seq: number, ret: number): Call =>
	call(
		'tcp_recvmsg',
		begin,
		end,
		{...SERVER, seq, ret},
		call('tcp_recvmsg_locked', begin + 10, end - 10, {...SERVER, seq, ret}),
	);

describe('calls that have a segment’s bytes', () => {
	test('those that wrote and read them, and no others', () => {
		const scene = segment(new Scene(FUNCTIONS), 500)
			.task(1, send(100, 400, 100)) // ends where the segment begins
			.task(1, send(300, 500, 60))
			.task(1, send(500, 560, 200))
			.task(1, send(700, 600, 100)) // behind it
			.task(1, send(1400, 500, 100)) // after it was sent
			.task(2, receive(5, 400, 500, 100)) // before it has come
			.task(2, receive(450, 2000, 400, 130))
			.task(2, receive(2010, 2110, 530, -11))
			.task(2, receive(2120, 2220, 530, 0))
			.task(2, receive(2230, 2330, 530, 1000))
			.task(2, receive(2340, 2440, 600, 1000))
			.task(3, call('tcp_recvmsg', 2500, 2600, {...SERVER, dport: 1001, seq: 500, ret: 100}))
			.task(3, call('tcp_recvmsg', 2700, 2800, {...TCP, seq: 500, ret: 100}));
		const {world, end} = scene.run();
		end();
		const calls = streamCallsOf(world, 31)!;
		expect(calls.sent.map(({begin, seq, length}) => [begin, seq, length])).toEqual([
			[300, 500, 60],
			[500, 560, 200],
		]);
		expect(calls.received.map(({begin, end: last, fn}) => [begin, last, fn])).toEqual([
			[450, 2000, scene.fn('tcp_recvmsg')],
			[2230, 2330, scene.fn('tcp_recvmsg')],
		]);
		// The original is read by nobody: its clone is.
		expect(streamCallsOf(world, 30)?.sent).toHaveLength(2);
		expect(streamCallsOf(world, 30)?.received).toEqual([]);
	});

	test('sequence numbers wrap', () => {
		const scene = segment(new Scene(FUNCTIONS), 0xfffffff0)
			.task(1, send(300, 0xffffff00, 0x100))
			.task(1, send(500, 0, 10))
			.task(2, receive(450, 2000, 0xffffffff, 5))
			.task(2, receive(2050, 2150, 0x80, 5));
		const {world, end} = scene.run();
		end();
		const calls = streamCallsOf(world, 31)!;
		expect(calls.sent.map(({seq}) => seq)).toEqual([0xffffff00, 0]);
		expect(calls.received.map(({seq}) => seq)).toEqual([0xffffffff]);
	});

	test('sequence numbers of a segment, by what is traced', () => {
		const range = (fields: object, name = 'tcp_v4_rcv') => {
			const {world, table, end} = new Scene(FUNCTIONS)
				.softirq(0, call(name, 0, 10, {...TCP, packet: 1, seq: 7, ...fields}))
				.run();
			end();
			return rangeOf(world, table.slot(1)!);
		};
		expect(range({len: 100}, 'tcp_queue_rcv')).toEqual({seq: 7, length: 100});
		expect(range({len: 0}, 'tcp_queue_rcv')).toBeUndefined();
		expect(range({len: 1500})).toEqual({seq: 7, length: 1440});
		expect(range({len: 32})).toBeUndefined();
		expect(range({len: 33, tcpFlags: 0x18})).toEqual({seq: 7, length: 1});
		expect(range({len: 1500}, 'ip_queue_xmit')).toBeUndefined();
	});

	test('what is no TCP, has no payload or is not known', () => {
		const {world, end} = new Scene(FUNCTIONS)
			.task(1, call('udp_sendmsg', 0, 10, {...UDP, packet: 1}))
			.softirq(0, call('tcp_v4_rcv', 20, 30, {...TCP, packet: 2, len: 20}))
			.run();
		end();
		expect([1, 2, 3].map((packet) => streamCallsOf(world, packet))).toEqual([undefined, undefined, undefined]);
	});

	test('any segment and any calls: those that overlap, counted byte by byte', {timeout: 30_000}, () => {
		const number = fc.integer({min: 0, max: 30});
		fc.assert(
			fc.property(
				number,
				fc.integer({min: 1, max: 20}),
				fc.array(fc.tuple(number, fc.integer({min: -2, max: 20})), {maxLength: 8}),
				fc.constantFrom(0, 2 ** 32 - 15),
				(seq, len, calls, base) => {
					const scene = new Scene(FUNCTIONS);
					const wrap = (value: number) => (value + base) % 2 ** 32;
					calls.forEach(
						([from, ret], i) =>
							void scene.task(1, call('tcp_sendmsg', i * 10, i * 10 + 5, {...TCP, seq: wrap(from), ret})),
					);
					scene.task(1, call('__tcp_transmit_skb', 1000, 1010, {...TCP, packet: 1, seq: wrap(seq), len}));
					const {world, end} = scene.run();
					end();
					const bytes = (from: number, count: number) => Array.from({length: Math.max(0, count)}, (_, i) => from + i);
					const mine = new Set(bytes(seq, len));
					const expected = calls.flatMap(([from, ret], i) =>
						bytes(from, ret).some((byte) => mine.has(byte)) ? [i * 10] : [],
					);
					expect(streamCallsOf(world, 1)!.sent.map(({begin}) => begin)).toEqual(expected);
				},
			),
			{numRuns: 200},
		);
	});
});

describe('a journey from task to task', () => {
	const told = (scene: Scene, number: number) => {
		const {world, end} = scene.run();
		end();
		const tell = (steps: ReturnType<typeof journeyOf>): unknown[] =>
			steps!.steps.map((step) => {
				if (step.type === 'branch') return tell(step.journey);
				if (step.type !== 'call') return step.type;
				return `${world.names.session.functions[step.fn]?.name}${step.joined ? ' joined' : step.around ? ' around' : ''}`;
			});
		return tell(journeyOf(world, number));
	};

	test('written before, read after', () => {
		const scene = segment(new Scene(FUNCTIONS), 500)
			.task(1, send(300, 500, 100))
			.task(2, receive(5, 2000, 500, 100));
		expect(told(scene, 30)).toEqual([
			'tcp_sendmsg joined',
			'tcp_write_xmit around',
			'__tcp_transmit_skb',
			[
				'tcp_write_xmit around',
				'__tcp_transmit_skb around',
				'ip_queue_xmit',
				'enqueue_to_backlog',
				'wait',
				'tcp_v4_rcv',
				'tcp_data_queue',
				'tcp_queue_rcv',
				'wait',
				'end',
				'tcp_recvmsg joined',
			],
			'wait',
			'end',
		]);
	});

	test('calls that are there already are not joined once more', () => {
		const original = {...TCP, packet: 30, len: 100, seq: 500};
		const scene = new Scene(FUNCTIONS)
			.task(1, call('tcp_sendmsg', 0, 90, {...TCP, seq: 500, ret: 100}, call('__tcp_transmit_skb', 10, 50, original)))
			.softirq(1, call('tcp_queue_rcv', 100, 110, {...TCP, packet: 31, len: 100, seq: 500}))
			.task(
				2,
				call(
					'tcp_recvmsg',
					5,
					400,
					{...SERVER, seq: 500, ret: 100},
					call('skb_copy_datagram_iter', 300, 310, {...TCP, packet: 31}),
				),
			);
		expect(told(scene, 30)).toEqual(['tcp_sendmsg around', '__tcp_transmit_skb', 'wait']);
		expect(told(scene, 31)).toEqual([
			'tcp_sendmsg joined',
			'tcp_queue_rcv',
			'wait',
			'tcp_recvmsg around',
			'skb_copy_datagram_iter',
		]);
	});
});
