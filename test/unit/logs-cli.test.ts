/** `format`, `-r` and `export` on logs, as the command line calls them. */
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {main} from '../../src/cli/main.js';
import {Progress} from '../../src/cli/progress.js';

const DEMO = fileURLToPath(new URL('../fixtures/demo.ptt', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../fixtures/thesis/sample.log', import.meta.url));

let folder = '';
const path = (name: string): string => join(folder, name);
const content = (name: string): string => readFileSync(path(name), 'utf8');
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pkttop-logs-'));
});
afterEach(() => {
	rmSync(folder, {recursive: true});
	vi.restoreAllMocks();
});

/** Runs pkttop with its output in a file. */
async function run(name: string, ...argv: string[]): Promise<{code: number; stderr: string}> {
	let stderr = '';
	vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
		stderr += text;
		return true;
	});
	const code = await main([...argv, '-o', path(name)]);
	return {code, stderr};
}

const good = {code: 0, stderr: ''};

test('a session, its logs, and each from the other', async () => {
	expect(await run('clean', 'export', DEMO, '--to', 'clean_log')).toEqual(good);
	expect(await run('raw', 'export', DEMO, '--to', 'packet.log')).toEqual(good);
	const clean = content('clean');
	expect(clean.split('\n').length).toBeGreaterThan(4000);
	expect(content('raw').split('\n')[0]).toMatch(/^\d\d:\d\d:\d\d:\d{6} [^ ]+ [^ ]+ inet_sendmsg B$/);
	await run('formatted', 'format', path('raw'));
	expect(content('formatted')).toBe(clean);
	await run('again', '-r', path('clean'), '--plain');
	expect(content('again')).toBe(clean);
	// Through blocks in memory instead of line by line.
	await run('blocks', '-r', path('clean'), '--plain', '-c', '1000000');
	expect(content('blocks')).toBe(clean);
	await run('raw again', 'export', path('clean'), '--to', 'packet.log');
	expect(content('raw again')).toBe(content('raw'));
});

test('a filter shows the same of a log as of the session', async () => {
	await run('raw', 'export', DEMO, '--to', 'packet.log');
	for (const filter of ['tcp', 'arp', 'icmp', 'port 30091', 'ip6']) {
		await run(`session ${filter}`, '-r', DEMO, filter);
		await run(`log ${filter}`, '-r', path('raw'), filter);
		expect(content(`log ${filter}`)).toBe(content(`session ${filter}`));
		await run(`raw session ${filter}`, 'export', DEMO, '--to', 'packet.log', filter);
		await run(`raw log ${filter}`, 'export', path('raw'), '--to', 'packet.log', filter);
		expect(content(`raw log ${filter}`)).toBe(content(`raw session ${filter}`));
	}
});

test('the log of the thesis; times as fine as they are, or as somebody wants them', async () => {
	await run('again', '-r', SAMPLE);
	expect(content('again')).toBe(readFileSync(SAMPLE, 'utf8'));
	await run('ns', 'format', SAMPLE, '--time', 'ns');
	expect(content('ns')).toContain('19:26:16:525001000');
	expect(content('ns')).toContain('Time : 264000\n');
	await run('kept', 'format', path('ns'));
	expect(content('kept')).toBe(content('ns'));
	await run('filtered', '-r', path('ns'), 'port 33056');
	expect(content('filtered')).toContain('19:26:16:525001000');
	await run('us', '-r', path('ns'), '--time', 'us');
	expect(content('us')).toBe(readFileSync(SAMPLE, 'utf8'));
	await run('json', 'export', SAMPLE, '--to', 'json');
	expect(JSON.parse(content('json').split('\n')[0] ?? '')).toMatchObject({fn: 'tcp_v4_rcv', duration: 264_000});
});

test('what cannot be read is said once, whichever way it is read', async () => {
	writeFileSync(path('log'), `intro\n${readFileSync(SAMPLE, 'utf8')}\nTh\x1b[2J\n`);
	const stderr = `pkttop: ${path('log')}: 2 lines could not be read, first line 1\n`;
	expect(await run('1', 'format', path('log'))).toEqual({code: 0, stderr});
	expect(await run('2', '-r', path('log'))).toEqual({code: 0, stderr});
	expect(await run('3', '-r', path('log'), '--json')).toEqual({code: 0, stderr});
	expect(content('2')).toBe(readFileSync(SAMPLE, 'utf8'));
});

test.each([
	['text of other people', 'dear all,\nlog this\n# a comment\n', 'this is neither a pkttop session nor a log'],
	['bytes', Buffer.alloc(3 << 20, 0), 'this is neither a pkttop session nor a log'],
	['nothing', '', 'it is empty'],
])('a file that is %s', async (_, bytes, why) => {
	writeFileSync(path('file'), bytes);
	const expected = {code: 1, stderr: `pkttop: ${path('file')}: ${why}\n`};
	expect(await run('1', 'format', path('file'))).toEqual(expected);
	expect(await run('2', '-r', path('file'))).toEqual(expected);
	expect(existsSync(path('1')) || existsSync(path('2'))).toBe(false);
});

test('what makes no sense', async () => {
	expect((await run('1', 'format', DEMO)).stderr).toMatch(
		/this is a session and no log: pkttop export .* --to clean_log\n$/,
	);
	expect(await run('1', 'format', path('none'))).toMatchObject({
		code: 1,
		stderr: expect.stringMatching(/no such file/),
	});
	expect(await run('1', 'format', folder)).toMatchObject({code: 1, stderr: expect.stringMatching(/it is a directory/)});
	expect(await run('1', '-r', SAMPLE, '-p', '1')).toMatchObject({
		code: 1,
		stderr: expect.stringMatching(/-p find nothing/),
	});
	expect(await run('1', 'format', 'a', 'b')).toMatchObject({code: 2});
	expect(await run('1', 'format', 'a', '--json')).toMatchObject({code: 2});
	expect(existsSync(path('1'))).toBe(false);
	writeFileSync(path('log'), readFileSync(SAMPLE));
	expect(await run('log', 'format', path('log'), '--force')).toMatchObject({code: 1});
	expect(await run('log', 'format', SAMPLE)).toMatchObject({
		code: 1,
		stderr: expect.stringMatching(/--force overwrites/),
	});
	expect(content('log')).toBe(readFileSync(SAMPLE, 'utf8'));
});

test('how far it is, for who waits at a terminal', () => {
	let now = 0;
	let text = '';
	const terminal = (isTTY: boolean) => ({
		isTTY,
		write: (more: string) => {
			text += more;
			return true;
		},
	});
	const progress = new Progress(200e6, false, terminal(true), () => now);
	progress.add(50e6);
	now = 1999;
	progress.add(1e6);
	expect(text).toBe('');
	now = 2000;
	progress.add(49e6);
	now = 2100;
	progress.add(1e6);
	expect(text).toBe('\rpkttop: 100 of 200 MB, 50 %');
	progress.end();
	expect(text).toBe('\rpkttop: 100 of 200 MB, 50 %\r\x1b[K');
	text = '';
	now = 0;
	const [silent, file] = [
		new Progress(0, true, terminal(true), () => now),
		new Progress(0, false, terminal(false), () => now),
	];
	now = 9000;
	silent.add(1);
	file.add(1);
	silent.end();
	file.end();
	expect(text).toBe('');
});
