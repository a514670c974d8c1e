/** What the screen makes of packets: their order, the waits of the trace, journeys as lines, two side by side; and keys. */
import {describe, expect, test} from 'vitest';
import {journeyOf} from '../../../src/trace/packets/journey.js';
import type {PacketWorld} from '../../../src/trace/packets/packet-row.js';
import type {Wait} from '../../../src/trace/packets/trail.js';
import {Life} from '../../../src/trace/record.js';
import {compileFields, isError, NO_FIELDS} from '../../../src/ui/filter.js';
import {align, comparable, largest} from '../../../src/ui/journey/compare.js';
import {type JourneyLine, JourneyLines, slowestLine} from '../../../src/ui/journey/lines.js';
import {Cell, span, timeline} from '../../../src/ui/journey/timeline.js';
import {Model} from '../../../src/ui/model.js';
import {reduce, settled} from '../../../src/ui/reduce/reduce.js';
import {initialState, placeOf, type State} from '../../../src/ui/state.js';
import {Followed} from '../../../src/ui/trace/followed.js';
import {WaitIndex} from '../../../src/ui/trace/waits.js';
import {playScene} from '../../screen/support/journeys.js';
import {call, Scene, UDP} from '../support/packets.js';
import {world} from '../support/world.js';

const never = (): boolean => false;

function compiled(expression = '') {
	const filter = compileFields({...NO_FIELDS, expression});
	if (isError(filter)) throw new Error(filter.message);
	return filter;
}

/** The scene of ../../screen/support/journeys.ts, all of it there. */
function model(): Model {
	const kernel = playScene();
	const made = new Model(kernel, compiled());
	kernel.pump();
	made.packets.settle(true);
	return made;
}

function lines(world: PacketWorld, number: number): readonly JourneyLine[] {
	const journey = journeyOf(world, number);
	if (journey === undefined) throw new Error(`no packet ${number}`);
	return new JourneyLines(world.store, world.names).of(journey);
}

describe('the list', () => {
	const numbers = (made: Model, order: Partial<{sort: string; reversed: boolean; only: string}> = {}): number[] => {
		const {list} = made.packets;
		list.want({sort: 'first', reversed: false, only: '', ...order});
		list.renew();
		list.step(never);
		return Array.from({length: list.count}, (_, index) => list.item(index)?.number ?? 0);
	};

	test('in the order of a column', () => {
		const made = model();
		expect(numbers(made)).toEqual([8, 7, 100, 6, 5, 4, 3, 2, 1]);
		expect(numbers(made, {reversed: true})).toEqual([1, 2, 3, 4, 5, 6, 100, 7, 8]);
		expect(numbers(made, {sort: 'number'})).toEqual([100, 8, 7, 6, 5, 4, 3, 2, 1]);
		expect(numbers(made, {sort: 'total'})).toEqual([5, 1, 2, 4, 6, 7, 8, 3, 100]);
		expect(numbers(made, {sort: 'fate'})[0]).toBe(3);
		expect(numbers(made, {sort: 'to'})).toEqual([1, 2, 3, 4, 5, 6, 100, 7, 8]);
		expect(numbers(made, {sort: 'path', reversed: true})[0]).toBe(100);
	});

	test('by fate and time, and by the filter in force', () => {
		const made = model();
		expect(numbers(made, {only: 'fate dropped'})).toEqual([3]);
		expect(numbers(made, {only: 'time > 1ms'})).toEqual([5]);
		made.setFilter(compiled('udp port 99'));
		made.matches.step(never);
		expect(numbers(made)).toEqual([8, 7]);
		expect(numbers(made, {only: 'fate dropped'})).toEqual([]);
		made.setFilter(compiled());
		made.matches.step(never);
		expect(numbers(made, {only: 'fate dropped'})).toEqual([3]);
	});

	test('a row is found by its key, a slot that has another packet now is gone', () => {
		const made = model();
		numbers(made);
		const {list, table} = made.packets;
		const rows = list.list([]);
		expect([rows.keyAt(0), rows.indexOf('8'), rows.indexOf('1'), rows.indexOf('77'), rows.keyAt(99)]).toEqual([
			'8',
			0,
			8,
			-1,
			'',
		]);
		table.clear();
		expect(list.item(0)).toMatchObject({number: 8, row: undefined});
	});

	test('it is made in slices', () => {
		const made = model();
		const {list} = made.packets;
		list.renew();
		list.step(() => true);
		expect(list.complete).toBe(false);
		list.step(never);
		expect(list.complete).toBe(true);
	});
});

