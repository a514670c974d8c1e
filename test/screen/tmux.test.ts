/** The program on a real terminal, from the shell and back to it. */
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterEach, expect, test, vi} from 'vitest';
import {DEMO} from './support/terminal.js';
import {Tmux} from './support/tmux.js';

vi.setConfig({testTimeout: 120_000});

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const PKTTOP = `${process.execPath} ${MAIN}`;
const VIEW = `${PKTTOP} -r ${DEMO}`;
const READ = (text: string) => text.includes('RECORDED') && text.includes('327 blocks');

let tmux: Tmux;
afterEach(() => tmux.stop());

async function view(options = '', ...terminal: ConstructorParameters<typeof Tmux>): Promise<void> {
	tmux = new Tmux(...terminal);
	tmux.run('echo before; stty -a >modes');
	await tmux.see('before');
	tmux.run(`${VIEW} ${options}; echo "code $?"`);
	await tmux.until(READ, 'the recording');
}

/** The shell has its terminal back as it was. */
async function restored(code: number): Promise<void> {
	const text = await tmux.see(`code ${code}`);
	expect(text).toContain('before');
	expect(tmux.alternate).toBe(false);
	expect(await tmux.output('stty -a')).toBe(readFileSync(join(tmux.folder, 'modes'), 'utf8'));
}

const exported = (...filter: string[]): string =>
	execFileSync(process.execPath, [MAIN, 'export', DEMO, '--to', 'clean_log', ...filter], {
		encoding: 'utf8',
		env: {...process.env, TZ: 'UTC'},
	});

test('keys, a burst of them, another size, and what is saved', async () => {
	await view();
	expect(tmux.alternate).toBe(true);
	tmux.press('g');
	await tmux.see('inet_sendmsg B');
	tmux.type('/udp and port 30091\rgz');
	await tmux.until((text) => text.includes('filter udp and port 30091') && text.includes('▸'), 'filtered and folded');
	tmux.resize(140, 50);
	await tmux.until((text) => text.split('\n').length === 50 && /▸ inet_sendmsg ›/.test(text), 'the wide screen');
	tmux.press('s');
	await tmux.see('saved clean_log: ');
	expect(readFileSync(join(tmux.folder, 'clean_log'), 'utf8')).toBe(exported('udp and port 30091'));
	tmux.press('x');
	await tmux.see('none: everything is shown');
	tmux.press('s');
	await tmux.see('clean_log exists: S overwrites it');
	tmux.press('S');
	await tmux.see('saved clean_log: 327 blocks');
	expect(readFileSync(join(tmux.folder, 'clean_log'), 'utf8')).toBe(exported());
	tmux.resize(80, 24);
	tmux.press('q');
	await restored(0);
	expect(tmux.text()).toMatch(/pkttop: saved clean_log: 327 blocks in \d+ lines, 0 events lost/);
});

test('who saves and leaves at once has all of it', async () => {
	await view();
	tmux.type('sq');
	await restored(0);
	expect(tmux.text()).toMatch(/pkttop: saved clean_log: 327 blocks in \d+ lines, 0 events lost/);
	expect(readFileSync(join(tmux.folder, 'clean_log'), 'utf8')).toBe(exported());
});

test('a file that cannot be written', async () => {
	await view('-o none/log');
	tmux.press('s');
	await tmux.see('not saved: none/log: no such file or directory');
	mkdirSync(join(tmux.folder, 'none'));
	tmux.press('s');
	await tmux.see('saved none/log: 327 blocks');
	expect(readFileSync(join(tmux.folder, 'none/log'), 'utf8')).toBe(exported());
});

test('Ctrl-c', async () => {
	await view();
	tmux.press('/', 'u', 'C-c');
	await restored(0);
});

test.each([
	['SIGTERM', 143],
	['SIGHUP', 129],
	['SIGINT', 130],
] as const)('%s', async (signal, code) => {
	await view();
	process.kill(tmux.pid(), signal);
	await restored(code);
});

test.each([
	['SIGSEGV', 139],
	['SIGABRT', 134],
] as const)('a crash with %s', async (signal, code) => {
	await view();
	process.kill(tmux.pid(), signal);
	await restored(code);
});

test.each(['Ctrl-z', 'SIGTSTP'])('%s and back', async (how) => {
	await view();
	if (how === 'Ctrl-z') tmux.press('C-z');
	else process.kill(tmux.pid(), 'SIGTSTP');
	await tmux.see('Stopped');
	expect(tmux.alternate).toBe(false);
	expect(await tmux.output('stty -a')).toBe(readFileSync(join(tmux.folder, 'modes'), 'utf8'));
	tmux.run('fg; echo "code $?"');
	await tmux.until(READ, 'the recording again');
	tmux.press('2');
	await tmux.see('calls/s');
	tmux.press('q');
	await tmux.see('code 0');
	expect(tmux.alternate).toBe(false);
});

test('NO_COLOR, --color, a locale without UTF-8, --ascii', async () => {
	await view('', 80, 24, {NO_COLOR: '1'});
	expect(tmux.cells()).not.toMatch(/\x1b\[[0-9;]*3[1-7]/);
	tmux.press('q');
	await tmux.gone();
	tmux.run(`clear; ${VIEW} --color always`);
	await tmux.until(READ, 'the recording');
	expect(tmux.cells()).toMatch(/\x1b\[[0-9;]*3[1-7]/);
	tmux.press('q');
	await tmux.gone();
	for (const how of [`LANG=C ${VIEW}`, `${VIEW} --ascii`]) {
		tmux.run(`clear; ${how}`);
		await tmux.until((text) => READ(text) && text.includes('pause'), 'the recording');
		expect(tmux.text()).toMatch(/^[ -~\n]*$/);
		tmux.press('q');
		await tmux.gone();
	}
});

test('without a terminal, or with one that has no screen, there are lines', async () => {
	tmux = new Tmux();
	expect(await tmux.output(VIEW)).toBe(exported());
	tmux.run(`clear; TERM=dumb ${VIEW} 'icmp'`);
	await tmux.see('# 0 events, 0 lost');
	expect(tmux.text()).toContain('pkttop: TERM=dumb has no screen: plain lines');
	expect(tmux.alternate).toBe(false);
	tmux.run(`clear; ${VIEW} --plain -c 1 | tail -1`);
	await tmux.see('events, 0 lost');
});

test('a file that was cut off is shown as far as it goes, and the end says so', async () => {
	tmux = new Tmux();
	const cut = join(tmux.folder, 'cut.ptt');
	writeFileSync(cut, readFileSync(DEMO).subarray(0, 100_000));
	tmux.run(`${PKTTOP} -r ${cut}; echo "code $?"`);
	await tmux.until((text) => text.includes('RECORDED') && /\d+ blocks/.test(text), 'the part that is there');
	tmux.press('q');
	await tmux.see('code 1');
	expect(tmux.text()).toContain('the recording was cut off');
});

test('a played recording can be paused and sought in', async () => {
	tmux = new Tmux(120, 30);
	tmux.run(`${VIEW} --speed 0.5; echo "code $?"`);
	await tmux.until((text) => text.includes('PLAYING') && /[1-9]\d* blocks/.test(text), 'the first blocks');
	tmux.press('Space');
	await tmux.see('PAUSED');
	tmux.type('T+0.05\r');
	await tmux.until((text) => !text.includes('go to time'), 'the time');
	tmux.press('q');
	await tmux.see('code 0');
	expect(existsSync(join(tmux.folder, 'clean_log'))).toBe(false);
});
