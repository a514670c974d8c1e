/** A classic log on the screen, as a session is. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {save} from '../../src/cli/save.js';
import {DEMO, demoSource, type Opened, open} from './support/terminal.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
let folder = '';
const path = (name: string): string => join(folder, name);

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pkttop-logs-'));
	for (const format of ['clean_log', 'packet.log']) {
		execFileSync(process.execPath, [MAIN, 'export', DEMO, '--to', format, '-o', path(format)], {
			env: {...process.env, TZ: 'UTC'},
		});
	}
});
afterAll(() => rmSync(folder, {recursive: true}));

async function openLog(name: string, use: (opened: Opened) => Promise<void>): Promise<void> {
	const {source, close} = demoSource(0, undefined, path(name));
	const opened = open(source, {
		columns: 200,
		rows: 40,
		save: (saving, force) => save(saving, {output: path('saved'), time: 'us'}, force),
	});
	try {
		await opened.tty.until((text) => text.includes('RECORDED'), 'the log');
		await use(opened);
	} finally {
		await opened.quit();
		close();
	}
}

test.each(['clean_log', 'packet.log'])(
	'%s: trace, functions, packets, groups, filter, and saved again',
	async (name) => {
		await openLog(name, async ({tty}) => {
			await tty.until((text) => text.includes('327 blocks'), 'all blocks');
			tty.type('g');
			const trace = await tty.until((text) => /08:54:10\.419168 .*inet_sendmsg B/.test(text), 'the first block');
			// A log says neither how it was traced nor where a call ran.
			expect(trace).not.toMatch(/attached|419168 +\d+[tsh?]/);
			tty.type('2');
			await tty.until((text) => /udp_sendmsg +udp +\d/.test(text), 'functions that were met while the log was read');
			// As of the session, but for where a second begins: what a function did when it was met first counts, too.
			await tty.until((text) => /tcp 27\d/.test(text) && /device 13\d/.test(text), 'the rates of its layers');
			tty.type('5');
			await tty.until((text) => /30091/.test(text), 'flows');
			tty.type('4');
			await tty.until((text) => /udpio +\d+ recorded/.test(text), 'groups');
			tty.type('1ggi');
			const inspector = await tty.until((text) => /udpio|inet \(/.test(text), 'the inspector');
			expect(inspector).not.toMatch(/CPU|thread/);
			tty.type('i/udp\r');
			await tty.until((text) => text.includes('filter udp') && /\d+ of 327 blocks/.test(text), 'the filter');
			tty.type('xS');
			await tty.until((text) => text.includes('saved '), 'what was saved');
			expect(readFileSync(path('saved'), 'utf8')).toBe(readFileSync(path('clean_log'), 'utf8'));
		});
	},
);

test('what could not be read is said', async () => {
	writeFileSync(path('damaged'), `${readFileSync(path('clean_log'), 'utf8').slice(0, 9_990)}\nmore\n`);
	await openLog('damaged', async ({tty}) => {
		await tty.until((text) => /\d lines could not be read, first line \d+/.test(text), 'the problem');
	});
});