describe('waits of the trace', () => {
	const wait = (toEntry: number, begin = 0): Wait => ({
		...{queue: 0, begin, end: begin + 5, from: 1, to: 2, dev: 0, length: -1},
		...{fromEntry: 1, toEntry},
	});

	test('by the entry that ended them, each once, none inside one block', () => {
		const index = new WaitIndex({first: 0});
		expect(index.set(7, [wait(3), wait(4, 10), wait(1), wait(-1)])).toEqual([3, 4]);
		expect(index.set(7, [wait(3)])).toEqual([]);
		expect(index.set(8, [wait(3)])).toEqual([3]);
		expect(index.of(3).map(({packet}) => packet)).toEqual([7, 8]);
		expect([index.of(1), index.of(9)]).toEqual([[], []]);
	});

	test('not more than there is room for, the newest', () => {
		const index = new WaitIndex({first: 0}, 16);
		for (let entry = 2; entry < 1000; entry++) index.set(entry, [wait(entry)]);
		expect(index.of(999)).toHaveLength(1);
		expect(index.of(2)).toHaveLength(0);
		expect(
			Array.from({length: 1000}, (_, entry) => index.of(entry).length).filter((one) => one > 0).length,
		).toBeLessThan(17);
	});
});

test('waits of entries that are gone from the store are forgotten', () => {
	const store = {first: 0};
	const index = new WaitIndex(store);
	const wait = {queue: 0, begin: 0, end: 5, from: 1, to: 2, dev: 0, length: -1, fromEntry: 1};
	for (let entry = 2; entry < 10_000; entry++) {
		store.first = Math.max(0, entry - 100);
		index.set(entry, [{...wait, toEntry: entry}]);
	}
	const known = Array.from({length: 10_000}, (_, entry) => index.of(entry).length).filter((one) => one > 0);
	expect(known.length).toBeGreaterThanOrEqual(100);
	expect(known.length).toBeLessThan(100 + 1024);
});

test('whoever follows a packet sees its blocks and those of what came out of it', () => {
	const {table} = model().packets;
	const followed = new Followed(6, table);
	expect([followed.is(6), followed.is(100), followed.is(5)]).toEqual([true, true, false]);
	const slot = table.slot(6) as number;
	const own = [...table.entriesOf(slot)];
	const first = Math.min(...own);
	const last = Math.max(...own);
	expect(followed.next(0)).toBe(first);
	expect(followed.next(last + 1)).toBe(-1);
	expect(followed.previous(last + 99)).toBe(last);
	expect(followed.previous(first - 1)).toBe(-1);
	expect(followed.update()).toBe(false);
});

