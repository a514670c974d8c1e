/** The reducer on the small world of ../support/world.ts. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {COMMANDS, PANES, type Pane} from '../../../src/ui/keys.js';
import {reduce, settled} from '../../../src/ui/reduce/reduce.js';
import {type Effect, initialState, placeOf, type State} from '../../../src/ui/state.js';
import type {Position} from '../../../src/ui/trace/position.js';
import {way, world} from '../support/world.js';

function press(start: State, ...keys: string[]): {state: State; effects: Effect[]} {
	let state = settled(start, world(start));
	const effects: Effect[] = [];
	for (const key of keys) {
		const step = reduce(state, key, world(state));
		effects.push(...step.effects);
		state = settled(step.state, world(step.state));
	}
	return {state, effects};
}

const state = (...keys: string[]): State => press(initialState(), ...keys).state;
const effects = (...keys: string[]): Effect[] => press(initialState(), ...keys).effects;
const text = (value: string): string[] => [...value];

test('it begins at the end and follows it', () => {
	const {trace} = state();
	expect(trace).toMatchObject({follow: true, cursor: {id: 9, row: 2}, top: {id: 8, row: 0}});
});

test.each([
	['k', {id: 9, row: 1}, false],
	['up', {id: 9, row: 1}, false],
	['pgup', {id: 8, row: 0}, false],
	['C-u', {id: 8, row: 2}, false],
	['g', {id: 0, row: 0}, false],
	['home', {id: 0, row: 0}, false],
])('%s leaves the end', (key, cursor, follow) => {
	expect(state(key).trace).toMatchObject({cursor, follow});
});

test('reaching the end follows it again', () => {
	expect(state('k', 'k', 'j').trace.follow).toBe(false);
	expect(state('k', 'k', 'j', 'j').trace.follow).toBe(true);
	for (const key of ['G', 'end']) expect(state('g', key).trace).toMatchObject({follow: true, cursor: {id: 9, row: 2}});
	expect(state('g', 'pgdn', 'pgdn', 'pgdn', 'pgdn', 'pgdn', 'pgdn', 'pgdn').trace.follow).toBe(true);
});

test('the window moves as little as it must', () => {
	expect(state('g', 'j', 'j', 'j', 'j', 'j').trace).toMatchObject({top: {id: 0, row: 0}, cursor: {id: 1, row: 2}});
	expect(state('g', 'j', 'j', 'j', 'j', 'j', 'j').trace).toMatchObject({top: {id: 0, row: 1}, cursor: {id: 2, row: 0}});
});

test('folding a block takes the cursor to it, unfolding shows its rows', () => {
	const folded = state('g', 'j', 'left');
	expect(folded.trace).toMatchObject({cursor: {id: 0, row: 0}});
	expect(folded.trace.exceptions.has(0)).toBe(true);
	expect(press(folded, 'j').state.trace.cursor).toEqual({id: 1, row: 0});
	expect(press(folded, 'right').state.trace.exceptions.size).toBe(0);
	expect(press(folded, 'enter').state.trace.exceptions.size).toBe(0);
	expect(state('g', 'enter').trace.exceptions.has(0)).toBe(true);
	expect(state('z').trace).toMatchObject({foldAll: true, follow: true});
	expect(state('z', 'g', 'right').trace.exceptions.has(0)).toBe(true);
	expect(state('z', 'g', 'right', 'z').trace).toMatchObject({foldAll: false, exceptions: new Set()});
});

test('Enter on a row inside a block inspects it, again closes it', () => {
	expect(state('g', 'j', 'enter').panel).toBe('inspect');
	expect(state('g', 'j', 'enter', 'enter').panel).toBe('none');
	expect(state('2', 'enter').panel).toBe('inspect');
});

test('n and N go from drop to drop and say when there is none', () => {
	expect(state('g', 'n').trace.cursor).toEqual({id: 0, row: 1});
	expect(state('g', 'n', 'n').trace.cursor).toEqual({id: 3, row: 1});
	expect(state('N').trace.cursor).toEqual({id: 9, row: 1});
	expect(state('g', 'N').message?.text).toMatch(/no drop and no loss before/);
	expect(state('n').message?.text).toMatch(/after this row/);
});

test('to a time, or why not', () => {
	expect(state('T', '+', '1', 'enter').trace.cursor).toEqual({id: 5, row: 0});
	expect(effects('T', '+', '1', 'enter')).toEqual([{type: 'skip', time: 1e9}]);
	const wrong = state('T', 'x', 'enter');
	expect(wrong.prompt?.error).toBe('no such time');
	expect(press(wrong, 'esc').state.prompt).toBeUndefined();
});

test('panes', () => {
	expect(['1', '2', '3', '4', '5'].map((key) => state('2', key).pane)).toEqual(PANES);
	expect(state('tab').pane).toBe('functions');
	expect(state('tab', 'tab', 'tab', 'tab', 'tab').pane).toBe('trace');
	expect(state('S-tab').pane).toBe('flows');
});

test('q goes back before it quits, Ctrl-c quits at once', () => {
	expect(effects('?', 'q')).toEqual([]);
	expect(effects('?', 'q', 'q')).toEqual([{type: 'quit'}]);
	expect(effects('l', 'q')).toEqual([]);
	expect(state('O').trace.open).toBe(true);
	expect(press(state('O'), 'q').state.trace.open).toBe(false);
	for (const open of [[], ['?'], ['/'], ['2', 'f'], ['T']])
		expect(effects(...open, 'C-c')).toContainEqual({type: 'quit'});
	expect(effects('/', 'q')).toEqual([]);
	expect(effects('esc')).toEqual([]);
});

test('while help is open the keys that move move it', () => {
	expect(state('?', 'j', 'j').panelTop).toBe(2);
	expect(state('?', 'pgdn', 'pgdn', 'pgdn').panelTop).toBe(20);
	expect(state('?', 'G').panelTop).toBe(20);
	expect(state('?', 'G', 'g').panelTop).toBe(0);
	expect(state('?', 'j').trace.follow).toBe(true);
});

test('what the world is asked for', () => {
	expect(effects('p')).toEqual([{type: 'pause', on: true}]);
	expect(effects(' ', ' ')).toEqual([
		{type: 'pause', on: true},
		{type: 'pause', on: false},
	]);
	expect(effects('s', 'S')).toEqual([
		{type: 'save', force: false},
		{type: 'save', force: true},
	]);
	expect(effects('c', 'C-l', 'C-z')).toEqual([{type: 'clear'}, {type: 'redraw'}, {type: 'suspend'}]);
	expect(effects('/', 'C-l', 'C-z')).toEqual([{type: 'redraw'}, {type: 'suspend'}]);
});

test('Esc and a key that come together are two keys', () => {
	expect(state('?', 'M-2')).toMatchObject({panel: 'none', pane: 'functions'});
	const left = state('/', ...text('udp'), 'M-5');
	expect(placeOf(left)).toBe('flows');
	expect(effects('?', 'M-p')).toEqual([{type: 'pause', on: true}]);
	expect(state('/', ...text('udp or tcp'), 'M-b').filter.lines.expression).toMatchObject({text: 'udp or tcp', at: 7});
});

test('while the filter is open every key is text', () => {
	const typed = state('/', ...text('qpsz2?n'));
	expect(typed.filter.lines.expression.text).toBe('qpsz2?n');
	expect(typed).toMatchObject({pane: 'trace', panel: 'none', paused: false});
});

test('the expression is in force with Enter, and remembered', () => {
	const keys = ['/', ...text('udp'), 'enter'];
	expect(effects('/', ...text('udp'))).toEqual([]);
	expect(effects(...keys)).toMatchObject([{type: 'filter', filter: {text: 'udp'}}]);
	const applied = state(...keys);
	expect(applied.filter).toMatchObject({field: undefined, inForce: {expression: 'udp'}, history: ['udp']});
	const again = press(applied, '/', 'C-u', ...text('tcp'), 'enter', '/').state;
	expect(again.filter.lines.expression.text).toBe('tcp');
	expect(press(again, 'up', 'up').state.filter.lines.expression.text).toBe('udp');
	expect(press(again, 'up', 'up', 'up').state.filter.lines.expression.text).toBe('udp');
	expect(press(again, 'C-u', ...text('draft'), 'up', 'down').state.filter.lines.expression.text).toBe('draft');
});

test('a wrong filter is said where it is wrong and changes nothing', () => {
	const wrong = state('/', ...text('udp port'), 'enter');
	expect(wrong.filter).toMatchObject({field: 'expression', error: {column: 5}, inForce: {expression: ''}});
	expect(effects('/', ...text('udp port'), 'enter')).toEqual([]);
	expect(state('/', ...text('udp port')).filter.error).toBeDefined();
	expect(state('/', ...text('udp port 5')).filter.error).toBeUndefined();
	// The wrong field is where Enter leads.
	expect(state('/', ...text('bogus'), 'tab', 'enter').filter.field).toBe('expression');
});

test('digits in the port field are in force with every key, Esc takes them back', () => {
	const typed = effects(':', '3', '0', '0');
	expect(typed.map((effect) => effect.type === 'filter' && effect.filter.text)).toEqual([
		'port 3',
		'port 30',
		'port 300',
	]);
	expect(effects(':', '3', 'x')).toHaveLength(1);
	const {state: back, effects: all} = press(initialState(), ':', '3', '0', 'esc');
	expect(back.filter).toMatchObject({field: undefined, inForce: {port: ''}});
	expect(all.at(-1)).toMatchObject({type: 'filter', filter: {text: ''}});
	expect(effects(':', 'esc')).toEqual([]);
});

test('an address waits for Enter: half of it is an address, too', () => {
	expect(effects('@', ...text('10.1'))).toEqual([]);
	expect(effects('@', ...text('10.1'), 'enter')).toMatchObject([{filter: {text: 'net 10.1.0.0/16'}}]);
	expect(effects('P', ...text('udp'))).toMatchObject([{filter: {text: 'udp'}}]);
});

test('Tab goes through the fields, and each has a key of its own', () => {
	const fields = ['/', 'P', '@', ':', 'I'].map((key) => state(key).filter.field);
	expect(fields).toEqual(['expression', 'protocol', 'address', 'port', 'device']);
	const walked = [0, 1, 2, 3, 4, 5].map((n) => state('/', ...new Array<string>(n).fill('tab')).filter.field);
	expect(walked).toEqual([...fields, 'expression']);
	expect(state('/', 'S-tab').filter.field).toBe('device');
});

test('completion is taken at the end of the line', () => {
	expect(state('/', ...text('ho'), 'right').filter.lines.expression.text).toBe('host');
	expect(state('/', ...text('ho'), 'C-e').filter.lines.expression.text).toBe('host');
	expect(state('/', ...text('ho'), 'left', 'right').filter.lines.expression.text).toBe('ho');
	expect(state('I', 'v', 'right').filter.lines.device.text).toBe('veth-a');
});

test('x takes the filter away, Enter on a flow makes one', () => {
	const filtered = state('/', ...text('udp'), 'enter', 'x');
	expect(filtered.filter.inForce.expression).toBe('');
	const flow = press(initialState(), '5', 'j', 'enter');
	expect(flow.state).toMatchObject({pane: 'trace', filter: {inForce: {expression: 'host 7.0.0.1'}}});
	expect(flow.effects).toMatchObject([{type: 'filter'}]);
});

test('lists: selecting, sorting, finding', () => {
	expect(state('2', 'j').functions.selected).toBe('tcp_v4_rcv');
	expect(state('2', 'G').functions).toMatchObject({selected: 'h', top: 5});
	expect(state('2', 'G', 'g').functions).toMatchObject({selected: 'ip_rcv', top: 0});
	expect(state('2').functions.sort).toBe('total');
	expect(state('2', '>').functions.sort).toBe('function');
	expect(state('2', '<').functions.sort).toBe('calls');
	expect(state('2', 'o').functions.reversed).toBe(true);
	expect(state('2', 'f', 'u', 'd', 'p').functions.selected).toBe('udp_rcv');
	expect(state('2', 'f', 'z').prompt?.error).toMatch(/no function/);
	expect(state('2', 'f', 'u', 'enter').prompt).toBeUndefined();
});

test('scrolling to the side stays at the edge, and is undone by another pane', () => {
	expect(state('h').shift).toBe(0);
	expect(state('l', 'l', 'h').shift).toBe(8);
	expect(state(...new Array<string>(200).fill('l')).shift).toBe(512);
	expect(state('l', '2').shift).toBe(0);
});

test('every command changes something or asks for something, somewhere', () => {
	const ways: string[][] = [
		[],
		['g'],
		['g', 'j'],
		['2'],
		['2', 'j'],
		['3', 'j'],
		['3', 'j', 'enter'],
		['3', 'j', 'enter', 'j', 'j'],
		['3', 'j', 'd', 'j', 'd', 'j'],
		['5', 'j'],
		['4'],
		['4', 'j'],
		['4', 'left'],
		['?'],
		['l'],
		['/', 'x'],
		['/', 'up'],
		['T', 'x'],
		['z', 'g'],
		['/', ...text('udp'), 'enter', '/'],
		['/', ...text('udp'), 'enter', '/', 'up'],
	];
	for (const {name, keys, places} of COMMANDS) {
		for (const key of keys) {
			const works = ways.some((way) => {
				const before = state(...way);
				if (!places.some((place) => place === placeOf(before))) return false;
				const {state: after, effects} = press(before, key);
				return (
					effects.length > 0 ||
					JSON.stringify(after) !== JSON.stringify(before) ||
					after.trace.exceptions.size !== before.trace.exceptions.size ||
					after.groups.exceptions.size !== before.groups.exceptions.size
				);
			});
			expect(works, `${name}: ${key}`).toBe(true);
		}
	}
});

test('any keys in any order: the state is one that can be shown', () => {
	const keys = fc.constantFrom(...COMMANDS.flatMap(({keys}) => keys), 'u', 'd', 'p', '5', '(', '界');
	fc.assert(
		fc.property(fc.array(keys, {maxLength: 60}), (sequence) => {
			const end = state(...sequence);
			expect(PANES).toContain(end.pane satisfies Pane);
			expect(end.shift).toBeGreaterThanOrEqual(0);
			expect(end.panelTop).toBeGreaterThanOrEqual(0);
			expect(way(end).move(end.trace.cursor as Position, 0)).toEqual(end.trace.cursor);
		}),
	);
});
