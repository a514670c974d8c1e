/** Logs that are cut, out of order, unbalanced or none at all: what can be read is read, and the rest is counted. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {selfTimes} from '../../src/trace/self.js';
import {Entry} from '../../src/trace/store.js';
import {copied, inBerlin, outline, readLog, recorded, written} from './support/logs.js';

const raw = (...lines: string[]): string =>
	lines.map((line, i) => `10:00:00:${String(i).padStart(6, '0')} 1.1.1.1 2.2.2.2 ${line}\n`).join('');

/** Indentation, name and sign of each line; comments as they are. */
const shape = (text: string): string[] =>
	text
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('Time'))
		.map((line) => (line.startsWith('#') ? line : line.replace(/^\d+ ( *).* (\S+ \S+)$/, '$1$2')));

test('an E is missing: the calls around end where they end', () => {
	const log = raw('root B', 'inner B', 'root E', 'next B', 'next E');
	expect(shape(copied(log).text)).toEqual([
		'root B',
		'  inner B',
		'# end unknown: inner',
		'root E',
		'next B',
		'next E',
	]);
	expect(outline(readLog(log))).toEqual(['root', '  inner ?', 'next']);
});

test('a B is missing: its E stays a line, and is counted', () => {
	const log = raw('root B', 'inner E', 'root E', 'other E');
	const {text, problem} = copied(log);
	expect(shape(text)).toEqual(['root B', '  inner E', 'root E', 'other E']);
	expect(problem).toBe('2 ends without a begin, first in line 2');
	expect(copied(text)).toEqual({text, problem: '2 ends without a begin, first in line 2'});
	expect(outline(readLog(log))).toEqual(['root']);
	expect(readLog(log).problem).toBe(problem);
});

test('indentation tells where a block ends whose E is missing, and which of two calls an E belongs to', () => {
	const line = (depth: number, text: string) => `1 ${'  '.repeat(depth)}10:00:00:000000 1.1.1.1 2.2.2.2 ${text}\n`;
	const log = [
		line(0, 'a B'),
		line(1, 'b B'),
		line(2, 'a B'),
		line(0, 'a E'),
		line(0, 'c B'),
		line(0, 'd B'),
		line(0, 'd E'),
	];
	expect(shape(copied(log.join('')).text)).toEqual([
		'a B',
		'  b B',
		'    a B',
		'# end unknown: a',
		'# end unknown: b',
		'a E',
		'c B',
		'# end unknown: c',
		'd B',
		'd E',
	]);
	// Without indentation B and E alone count.
	expect(outline(readLog([line(0, 'a B'), line(0, 'b B'), line(0, 'b E'), line(0, 'a E')].join('')))).toEqual([
		'a',
		'  b',
	]);
});

test('the log ends in the middle of a block, and of a line', () => {
	const log = raw('root B', 'inner B', 'inner E').slice(0, -3);
	const {text, problem} = copied(log);
	expect(shape(text)).toEqual(['root B', '  inner B', '# end unknown: inner', '# end unknown: root']);
	expect(problem).toBe('1 line could not be read, first line 3');
});

test('a million lines without an E', () => {
	const line = '10:00:00:000000 1.1.1.1 2.2.2.2 deeper B\n';
	const {store, problem} = readLog(line.repeat(1_000_000));
	expect(problem).toBe('');
	expect(store.events).toBe(1_000_000);
	expect(
		copied(line.repeat(1000))
			.text.split('\n')
			.filter((one) => one.startsWith('# end unknown')),
	).toHaveLength(1000);
}, 60_000);

test('a root whose E is missing does not take all that follows', () => {
	const log = raw('lost B') + raw('a B', 'a E').repeat(40_000);
	const depths = new Set(shape(copied(log).text).slice(-10));
	expect(depths).toEqual(new Set(['a B', 'a E']));
}, 60_000);

test('line ends of every kind, empty lines, NULs, a line without end', () => {
	const lines = raw('a B', 'a E').trimEnd().split('\n');
	const [begin = '', end = ''] = lines;
	expect(copied(`${begin}\r\n\r\n${end}\r`)).toEqual({...copied(`${begin}\n${end}\n`), problem: ''});
	expect(copied(`${begin}\r${end}`).text).toBe(copied(`${begin}\n${end}\n`).text);
	const long = `${begin}\n${'\0'.repeat(3_000_000)}\n${end}\n`;
	expect(copied(long)).toEqual({
		text: copied(`${begin}\n${end}\n`).text,
		problem: '1 line could not be read, first line 2',
	});
	// Its end, after what was read at a time, looks like a line.
	expect(copied(`${'x'.repeat(256 * 1024)}${begin}\n`)).toEqual({
		text: '',
		problem: '1 line could not be read, first line 1',
	});
	expect(copied('x'.repeat(1_000_000)).problem).toBe('1 line could not be read, first line 1');
});

test('more functions than a session has', () => {
	const names = Array.from({length: 5000}, (_, i) => `f${i} -`);
	const {session, store, problem} = readLog(raw(...names));
	expect(session.functions).toHaveLength(4096);
	expect(store.events).toBe(4096);
	expect(problem).toBe('904 lines could not be read, first line 4097');
});

/** Lines of a log, some of them changed, doubled, moved or cut, and lines of other people. */
const damaged = fc
	.tuple(
		recorded,
		fc.constantFrom(false, true),
		fc.array(
			fc.tuple(
				fc.nat(),
				fc.constantFrom('cut', 'drop', 'double', 'swap', 'byte', 'text'),
				fc.nat(),
				fc.string({unit: 'binary', maxLength: 20}),
			),
			{
				maxLength: 12,
			},
		),
		fc.constantFrom('\n', '\r\n', '\r'),
	)
	.map(([session, raw, changes, end]) => {
		const lines = written(session, {raw}).split('\n');
		for (const [where, what, much, text] of changes) {
			const at = where % lines.length;
			const line = lines[at] ?? '';
			if (what === 'cut') lines[at] = line.slice(0, much % (line.length + 1));
			else if (what === 'drop') lines.splice(at, 1);
			else if (what === 'double') lines.splice(at, 0, line);
			else if (what === 'swap') lines.splice(at, 1, ...lines.splice(much % lines.length, 1, line));
			else if (what === 'byte')
				lines[at] = line.slice(0, much % (line.length + 1)) + text + line.slice((much % (line.length + 1)) + 1);
			else lines.splice(at, 0, text);
		}
		return lines.join(end);
	});

test('whatever happens to a log, what is written of it is a log, and blocks come of it', () => {
	inBerlin(() =>
		fc.assert(
			fc.property(damaged, (log) => {
				const once = copied(log);
				// What has been read once is read again, all of it.
				expect(copied(once.text).text).toBe(once.text);
				expect(copied(once.text).problem).not.toContain('could not be read');
				expect(once.text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
				const {store, session} = readLog(log);
				const entry = new Entry();
				for (let id = store.first; id < store.end; id++) {
					expect(store.read(id, entry)).toBe(true);
					selfTimes(entry, new Float64Array(entry.records));
				}
				expect(written({store, session, now: 0n})).toBeTypeOf('string');
			}),
			{numRuns: 300},
		),
	);
}, 60_000);

test('bytes of any kind', () => {
	fc.assert(
		fc.property(fc.uint8Array({maxLength: 300}), (bytes) => {
			expect(readLog(bytes).problem).toBeTypeOf('string');
		}),
		{numRuns: 200},
	);
}, 60_000);