describe('journeys', () => {
	test('waits stand above the block that ended them, a copy below where it came out', () => {
		const {world} = model().packets;
		const types = lines(world, 6).map(({step, level}) => `${level} ${step.type}`);
		expect(types.filter((type) => type.endsWith('wait'))).toEqual(['0 wait', '0 wait', '0 wait']);
		expect(types.filter((type) => type.endsWith('branch'))).toEqual(['1 branch']);
		const branch = lines(world, 6).find(({step}) => step.type === 'branch');
		expect(branch?.branch).toBe('clone');
		// The read system call is around the packet's own call, and the wait above both.
		const names = lines(world, 1).map(({step}) =>
			'fn' in step ? world.names.session.functions[step.fn]?.name : step.type,
		);
		expect(names.slice(-4)).toEqual(['wait', 'udp_recvmsg', 'skb_consume_udp', 'end']);
	});

	test('what is around a packet and what came out of it has one line', () => {
		const inside = call('__dev_queue_xmit', 1030, 1080, {...UDP, packet: 6});
		const {world, end} = new Scene('udp_sendmsg ip_output __dev_queue_xmit')
			.life({what: Life.CLONE, packet: 6, other: 5, at: 1020})
			.task(1, call('udp_sendmsg', 1000, 1100, UDP, call('ip_output', 1010, 1090, {...UDP, packet: 5}, inside)))
			.run();
		end();
		const names = lines(world, 5).map(({step, level}) => {
			return `${level} ${'fn' in step ? world.names.session.functions[step.fn]?.name : step.type}`;
		});
		expect(names).toEqual(['0 udp_sendmsg', '1 ip_output', '2 branch', '3 ip_output', '4 __dev_queue_xmit']);
	});

	test('the slowest part, and where it lies on the time axis', () => {
		const {world} = model().packets;
		const all = lines(world, 5);
		const [{journey}] = all as [JourneyLine];
		const slowest = slowestLine(all, journey);
		expect(all[slowest]?.step).toMatchObject({type: 'wait'});
		const cells = timeline({begin: journey.packet.first, end: journey.packet.last, cells: 100}, all, all[slowest]);
		expect(cells.filter((cell) => cell === Cell.SLOWEST_DOTTED).length).toBeGreaterThan(90);
		expect(cells[0]).toBe(Cell.SOLID);
		expect(cells.filter((cell) => cell === Cell.EMPTY)).toHaveLength(0);
	});

	test('something short has a cell, nothing is outside', () => {
		const axis = {begin: 1000, end: 2000, cells: 10};
		expect(span(axis, 1000, 1001)).toEqual({first: 0, last: 0});
		expect(span(axis, 1100, 1300)).toEqual({first: 1, last: 2});
		expect(span(axis, 1999, Number.POSITIVE_INFINITY)).toEqual({first: 9, last: 9});
		expect(span(axis, 0, 5000)).toEqual({first: 0, last: 9});
		expect(span({begin: 5, end: 5, cells: 10}, 5, 5)).toEqual({first: 0, last: 0});
	});
});

describe('two packets side by side', () => {
	test('the same steps in one row, the difference where it is', () => {
		const {world} = model().packets;
		const pairs = align(comparable(lines(world, 1)), comparable(lines(world, 5)));
		expect(pairs.every(({left, right}) => left !== undefined && right !== undefined)).toBe(true);
		const [most] = [...largest(pairs)];
		expect(most?.left?.step.type).toBe('wait');
		expect(most?.difference).toBe(2_900_000);
		expect(largest(pairs).size).toBe(1);
	});

	test('what only one has stands alone, in the order of both', () => {
		const {world} = model().packets;
		const pairs = align(comparable(lines(world, 3)), comparable(lines(world, 1)));
		const sides = pairs.map(({left, right}) => `${left === undefined ? '' : 'l'}${right === undefined ? '' : 'r'}`);
		expect(sides).toContain('l');
		expect(sides).toContain('r');
		const rights = pairs.flatMap(({right}) => (right === undefined ? [] : [right]));
		expect(rights).toEqual(comparable(lines(world, 1)));
		expect(pairs.flatMap(({left}) => (left === undefined ? [] : [left]))).toEqual(comparable(lines(world, 3)));
	});

	test('nothing beside something', () => {
		const some = comparable(lines(model().packets.world, 1));
		expect(align([], some).map(({left}) => left)).toEqual(some.map(() => undefined));
		expect(align(some, []).map(({right}) => right)).toEqual(some.map(() => undefined));
		expect(align([], [])).toEqual([]);
	});
});

