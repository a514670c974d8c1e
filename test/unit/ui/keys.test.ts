import {expect, test} from 'vitest';
import {KeyReader} from '../../../src/ui/input.js';
import {COMMANDS, commandOf, hints, keyName, PANES} from '../../../src/ui/keys.js';
import {helpContent} from '../../../src/ui/panels/help.js';

const PLACES = [...PANES, 'filter', 'prompt'] as const;

test('every command is reached by each of its keys, in each of its places, and by no other', () => {
	for (const place of PLACES) {
		const keys = COMMANDS.filter(({places}) => places.some((one) => one === place)).flatMap(({name, keys}) =>
			keys.map((key) => ({name, key})),
		);
		expect(new Set(keys.map(({key}) => key)).size, `keys of ${place}`).toBe(keys.length);
		for (const {name, key} of keys) expect(commandOf(place, key)).toBe(name);
	}
	expect(commandOf('trace', 'F12')).toBeUndefined();
});

test('while something is typed, no character is a command', () => {
	for (const place of ['filter', 'prompt'] as const) {
		for (let code = 32; code < 127; code++) expect(commandOf(place, String.fromCharCode(code))).toBeUndefined();
	}
});

test('every command is in the help, once', () => {
	for (const cells of [76, 200]) {
		const text = helpContent(cells).lines.map((line) => line.map((segment) => segment.text).join(''));
		for (const {help, keys} of COMMANDS) {
			const lines = text.filter((line) => line.includes(help) && keys.every((key) => line.includes(keyName(key))));
			expect(lines, help).not.toEqual([]);
		}
	}
});

test('the footer fits into 80 cells for its first hints, and has quit, help and filter', () => {
	for (const pane of PANES) {
		const words = hints(pane).map(({word}) => word);
		expect(words.slice(0, 3)).toEqual(['quit', 'help', 'filter']);
	}
	expect(hints('filter').map(({key}) => key)).toContain('Esc');
});

test('names of keys', () => {
	expect(['C-c', 'S-tab', 'M-b', 'pgup', ' ', 'x', 'C-S-left'].map(keyName)).toEqual([
		'Ctrl-c',
		'Shift-Tab',
		'Alt-b',
		'PgUp',
		'Space',
		'x',
		'Ctrl-Shift-Left',
	]);
});

test.each([
	['abc', ['a', 'b', 'c']],
	['p/udp\r', ['p', '/', 'u', 'd', 'p', 'enter']],
	['\x1b[A\x1b[B\x1bOC\x1b[D', ['up', 'down', 'right', 'left']],
	['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[5~\x1b[6~\x1b[3~', ['home', 'end', 'home', 'end', 'pgup', 'pgdn', 'delete']],
	['\x1b[1;5D\x1b[1;2C\x1b[1;3A\x1b[Z', ['C-left', 'S-right', 'M-up', 'S-tab']],
	['\x03\x1a\x0c\x15\x7f\x08\t\n', ['C-c', 'C-z', 'C-l', 'C-u', 'backspace', 'backspace', 'tab', 'enter']],
	['\x1bb\x1b\x7f', ['M-b', 'M-backspace']],
	['é界😀', ['é', '界', '😀']],
	['\x1b[200~x\x1b[?1;2cy', ['x', 'y']],
	['\x00\x1c\x9b', []],
	['\x1b\x1b[A', ['esc', 'up']],
])('keys of %j', (input, keys) => {
	expect(new KeyReader().feed(input)).toEqual(keys);
	// Cut anywhere it is the same, as long as the rest comes.
	for (let cut = 1; cut < input.length; cut++) {
		if (/[\ud800-\udbff]$/.test(input.slice(0, cut))) continue;
		const reader = new KeyReader();
		expect([...reader.feed(input.slice(0, cut)), ...reader.feed(input.slice(cut))], `cut at ${cut}`).toEqual(keys);
	}
});

test('a lone Esc is a key when nothing follows', () => {
	const reader = new KeyReader();
	expect(reader.feed('x\x1b')).toEqual(['x']);
	expect(reader.waiting).toBe(true);
	expect(reader.flush()).toEqual(['esc']);
	expect(reader.waiting).toBe(false);
	expect(reader.feed('\x1b[')).toEqual([]);
	expect(reader.flush()).toEqual(['M-[']);
});
