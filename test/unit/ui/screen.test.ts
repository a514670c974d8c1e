import {expect, test} from 'vitest';
import {Screen} from '../../../src/ui/screen.js';
import {FakeTty} from '../../screen/support/terminal.js';

function opened(columns = 20, rows = 3): {tty: FakeTty; screen: Screen} {
	const tty = new FakeTty(columns, rows);
	const screen = new Screen(tty);
	screen.enter();
	return {tty, screen};
}

test('only lines that have changed are written, in one synchronized update', async () => {
	const {tty, screen} = opened();
	screen.paint(['one', 'two', 'three']);
	const before = tty.output.length;
	screen.paint(['one', 'TWO', 'three']);
	const written = tty.output.slice(before);
	expect(written).toContain('TWO');
	expect(written).not.toMatch(/one|three/);
	expect(written).toMatch(/^\x1b\[\?2026h.*\x1b\[\?2026l$/s);
	expect(await tty.lines()).toEqual(['one', 'TWO', 'three']);
});

test('nothing is written where nothing has changed', () => {
	const {tty, screen} = opened();
	screen.paint(['one', 'two', 'three']);
	const before = tty.output.length;
	screen.paint(['one', 'two', 'three']);
	expect(tty.output.length).toBe(before);
});

test('a line as wide as the screen keeps its last cell', async () => {
	const {tty, screen} = opened(5, 2);
	screen.paint(['12345', '67890']);
	expect(await tty.lines()).toEqual(['12345', '67890']);
	screen.paint(['12345', 'abcde']);
	expect(await tty.lines()).toEqual(['12345', 'abcde']);
});

test('a slow terminal gets the newest frame, not all of them', async () => {
	const {tty, screen} = opened();
	screen.paint(['first', '', '']);
	tty.room = 10;
	screen.paint(['second', '', '']);
	expect(screen.busy).toBe(true);
	for (let i = 0; i < 100; i++) screen.paint([`frame ${i}`, '', '']);
	tty.room = Number.POSITIVE_INFINITY;
	await tty.see('frame 99');
	expect(tty.output).toContain('second');
	expect(tty.output).not.toContain('frame 50');
	expect(screen.busy).toBe(false);
});

test('left in the middle of a frame the terminal is whole again', async () => {
	const {tty, screen} = opened();
	tty.terminal.write('');
	tty.room = 12;
	screen.paint(['\x1b[1;31mred', '', '']);
	tty.room = Number.POSITIVE_INFINITY;
	screen.leave();
	screen.leave();
	await tty.text();
	expect(tty.terminal.buffer.active.type).toBe('normal');
	expect(tty.output.match(/\x1b\[\?1049l/g)).toHaveLength(1);
	screen.paint(['too late', '', '']);
	expect(tty.output).not.toContain('too late');
});

test('the cursor is shown where something is typed', async () => {
	const {tty, screen} = opened();
	screen.paint(['a', 'b', 'c'], {row: 1, column: 4});
	await tty.text();
	expect([tty.terminal.buffer.active.cursorY, tty.terminal.buffer.active.cursorX]).toEqual([1, 4]);
	expect(tty.output).toMatch(/\x1b\[\?25h\x1b\[\?2026l$/);
	screen.paint(['a', 'b', 'c']);
	expect(tty.output).toMatch(/\x1b\[\?25l\x1b\[\?2026l$/);
});
