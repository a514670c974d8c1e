import {describe, expect, test} from 'vitest';
import {ExitError} from '../../src/cli/exit.js';
import {helpText} from '../../src/cli/help.js';
import {parseOptions} from '../../src/cli/options.js';
import {exchangesOf, SCENARIOS, SHORT_ROUND} from '../../src/traffic/scenarios.js';

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
	expect(parseOptions(['--to', 'packet.log', 'udp'])).toMatchObject({
		format: 'packet.log',
		lines: true,
		filter: 'udp',
		read: undefined,
	});
	expect(parseOptions(['export', 'clean_log', '--to', 'packet.log', '--time', 'ns'])).toMatchObject({
		read: 'clean_log',
		format: 'packet.log',
		lines: true,
		time: 'ns',
	});
});

test('format takes a file or stdin', () => {
	expect(parseOptions(['format'])).toMatchObject({command: 'format', words: [], filter: '', time: undefined});
	expect(parseOptions(['format', 'packet.log', '-o', 'out'])).toMatchObject({words: ['packet.log'], output: 'out'});
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
	[['export', 'a.ptt'], /--to is one of clean_log, packet.log, json, pcapng/],
	[['export', 'a.ptt', '--to', 'pdf'], /not 'pdf'/],
	[['export', 'a.ptt', '-r', 'b.ptt', '--to', 'json'], /without -r/],
	[['--to', 'pdf'], /not 'pdf'/],
	[['--to', 'clean_log', '--json'], /exclude each other/],
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
	[['--demo=tpc'], /there is no demo 'tpc' \(did you mean tcp\?\); there are tcp, udp, .*, all/],
	[['demo', '-g', 'ip_rcv'], /--group makes no sense with pkttop demo/],
	[['demo', 'tcp', '--json'], /--json makes no sense with pkttop demo/],
	[['-r', 'a.ptt', '--demo'], /--demo makes no sense with a recorded session/],
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

test('--demo is a short round, --demo=NAME a scenario, and what follows is the filter', () => {
	expect(parseOptions([]).demo).toBeUndefined();
	expect(parseOptions(['--demo', 'udp'])).toMatchObject({demo: SHORT_ROUND, filter: 'udp'});
	expect(parseOptions(['--demo=drop', '--plain', 'udp'])).toMatchObject({demo: exchangesOf('drop'), filter: 'udp'});
});

test('the arguments of pkttop demo', () => {
	expect(parseOptions(['demo'])).toMatchObject({command: 'demo', words: [], filter: ''});
	expect(parseOptions(['demo', 'udp-client', '::1'])).toMatchObject({command: 'demo', words: ['udp-client', '::1']});
	expect(parseOptions(['demo', '-d', '2', 'tcp'])).toMatchObject({words: ['tcp'], duration: 2});
	for (const {name, help} of SCENARIOS) expect(helpText()).toMatch(new RegExp(`^  ${name} +${help}$`, 'm'));
});

describe('packets', () => {
	/** The one line about what is wrong; the exit code is that of wrong usage. */
	const wrong = (...argv: string[]): string => {
		try {
			parseOptions(argv);
		} catch (error) {
			if (error instanceof ExitError && error.code === 2) return error.message;
			throw error;
		}
		throw new Error(`nothing is wrong with ${argv.join(' ')}`);
	};

	test('--keep has the text of an expression and what it means', () => {
		expect(parseOptions([]).keep).toBeUndefined();
		const {keep} = parseOptions(['--keep', 'dropped or time > 5ms', '-w', 'a.ptt']);
		expect(keep?.text).toBe('dropped or time > 5ms');
		expect(keep?.test).toBeTypeOf('function');
		expect(parseOptions(['-r', 'a.ptt', '--keep', 'wait qdisc', '--json']).keep?.text).toBe('wait qdisc');
	});

	test('what is wrong with an expression: the word and its column', () => {
		expect(wrong('--keep', 'dorpped')).toBe("--keep, column 1: unknown word 'dorpped' (did you mean dropped?)");
		expect(wrong('--keep', 'dropped or time > 5')).toBe("--keep, column 19: '5' needs a unit: ns, us, ms or s");
		expect(wrong('--keep', 'dropped and wait qdsic')).toMatch(/^--keep, column 18: no queue is called 'qdsic'/);
		expect(wrong('--keep', 'dropped or')).toMatch(/^--keep, column 9: 'or' needs something/);
		expect(wrong('--keep', ' ')).toBe("--keep wants what is to be kept, like 'dropped or time > 5ms'");
		expect(wrong('--keep', '\u001b[31m')).not.toContain('\u001b');
	});

	test('--follow, --no-follow, neither; --no-identity', () => {
		expect(parseOptions(['udp'])).toMatchObject({follow: undefined, identity: true});
		expect(parseOptions(['--follow', 'udp']).follow).toBe(true);
		expect(parseOptions(['--no-follow']).follow).toBe(false);
		expect(parseOptions(['--no-identity'])).toMatchObject({identity: false, follow: undefined});
	});

	test('what excludes each other', () => {
		expect(wrong('--follow', '--no-follow')).toBe('--follow and --no-follow exclude each other');
		expect(wrong('--no-identity', '--keep', 'dropped')).toMatch(/^--keep and --no-identity exclude each other/);
		expect(wrong('--no-identity', '--follow')).toMatch(/^--follow and --no-identity exclude each other/);
		expect(wrong('-r', 'a', '--no-identity')).toMatch(/^--no-identity makes no sense with a recorded session/);
		expect(wrong('-r', 'a', '--match', 'b', '--keep', 'dropped')).toBe('--keep and --match exclude each other');
	});

	test('the help has the words of an expression', () => {
		const text = helpText();
		for (const word of ['--keep EXPR', '--follow', '--no-identity', 'EXPR:', 'out-of-order', 'delivered', 'packet N'])
			expect(text).toContain(word);
	});
});
