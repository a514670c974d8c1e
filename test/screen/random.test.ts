/** Any size, any keys: nothing is thrown and no line is wider than the screen. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {COMMANDS} from '../../src/ui/keys.js';
import {openDemo} from './support/terminal.js';

const NAMED: Readonly<Record<string, string>> = {
	up: '\x1b[A',
	down: '\x1b[B',
	right: '\x1b[C',
	left: '\x1b[D',
	home: '\x1b[H',
	end: '\x1b[F',
	pgup: '\x1b[5~',
	pgdn: '\x1b[6~',
	enter: '\r',
	tab: '\t',
	'S-tab': '\x1b[Z',
	esc: '\x1b',
	'S-left': '\x1b[1;2D',
	'S-right': '\x1b[1;2C',
};

const bytesOf = (key: string): string =>
	NAMED[key] ?? (key.startsWith('C-') ? String.fromCharCode(key.charCodeAt(2) - 96) : key);

const ENDS = new Set(['C-c', 'q']);
const keys = fc.oneof(
	{weight: 5, arbitrary: fc.constantFrom(...COMMANDS.flatMap(({keys}) => keys).filter((key) => !ENDS.has(key)))},
	{weight: 1, arbitrary: fc.constantFrom('udp', 'port 30091', '0', '9', 'é', '界', '😀', '\x1b[', '\x1b[99~', '\x00')},
);
const size = fc.tuple(
	fc.oneof(fc.nat(10), fc.integer({min: 1, max: 400})),
	fc.oneof(fc.nat(8), fc.integer({min: 1, max: 120})),
);

test('random sizes and keys', async () => {
	await fc.assert(
		fc.asyncProperty(
			size,
			fc.array(fc.oneof(keys, keys, keys, size), {maxLength: 40}),
			async ([columns, rows], steps) => {
				const app = await openDemo({columns: columns || 1, rows: rows || 1});
				const {tty} = app;
				let failure: unknown;
				app.ended.catch((error: unknown) => {
					failure = error;
				});
				for (const step of steps) {
					if (typeof step === 'string') tty.type(bytesOf(step));
					else tty.resize(step[0] || 1, step[1] || 1);
					await tty.text();
					if (failure !== undefined) throw failure;
				}
				await app.quit();
				expect(tty.wide).toEqual([]);
			},
		),
		{numRuns: 100},
	);
}, 120_000);
