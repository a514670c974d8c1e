import fc from 'fast-check';
import {expect, test} from 'vitest';
import {type Edit, edit, editKey} from '../../../src/ui/edit.js';

/** The cursor is a bar in the text. */
const show = ({text, at}: Edit): string => `${text.slice(0, at)}|${text.slice(at)}`;
const from = (shown: string): Edit => ({text: shown.replace('|', ''), at: shown.indexOf('|'), killed: ''});

test.each([
	['ab|c', 'left', 'a|bc'],
	['|abc', 'left', '|abc'],
	['ab|c', 'right', 'abc|'],
	['ab|c', 'home', '|abc'],
	['ab|c', 'C-a', '|abc'],
	['a|bc', 'C-e', 'abc|'],
	['udp and port|', 'M-b', 'udp and |port'],
	['udp |and port', 'M-f', 'udp and| port'],
	['ab|c', 'backspace', 'a|c'],
	['|abc', 'backspace', '|abc'],
	['ab|c', 'delete', 'ab|'],
	['ab|', 'C-d', 'ab|'],
	['udp |and', 'C-k', 'udp |'],
	['udp |and', 'C-u', '|and'],
	['udp and |x', 'C-w', 'udp |x'],
	['udp |and x', 'M-d', 'udp | x'],
	['ab|c', 'X', 'abX|c'],
	['ab|c', ' ', 'ab |c'],
	['a😀|', 'backspace', 'a|'],
	['a|😀b', 'right', 'a😀|b'],
	['|', '界', '界|'],
])('%s, %s: %s', (before, key, after) => {
	expect(show(editKey(from(before), key) as Edit)).toBe(after);
});

test('what was cut comes back', () => {
	let line = edit('host 10.0.0.1 and udp');
	for (const key of ['C-w', 'C-a', 'C-y', ' ']) line = editKey(line, key) as Edit;
	expect(line.text).toBe('udp host 10.0.0.1 and ');
});

test('keys without a meaning are left to others', () => {
	for (const key of ['up', 'tab', 'enter', 'esc', 'C-x', 'M-x', 'pgup'])
		expect(editKey(edit('x'), key)).toBeUndefined();
});

test('the cursor never leaves the text', () => {
	const keys = [
		'left',
		'right',
		'home',
		'end',
		'backspace',
		'delete',
		'C-k',
		'C-u',
		'C-w',
		'C-y',
		'M-b',
		'M-f',
		'M-d',
		'a',
		' ',
		'😀',
	];
	fc.assert(
		fc.property(fc.array(fc.constantFrom(...keys), {maxLength: 60}), (sequence) => {
			let line = edit('tcp port 80');
			for (const key of sequence) {
				line = editKey(line, key) as Edit;
				expect(line.at).toBeGreaterThanOrEqual(0);
				expect(line.at).toBeLessThanOrEqual(line.text.length);
			}
		}),
	);
});
