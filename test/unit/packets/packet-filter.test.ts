import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {FilterError} from '../../../src/trace/filter/error.js';
import {FATES} from '../../../src/trace/packets/fate.js';
import {PACKET_KEYWORDS, parsePacketFilter} from '../../../src/trace/packets/packet-filter.js';
import type {PacketRow} from '../../../src/trace/packets/packet-row.js';
import {QUEUES} from '../../../src/trace/packets/queues.js';
import {Life} from '../../../src/trace/record.js';
import {call, Scene, UDP} from '../support/packets.js';

/** 1 is dropped after 50 us, 2 waited 200 us in a queueing discipline and is gone, 3 waits for its reader. */
function rows(): PacketRow[] {
	const at = (packet: number) => ({...UDP, packet});
	return new Scene('ip_rcv dev_qdisc_enqueue sch_direct_xmit __udp_enqueue_schedule_skb')
		.softirq(0, call('ip_rcv', 0, 60_000, at(1)))
		.life({what: Life.DROPPED, packet: 1, at: 50_000, other: 2})
		.task(1, call('dev_qdisc_enqueue', 0, 1000, at(2)))
		.softirq(0, call('sch_direct_xmit', 201_000, 202_000, at(2)))
		.life({what: Life.CONSUMED, packet: 2, at: 201_500})
		.softirq(0, call('__udp_enqueue_schedule_skb', 300_000, 300_100, at(3)))
		.run()
		.end()
		.sort((a, b) => a.number - b.number);
}

const all = rows();
const matches = (text: string): number[] => all.filter(parsePacketFilter(text)).map(({number}) => number);

describe('packet filter', () => {
	test.each<[string, number[]]>([
		['', [1, 2, 3]],
		['  ', [1, 2, 3]],
		['fate dropped', [1]],
		['dropped', [1]],
		['alive', [3]],
		['delivered or forwarded', []],
		['consumed || dropped', [1, 2]],
		['not dropped', [2, 3]],
		['! ! dropped', [1]],
		['time > 1us', [1, 2]],
		['time>1us', [1, 2]],
		['time >= 50us', [1, 2]],
		['time > 50 us', [2]],
		['time > 0.05ms', [2]],
		['time = .05ms', [1]],
		['time <= 50µs', [1, 3]],
		['time < 1s && time > 100us', [2]],
		['functions > 10us', [1]],
		['queues > 100us', [2]],
		['between = 0ns', [1, 2, 3]],
		['wait qdisc', [2]],
		['wait receive', [3]],
		['wait qdisc > 100us', [2]],
		['wait qdisc > 200us', []],
		['wait > 100us', [2]],
		['wait receive > 0ns', []],
		['wait socket-backlog', []],
		['not (dropped or wait qdisc) and alive', [3]],
		// From the left, as in the filter of records.
		['dropped or consumed and alive', []],
		['dropped or (consumed and alive)', [1]],
		['alive and dropped or consumed', [2]],
	])('%s', (text, numbers) => expect(matches(text)).toEqual(numbers));

	test('what was asked of an age holds for the sum of its parts', () => {
		for (const row of all) expect(row.inFunctions + row.inQueues + row.between).toBe(row.total);
	});

	test.each<[string, number, string]>([
		['fate', 1, "'fate' needs one of dropped, alive, delivered, forwarded, consumed after it"],
		['fate lost', 6, "no fate is called 'lost'"],
		['fate droped', 6, "no fate is called 'droped' (did you mean dropped?)"],
		['Dropped', 1, "unknown word 'Dropped' (did you mean dropped?)"],
		['time', 1, "'time' needs > or < and a time after it"],
		['time 5ms', 1, "'time' needs > or < and a time after it"],
		['time > ', 6, "'>' needs a time like 5ms after it"],
		['time > 5', 8, "'5' needs a unit: ns, us, ms or s"],
		['time > 5min', 8, "'5min' needs a unit: ns, us, ms or s"],
		['time > fast', 8, "'fast' is no time like 5ms"],
		['time>>5ms', 6, "'>' is no time like 5ms"],
		['dropped alive', 9, "expected 'and' or 'or' before 'alive'"],
		['dropped and', 9, "'and' needs something after it"],
		['or dropped', 1, "'or' needs something before it"],
		['> 5ms', 1, "'>' needs something before it"],
		['qdisc > 5ms', 1, "'qdisc' is a queue: say wait qdisc"],
		['wait', 1, "'wait' needs a queue or a time after it"],
		['wait and dropped', 1, "'wait' needs a queue or a time after it"],
		['wait qdisk > 1ms', 6, "no queue is called 'qdisk' (did you mean qdisc?)"],
		['(dropped', 1, "'(' is not closed"],
		['dropped)', 8, "')' without '('"],
		['()', 1, 'nothing between the parentheses'],
		['dropped & alive', 9, "'&' must be '&&'"],
		['constructor', 1, "unknown word 'constructor'"],
	])('error: %s', (text, column, message) => {
		let error: unknown;
		try {
			parsePacketFilter(text);
		} catch (thrown) {
			error = thrown;
		}
		expect(error).toBeInstanceOf(FilterError);
		expect(error).toMatchObject({column, message});
	});

	test('any text has a meaning or an error within the text', {timeout: 30_000}, () => {
		const piece = fc.constantFrom(
			...PACKET_KEYWORDS,
			'(',
			')',
			'!',
			'&&',
			'||',
			'>',
			'<=',
			'=',
			'5ms',
			'1.5',
			'us',
			'\x1b[31m',
		);
		const text = fc.oneof(
			fc.string({unit: 'binary', maxLength: 60}),
			fc.tuple(fc.array(piece, {maxLength: 14}), fc.constantFrom(' ', '')).map(([pieces, space]) => pieces.join(space)),
		);
		fc.assert(
			fc.property(text, (source) => {
				let holds: (row: PacketRow) => boolean;
				try {
					holds = parsePacketFilter(source);
				} catch (error) {
					if (!(error instanceof FilterError)) throw error;
					expect(error.column).toBeGreaterThanOrEqual(1);
					expect(error.column).toBeLessThanOrEqual(source.length + 1);
					expect(error.message).not.toMatch(/[\x00-\x1f\x7f]/);
					return;
				}
				for (const row of all) expect(typeof holds(row)).toBe('boolean');
			}),
			{numRuns: 800},
		);
	});

	test('long and deep ones', () => {
		expect(matches(Array(400).fill('alive').join(' or '))).toEqual([3]);
		expect(() => parsePacketFilter(`${'('.repeat(100)}alive${')'.repeat(100)}`)).toThrow('more than 64 parentheses');
		expect(() => parsePacketFilter('x'.repeat(5000))).toThrow('longer than 4096 characters');
	});

	test('all fates and queues can be asked for', () => {
		for (const fate of FATES) expect(() => parsePacketFilter(`fate ${fate}`)).not.toThrow();
		for (const {name} of QUEUES) expect(() => parsePacketFilter(`wait ${name} > 1us`)).not.toThrow();
	});
});
