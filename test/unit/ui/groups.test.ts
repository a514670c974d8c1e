/** The groups pane: its rows, their order, and what its keys do. */
import {describe, expect, test} from 'vitest';
import {reduce, settled} from '../../../src/ui/reduce/reduce.js';
import {type Effect, initialState, type State} from '../../../src/ui/state.js';
import {type GroupRow, GroupRows, groupColumns, unfolded} from '../../../src/ui/tables/groups.js';
import {Table} from '../../../src/ui/tables/table.js';
import {makeTheme} from '../../../src/ui/theme.js';
import {SESSION, world} from '../support/world.js';

const CALLS = [5, 70, 0, 20, 0, 0, 3];
const RATES = [0, 7, 0, 2, 0, 0, 1.5];

function groupRows(off: readonly number[] = [], live = true): GroupRows {
	const groups = new GroupRows(SESSION, {live, isOn: (fn) => !off.includes(fn)});
	groups.update(CALLS, RATES);
	return groups;
}

const states = (groups: GroupRows): Record<string, string> =>
	Object.fromEntries(groups.rows.map(({name, state, fn}) => [fn === undefined ? `[${name}]` : name, state]));

describe('rows', () => {
	test('every group with what belongs to it, in the order of the catalogue', () => {
		expect(groupRows().rows.map(({name}) => name)).toEqual([
			...['tcpin', 'tcp_v4_rcv', 'tcp_urg', 'tcp_ack'],
			...['ip_rcv', 'ip_rcv'],
			...['device', 'kfree_skb'],
			...['icmp', 'icmp_rcv'],
			...['other', 'my_function'],
		]);
		expect(new Set(groupRows().rows.map(({key}) => key)).size).toBe(12);
	});

	test('they are there before anything was counted', () => {
		const {rows} = new GroupRows(SESSION, {live: true, isOn: () => true});
		expect(rows).toHaveLength(12);
		expect(rows.every(({calls, rate}) => calls === 0 && rate === 0)).toBe(true);
	});

	test('states in words, of a group how many of each', () => {
		expect(states(groupRows())).toEqual({
			'[tcpin]': '2 on, 1 not attached',
			tcp_v4_rcv: 'on',
			tcp_urg: 'not attached: not in this kernel',
			tcp_ack: 'on',
			'[ip_rcv]': '1 on',
			ip_rcv: 'on',
			'[device]': '1 on',
			kfree_skb: 'on',
			'[icmp]': '1 not attached',
			icmp_rcv: 'not attached: attach refused: it cannot be probed',
			'[other]': '1 on',
			my_function: 'on',
		});
		expect(states(groupRows([1, 0]))).toMatchObject({
			'[tcpin]': '1 on, 1 off, 1 not attached',
			tcp_v4_rcv: 'off',
			'[ip_rcv]': '1 off',
		});
		expect(groupRows([1, 0]).off).toBe(2);
		expect(states(groupRows([], false))).toMatchObject({
			'[tcpin]': '2 recorded, 1 not attached',
			tcp_ack: 'recorded',
			'[icmp]': '1 not attached',
		});
	});

	test('a group has the sums of its functions', () => {
		expect(groupRows().rows[0]).toMatchObject({name: 'tcpin', calls: 90, rate: 9});
	});
});

const theme = makeTheme(false, false);

