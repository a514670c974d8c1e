import {expect, test} from 'vitest';
import {parseOptions} from '../../src/cli/options.js';

test('export is -r with lines of a format', () => {
	expect(parseOptions(['export', 'a.ptt', '--to', 'clean_log'])).toMatchObject({
		read: 'a.ptt',
		format: 'plain',
		lines: true,
	});
	expect(parseOptions(['export', '--to=json', 'a.ptt', 'udp', 'port', '53', '-o', 'out', '--force'])).toMatchObject({
		read: 'a.ptt',
		format: 'json',
		filter: 'udp port 53',
		output: 'out',
		force: true,
	});
});

test.each([
	[['export'], /wants a session file/],
	[['export', 'a.ptt'], /--to is one of clean_log, json/],
	[['export', 'a.ptt', '--to', 'pdf'], /not 'pdf'/],
	[['export', 'a.ptt', '-r', 'b.ptt', '--to', 'json'], /without -r/],
	[['--to', 'json'], /belongs to pkttop export/],
	[['--speed', '2'], /belongs to a recorded session/],
	[['-r', 'a', '--speed', 'fast'], /seconds above 0/],
	[['--fps', '0'], /whole number/],
	[['--color', 'blue'], /auto, always, never/],
])('%j is refused', (argv, message) => {
	expect(() => parseOptions(argv)).toThrow(message);
});

test('what the screen is told', () => {
	expect(parseOptions(['-r', 'a', '--speed', '2', '--fps', '30', '--ascii', '--color', 'never'])).toMatchObject({
		speed: 2,
		fps: 30,
		ascii: true,
		color: 'never',
		lines: false,
	});
	expect(parseOptions([])).toMatchObject({speed: 0, fps: 15, ascii: false, color: 'auto', lines: false});
	expect(parseOptions(['--json']).lines).toBe(true);
});
