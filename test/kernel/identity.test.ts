/** Numbers of packets under load: none is two packets', none is lost on the way, and without them there is none. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {Namespace} from './support/net.js';
import {exact, FUNCTIONS, type Line, lost, ON, trace} from './support/pkttop.js';

const NAMES = [
	'udp_send_skb',
	'ip_output',
	'__netif_receive_skb_one_core',
	'ip_rcv',
	'__udp_enqueue_schedule_skb',
	'skb_consume_udp',
];
const POINTS = NAMES.flatMap((name) => ['-f', name]);
const FLOWS = Number(process.env.PKTTOP_TEST_FLOWS ?? 100);
const EACH = 50;
const PORT = 30180;

if (FUNCTIONS && ON !== '5.10') {
	exact('a flood of many flows: a number has the records of one datagram, and a datagram one number', async () => {
		const namespace = new Namespace();
		try {
			const before = namespace.counters();
			const args = ['--netns', namespace.name, ...POINTS, `udp dst port ${PORT}`];
			const result = await trace(args, () => namespace.traffic('flows', '127.0.0.1', PORT, FLOWS), {numbers: true});
			assert.equal(lost(result.summary), 0, JSON.stringify(result.summary));
			const after = namespace.counters();
			assert.equal(after.since(before, 'UdpOutDatagrams'), FLOWS * EACH);
			const numbers = new Map<string, number>();
			const packets = new Map<number, Line[]>();
			for (const line of result.calls) {
				if (line.packet === undefined) continue;
				const calls = packets.get(line.packet);
				if (calls === undefined) packets.set(line.packet, [line]);
				else calls.push(line);
			}
			assert.equal(packets.size, FLOWS * EACH, 'as many numbers as datagrams');
			for (const [number, calls] of packets) {
				const whole = calls.filter(({fn}) => ['ip_output', '__netif_receive_skb_one_core', 'ip_rcv'].includes(fn));
				const datagrams = new Set(whole.map(({sport, len}) => `${sport} ${len}`));
				assert.equal(datagrams.size, 1, `packet ${number} is ${[...datagrams].join(' and ')}`);
				// What did not fit on the CPU's backlog was sent, and no more.
				assert.ok(whole.length === 3 || whole.length === 1, `packet ${number} from sender to receiver`);
				const [datagram = ''] = datagrams;
				assert.equal(numbers.get(datagram), undefined, `${datagram} has two numbers`);
				numbers.set(datagram, number);
			}
			const ended = result.lines.filter(({type}) => type === 'packet');
			assert.equal(ended.length, FLOWS * EACH, 'each has one fate');
			// What the reader had left unread when it closed its socket is dropped, as is what had no room.
			const delivered = ended.filter(({fate}) => fate === 'delivered').length;
			assert.equal(delivered, after.since(before, 'UdpInDatagrams'));
			assert.ok(ended.every(({fate}) => fate === 'delivered' || fate === 'dropped'));
		} finally {
			namespace.remove();
		}
	});
}

test('without identity there are no numbers, and it is said where they cannot be had', async () => {
	const namespace = new Namespace();
	try {
		const how = FUNCTIONS ? POINTS : ['--backend', 'tracepoint'];
		const result = await trace(['--netns', namespace.name, ...how], () =>
			namespace.traffic('echo-udp', '127.0.0.1', 0, 3),
		);
		assert.ok(result.calls.length + result.marks.length > 0);
		assert.ok(result.lines.every(({packet}) => packet === undefined));
	} finally {
		namespace.remove();
	}
});
