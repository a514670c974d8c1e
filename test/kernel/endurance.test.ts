/**
 * The screen for a long time, on mixed traffic, with someone at it who never rests: another filter every second, groups
 * switched off and on, other sizes of the terminal, logs saved. What pkttop has of the machine stays as it was, nothing is
 * lost, and at the end as at the beginning what it shows is what the kernel counted.
 *
 * PKTTOP_ENDURANCE is how long, in seconds; 120 where it is not set.
 */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import test from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {Tmux} from '../screen/support/tmux.js';
import {Bursts} from './support/burst.js';
import {Hands} from './support/hands.js';
import {Mix} from './support/mix.js';
import {becomes, inKernel} from './support/net.js';
import {FUNCTIONS} from './support/pkttop.js';
import {countSession} from './support/session.js';
import {LEAST, Vitals} from './support/vitals.js';

const SECONDS = Number(process.env.PKTTOP_ENDURANCE ?? 120);
/** Bytes of events in memory: soon full. */
const BUFFER = '2M';
const MAIN = fileURLToPath(new URL('../../../../../dist/main.js', import.meta.url));
const GARBAGE = fileURLToPath(new URL('support/garbage.js', import.meta.url));

/**
 * Bytes by which memory may grow: what the median of the last third is above that of the first. That is for packets whose
 * places in memory are used for the first time (pkttop keeps 65536), and for what V8 does without any leak. A kilobyte that
 * stays of each filter is more in half an hour: with every beat three or four of them are in force, one after the other.
 */
const MOST = {held: 2 << 20, resident: 4 << 20};
/** Packets before it begins, for each second: about as many as will come. */
const PACKETS = 100;

/** Beats, a second each, until everything has been done once, so that all code and all caches are there. */
const WARM_UP = 25;
/** Beats between two bursts, ms between two samples. */
const [BURST, SAMPLE] = [30, 5000];

test(`${SECONDS} s at the screen: memory, descriptors and threads stay, nothing is lost, counts are the kernel's`, async (t) => {
	const tmux = new Tmux(200, 120);
	const hands = new Hands(tmux);
	const mix = new Mix();
	const bursts = new Bursts(hands);
	let vitals: Vitals | undefined;
	try {
		const settings = await tmux.output('stty -g');
		const memory = join(tmux.folder, 'memory');
		const node = `PKTTOP_TEST_MEMORY=${memory} ${process.execPath} --expose-gc --import ${GARBAGE}`;
		const backend = FUNCTIONS ? '' : '--backend tracepoint ';
		tmux.run(`${node} ${MAIN} ${backend}--buffer ${BUFFER} -w session.ptt; echo "code $?"`);
		await hands.see((text) => text.includes('LIVE'), 'the first picture');
		vitals = new Vitals(tmux.pid(), memory);
		await Promise.all([mix.start(), bursts.start()]);
		await bursts.fill(PACKETS * SECONDS);
		await hands.see((text) => text.includes('old blocks gone'), 'a full buffer');
		await hands.lookAround();

		let sampled = 0;
		/** One second, or more where the machine is slow. */
		const beat = async (turn: number): Promise<void> => {
			const next = performance.now() + 1000;
			if (turn % 4 === 1) hands.resize();
			await hands.changeFilter();
			if (turn % 7 === 3) await hands.toggleGroup(turn);
			else if (hands.someOff) await hands.toggleGroup(turn);
			if (turn % 11 === 5) await hands.save();
			if (performance.now() - sampled >= SAMPLE) {
				await hands.rest();
				await vitals?.take();
				sampled = performance.now();
			}
			if (turn % BURST === 15) {
				if (hands.someOff) await hands.toggleGroup(turn);
				await bursts.compare();
			}
			await pause(Math.max(0, next - performance.now()));
		};
		for (let turn = 0; turn < WARM_UP; turn++) await beat(turn);
		vitals.warm();
		const began = performance.now();
		for (let turn = WARM_UP; performance.now() - began < 1000 * SECONDS || vitals.samples.length < LEAST; turn++)
			await beat(turn);
		if (hands.someOff) await hands.toggleGroup(0);
		await bursts.compare();
		await mix.stop();

		hands.large();
		tmux.type('1q');
		await tmux.see('code 0');
		assert.equal(tmux.alternate, false);
		assert.equal(await tmux.output('stty -g'), settings);
		await becomes(() => inKernel().length === 0, 'nothing of it in the kernel');

		const {functions, emitted, lost} = countSession(join(tmux.folder, 'session.ptt'));
		const {recursion = 0, ...losses} = lost;
		const did = `${hands.filters} filters, ${hands.saves} logs, ${bursts.equal} bursts, ${emitted} events`;
		t.diagnostic(`${did}, ${recursion} probes skipped by the kernel`);
		for (const {name, recorded, counted} of functions)
			assert.equal(recorded, counted, `records and histogram of ${name}`);
		assert.equal(
			functions.reduce((sum, {recorded}) => sum + recorded, 0),
			emitted,
		);
		assert.equal(
			Object.values(losses).reduce((sum, count) => sum + count, 0),
			0,
			JSON.stringify(lost),
		);
		vitals.check(MOST);
	} finally {
		for (const line of vitals?.table(20) ?? []) t.diagnostic(line);
		tmux.stop();
		mix.remove();
		bursts.remove();
	}
});