describe('keys', () => {
	const state = (...keys: readonly string[]): State => {
		let now = settled(initialState(), world(initialState()));
		for (const key of keys) {
			const step = reduce(now, key, world(now)).state;
			now = settled(step, world(step));
		}
		return now;
	};
	const typed = (text: string): string[] => [...text];

	test('f follows and lets go, and so do Esc and q', () => {
		expect(state('g', 'pgdn', 'f').trace).toMatchObject({packet: 1, follow: false, goal: undefined});
		expect(state('g', 'pgdn', 'f', 'f').trace.packet).toBe(0);
		expect(state('g', 'pgdn', 'f', 'esc').trace.packet).toBe(0);
		expect(state('g', 'pgdn', 'f', 'q').trace.packet).toBe(0);
		expect(state('g', 'f').message?.text).toBe('no packet is known here');
	});

	test('[ and ] go to the blocks of the packet, to the row that is of it', () => {
		expect(state('g', 'pgdn', ']').trace.cursor).toEqual({id: 2, row: 1});
		expect(state('g', 'pgdn', ']', '[').trace.cursor).toEqual({id: 1, row: 1});
		expect(state('k', ']').message?.text).toBe('no packet is known here');
		expect(state('g', 'pgdn', '[', '[', ']').trace.cursor).toEqual({id: 0, row: 1});
	});

	test('a block that is folded is unfolded', () => {
		const folded = state('z', 'g', 'j', ']');
		expect(folded.trace.exceptions.has(2)).toBe(true);
		expect(settled(folded, world(folded)).trace).toMatchObject({cursor: {id: 2, row: 1}, goal: undefined});
	});

	test('a journey, its lines, and the way to the trace and back', () => {
		const journey = state('3', 'j', 'enter');
		expect(placeOf(journey)).toBe('journey');
		expect(journey.packets.journey).toMatchObject({packet: 5, line: 0, back: 'packets'});
		expect(state('3', 'enter', 'G').packets.journey).toMatchObject({line: 9, top: 6});
		expect(state('3', 'enter', 'G', 'k', 'pgup').packets.journey).toMatchObject({line: 5, top: 5});
		const there = state('3', 'enter', 'j', 'j', 'enter');
		expect(there).toMatchObject({pane: 'trace', trace: {cursor: {id: 2, row: 1}, follow: false}});
		expect(placeOf(state('3', 'enter', 'j', 'enter', '3'))).toBe('journey');
		expect(state('3', 'enter', 'G', 'enter').pane).toBe('packets');
		expect(placeOf(state('3', 'enter', 'esc'))).toBe('packets');
		expect(state('g', 'pgdn', 'J').packets.journey).toMatchObject({packet: 1, back: 'trace'});
		expect(state('g', 'pgdn', 'J', 'q').pane).toBe('trace');
	});

	test('d marks one, then compares another one of its flow', () => {
		expect(state('3', 'j', 'd')).toMatchObject({packets: {marked: 5}});
		expect(state('3', 'j', 'd', 'd')).toMatchObject({packets: {marked: 0}});
		expect(state('3', 'd', 'j', 'd')).toMatchObject({
			packets: {marked: 7, comparison: undefined},
			message: {bad: true},
		});
		const both = state('3', 'j', 'd', 'j', 'd');
		expect(both.packets.comparison).toMatchObject({first: 5, second: 3, line: 0});
		expect(placeOf(both)).toBe('comparison');
		expect(placeOf(state('3', 'j', 'd', 'j', 'd', 'esc'))).toBe('packets');
	});

	test('by fate and time: what is wrong stays out', () => {
		expect(state('3', 'F', ...typed('dropped'), 'enter').packets.only).toBe('dropped');
		const wrong = state('3', 'F', ...typed('dropped'), 'enter', 'F', 'C-u', ...typed('bad'), 'enter');
		expect(wrong).toMatchObject({packets: {only: 'dropped'}, prompt: {error: "column 1: unknown word 'bad'"}});
		expect(state('3', 'F', ...typed('dropped'), 'esc').packets.only).toBe('');
		expect(state('3', 'F', ...typed('dropped'), 'enter', 'F', 'C-u', 'enter').packets.only).toBe('');
		expect(state('3', 'F', ...typed('dropped'), 'enter', 'x').packets.only).toBe('');
	});
});
