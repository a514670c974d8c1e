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
	expect(parseOptions(['export', 'clean_log', '--to', 'packet.log', '--time', 'ns'])).toMatchObject({
		read: 'clean_log',
		format: 'packet.log',
		lines: true,
		time: 'ns',
	});
});

test('format takes a file or stdin', () => {
	expect(parseOptions(['format'])).toMatchObject({command: 'format', subject: '-', filter: '', time: undefined});
	expect(parseOptions(['format', 'packet.log', '-o', 'out'])).toMatchObject({subject: 'packet.log', output: 'out'});
});

test('report reads its file as -r does', () => {
	expect(parseOptions(['report', 'a.ptt', 'udp', 'port', '53', '-o', 'out', '--force'])).toMatchObject({
		command: 'report',
		read: 'a.ptt',
		filter: 'udp port 53',
		format: 'plain',
		folded: false,
		output: 'out',
		force: true,
	});
	expect(parseOptions(['report', '--json', 'a.ptt']).format).toBe('json');
	expect(parseOptions(['report', 'a.ptt', '--to', 'folded', '-i', 'eth0', '-p', '7'])).toMatchObject({
		folded: true,
		interface: 'eth0',
		pid: 7,
	});
	expect(parseOptions(['report', 'a.ptt', 'list'])).toMatchObject({command: 'report', filter: 'list'});
	expect(parseOptions(['report', '--help']).help).toBe(true);
});

test.each([
	[['export'], /wants a session file or a log/],
	[['format', 'a', 'b'], /takes one file/],
	[['format', 'a', '--json'], /pkttop export/],
	[['export', 'a.ptt'], /--to is one of clean_log, packet.log, json/],
	[['export', 'a.ptt', '--to', 'pdf'], /not 'pdf'/],
	[['export', 'a.ptt', '-r', 'b.ptt', '--to', 'json'], /without -r/],
	[['--to', 'json'], /belongs to pkttop export/],
	[['report'], /wants a session file/],
	[['report', 'a.ptt', '-r', 'b.ptt'], /without -r/],
	[['report', 'a.ptt', '--to', 'json'], /--to is one of folded, not 'json'/],
	[['report', 'a.ptt', '--to', 'folded', '--json'], /exclude each other/],
	[['report', 'a.ptt', '-c', '1'], /--count makes no sense with report/],
	[['report', 'a.ptt', '-w', 'b.ptt'], /--write makes no sense/],
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
