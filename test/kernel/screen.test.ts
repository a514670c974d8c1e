/** The screen on real traffic: a port is typed while packets of several flows pass, and what it shows is saved. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'node:test';
import {fileURLToPath} from 'node:url';
import {Tmux} from '../screen/support/tmux.js';
import {BACK_WITHIN} from './support/net.js';

const MAIN = fileURLToPath(new URL('../../../../../dist/main.js', import.meta.url));
/** Where functions are refused, marks alone. */
const BACKEND = process.env.PKTTOP_TEST_ON === 'host' ? '--backend tracepoint ' : '';

test('live: a port typed, that flow alone on the screen and in the file, the terminal given back', async (t) => {
	const tmux = new Tmux(160, 40);
	try {
		tmux.run(`${process.execPath} ${MAIN} ${BACKEND}--demo -w session.ptt; echo "code $?"`);
		await tmux.until((text) => text.includes('LIVE') && /[1-9]\S* blocks/.test(text), 'the first blocks', 120_000);
		// The demo's connections go to port 30091, each from a port of its own.
		tmux.type('/tcp port 30091\r5');
		const connection = /^tcp +\S+:([1-9]\d+) +\S+:30091 /m;
		const port = connection.exec(await tmux.until((text) => connection.test(text), 'a connection'))?.[1];
		tmux.press('1');
		tmux.type(`x:${port}\r`);
		await tmux.until((text) => text.includes(`filter port ${port}`) && / of \S+ blocks/.test(text), 'the filter');
		tmux.press('g');
		const shown = await tmux.until((text) => new RegExp(`[:\\]]${port}\\b`).test(text), 'its packets');
		const rows = shown.split('\n').filter((line) => / (B|-) /.test(line) && line.includes('→'));
		assert.ok(rows.length > 0, shown);
		for (const row of rows) assert.match(row, new RegExp(`[:\\]]${port}\\b`));
		tmux.press('s');
		await tmux.see('saved clean_log: ');
		tmux.press('q');
		const left = performance.now();
		await tmux.see('code 0');
		const late = performance.now() - left;
		t.diagnostic(`the prompt came back after ${Math.round(late)} ms`);
		assert.ok(late < BACK_WITHIN, `the prompt came back after ${late} ms`);
		assert.equal(tmux.alternate, false);
		const log = readFileSync(join(tmux.folder, 'clean_log'), 'utf8').split('\n');
		const events = log.filter((line) => /^\d/.test(line));
		assert.ok(events.length > 0, 'the log has events');
		for (const line of events) assert.match(line, new RegExp(`[:\\]]${port} `));
		assert.match(log.at(-2) ?? '', /^# \d+ events, \d+ lost$/);
		// What was recorded beside it can be read, as the user without root would.
		const again = await tmux.output(`${process.execPath} ${MAIN} export session.ptt --to clean_log port ${port}`);
		const [first = ''] = events;
		assert.ok(again.includes(first.slice(first.indexOf(' '))), 'the recording has the same events');
	} finally {
		tmux.stop();
	}
});

test('live: a group switched off in its pane records nothing more, the others go on, and on again it does', async () => {
	const tmux = new Tmux(120, 40);
	/** Calls in the row of a folded group; undefined while it is not there. */
	const calls = (text: string, group: string): string | undefined =>
		new RegExp(`^[▸▾] ${group} .*? ([\\d.]+[kM]?)(?: +[\\d.]+[kM]?)?\\s*$`, 'm').exec(text)?.[1];
	/** What the screen shows once the calls of a group are others than now, `times` over. */
	const moved = async (group: string, times: number): Promise<string> => {
		let text = await tmux.until((shown) => calls(shown, group) !== undefined, `the row of ${group}`);
		for (let i = 0; i < times; i++) {
			const before = calls(text, group);
			text = await tmux.until((shown) => ![before, undefined].includes(calls(shown, group)), `calls of ${group}`);
		}
		return text;
	};
	try {
		tmux.run(`${process.execPath} ${MAIN} ${BACKEND}-g ip_rcv,device --demo; echo "code $?"`);
		await tmux.until((text) => text.includes('LIVE') && /[1-9]\S* blocks/.test(text), 'the first blocks', 120_000);
		tmux.type('4z');
		await moved('ip_rcv', 1);
		// The first row is the first group.
		tmux.type('g ');
		await tmux.until((text) => /^[▸▾] ip_rcv +\d+ off/m.test(text) && text.includes('switched off'), 'ip_rcv off');
		const still = calls(await moved('device', 2), 'ip_rcv');
		assert.equal(calls(await moved('device', 3), 'ip_rcv'), still);
		tmux.type(' ');
		await moved('ip_rcv', 1);
		tmux.press('q');
		await tmux.see('code 0');
	} finally {
		tmux.stop();
	}
});