function painted(rows: readonly GroupRow[], sort: string, reversed = false, width = 80, foldedGroup = ''): string[] {
	const table = new Table(
		groupColumns(theme, (group) => group === foldedGroup),
		({key}) => key,
		theme,
		({place}) => place,
	);
	const look = {width, rows: rows.length + 1, top: 0, selected: '', sort, reversed, shift: 0};
	return table.paint(rows, look).map((line) => line.replace(/\x1b\[[\d;]*m/g, '').trimEnd());
}

const names = (lines: readonly string[]): string[] => lines.slice(1).map((line) => line.trim().split(/ {2,}/)[0] ?? '');

describe('the table', () => {
	const {rows} = groupRows([3]);

	test('sorts within the groups, what is not attached last', () => {
		const first = (sort: string, reversed = false) => names(painted(rows, sort, reversed)).slice(0, 5);
		expect(first('name')).toEqual(['▾ tcpin', 'tcp_ack', 'tcp_v4_rcv', 'tcp_urg', '▾ ip_rcv']);
		expect(first('name', true)).toEqual(['▾ tcpin', 'tcp_v4_rcv', 'tcp_ack', 'tcp_urg', '▾ ip_rcv']);
		expect(first('calls')).toEqual(['▾ tcpin', 'tcp_v4_rcv', 'tcp_ack', 'tcp_urg', '▾ ip_rcv']);
		expect(first('calls', true)).toEqual(['▾ tcpin', 'tcp_ack', 'tcp_v4_rcv', 'tcp_urg', '▾ ip_rcv']);
	});

	test('a reason has the room of the columns that are empty', () => {
		const lines = painted(rows, 'name');
		expect(lines[9]).toBe('▾ icmp                         1 not attached');
		expect(lines[10]).toBe('  icmp_rcv                     not attached: attach refused: it cannot be probed');
		expect(painted(rows, 'name', false, 60)[10]).toBe('  icmp_rcv                      not attached: attach refuse…');
	});

	test('a row: name, state, backend, calls, calls a second', () => {
		const lines = painted(rows, 'name');
		expect(lines[1]).toBe('▾ tcpin                        1 on, 1 off, 1 not attached           90     9.0');
		expect(lines[2]).toBe('  tcp_ack                      off                kprobe-multi       20     2.0');
		expect(lines[8]).toBe('  kfree_skb (mark)             on                 tracepoint          3     1.5');
	});

	test('of a folded group only its own row', () => {
		const folding = {foldAll: true, exceptions: new Set(['ip_rcv'])};
		expect(names(painted(unfolded(rows, folding), 'name', false, 80, 'tcpin'))).toEqual([
			'▸ tcpin',
			'▾ ip_rcv',
			'ip_rcv',
			'▾ device',
			'▾ icmp',
			'▾ other',
		]);
	});
});

function press(keys: readonly string[], off: ReadonlySet<number> = new Set()): {state: State; effects: Effect[]} {
	let state = initialState();
	const effects: Effect[] = [];
	for (const key of ['4', ...keys]) {
		const step = reduce(state, key, world(state, off));
		effects.push(...step.effects);
		state = settled(step.state, world(step.state, off));
	}
	return {state, effects};
}

describe('keys', () => {
	test('Space on a function switches it', () => {
		expect(press(['j', ' ']).effects).toEqual([{type: 'switch', functions: [1], on: false}]);
		expect(press(['j', ' '], new Set([1])).effects).toEqual([{type: 'switch', functions: [1], on: true}]);
	});

	test('Space on a group: all off while any is on, else all on', () => {
		expect(press([' ']).effects).toEqual([{type: 'switch', functions: [1, 3], on: false}]);
		expect(press([' '], new Set([1])).effects).toEqual([{type: 'switch', functions: [1, 3], on: false}]);
		expect(press([' '], new Set([1, 3])).effects).toEqual([{type: 'switch', functions: [1, 3], on: true}]);
	});

	test('what is not attached cannot be switched, and says why', () => {
		const {state, effects} = press(['j', 'j', ' ']);
		expect(effects).toEqual([]);
		expect(state.message).toEqual({text: 'tcp_urg: not attached: not in this kernel', bad: true});
		expect(press(['f', 'i', 'c', 'm', 'p', 'enter', ' ']).state.message?.text).toBe('icmp: 1 not attached');
	});

	test('p pauses here, too', () => {
		expect(press(['p']).effects).toEqual([{type: 'pause', on: true}]);
	});

	test('folding a group takes the cursor to it', () => {
		const {groups} = press(['j', 'j', 'left']).state;
		expect(groups).toMatchObject({selected: 'group tcpin', exceptions: new Set(['tcpin'])});
		expect(press(['j', 'left', 'right']).state.groups.exceptions.size).toBe(0);
		expect(press(['enter']).state.groups.exceptions).toEqual(new Set(['tcpin']));
		expect(press(['enter', 'enter']).state.groups.exceptions.size).toBe(0);
		expect(press(['left', 'j']).state.groups.selected).toBe('group ip_rcv');
		// What is open already does not move the cursor.
		expect(press(['j', 'right']).state.groups.selected).toBe('fn 1');
	});

	test('Enter on a function inspects it', () => {
		expect(press(['j', 'enter']).state.panel).toBe('inspect');
	});

	test('with all folded, Space acts on the row that is seen', () => {
		const {state, effects} = press(['j', 'j', 'j', 'z', ' ']);
		expect(state.groups).toMatchObject({selected: 'group tcpin', foldAll: true});
		expect(effects).toEqual([{type: 'switch', functions: [1, 3], on: false}]);
		expect(press(['z', 'z']).state.groups.foldAll).toBe(false);
	});

	test('finding a function opens its group', () => {
		const {groups} = press(['z', 'f', ...'my_f', 'enter']).state;
		expect(groups).toMatchObject({selected: 'fn 4', foldAll: true, exceptions: new Set(['other'])});
		expect(press(['f', 'x', 'y']).state.prompt?.error).toMatch(/has that in its name/);
	});

	test('sorting', () => {
		expect(press(['>']).state.groups.sort).toBe('state');
		expect(press(['<', 'o']).state.groups).toMatchObject({sort: 'calls', reversed: true});
	});
});
