/** Many starts and ends while packets come, and ends at moments that nobody chose: nothing of them stays in the kernel. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {readdirSync} from 'node:fs';
import test from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {becomes, inKernel, Namespace} from './support/net.js';
import {FEW, lost, Pkttop, parse, QUICKEST} from './support/pkttop.js';
import {checkStructure} from './support/structure.js';

const STARTS = 20;
const KILLS = 6;
const SET = ['--backend', QUICKEST, ...FEW];

/** What the kernel holds of any BPF user, by its own lists. */
const held = () =>
	['prog', 'map', 'link'].map((kind) => {
		const list = JSON.parse(execFileSync('bpftool', ['-j', kind, 'list']).toString() || '[]') as unknown[];
		return list.length;
	});
const gone = () => becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);

test(`${STARTS} starts and ends under load: each counts, none loses, the kernel holds no more than before`, async () => {
	const namespace = new Namespace();
	const before = held();
	try {
		const stop = await namespace.serve('flood-udp', '127.0.0.1', 30141, 2);
		for (let i = 0; i < STARTS; i++) {
			const pkttop = new Pkttop(['--json', ...SET, '--netns', namespace.name, '-c', '50']);
			const result = parse(await pkttop.end());
			assert.equal(result.code, 0, result.stderr);
			assert.ok((result.summary.blocks as number) >= 50, `run ${i}: ${result.summary.blocks} blocks`);
			// Calls that are under way while probes come have no begin.
			assert.equal(lost(result.summary), 0, `run ${i}: ${JSON.stringify(result.summary.lost)}`);
			checkStructure(result);
		}
		await stop();
	} finally {
		namespace.remove();
	}
	await gone();
	await becomes(() => held().every((count, i) => count <= (before[i] as number)), `held: ${held()}, before ${before}`);
});

test(`SIGKILL at ${KILLS} moments: no program, no link, no process, no file stays`, async (t) => {
	const namespace = new Namespace();
	const before = held();
	const files = readdirSync('/tmp');
	try {
		const stop = await namespace.serve('flood-udp', '127.0.0.1', 30142, 2);
		const first = new Pkttop(['--json', ...SET]);
		const began = performance.now();
		await first.tracing();
		const start = performance.now() - began;
		await first.stop('SIGKILL');
		for (let i = 0; i < KILLS; i++) {
			const wait = randomInt(Math.ceil(1.2 * start));
			t.diagnostic(`killed after ${wait} of ${Math.round(start)} ms`);
			const pkttop = new Pkttop(['--json', '--demo', ...SET]);
			await Promise.race([pause(wait), pkttop.until(() => false)]);
			const {signal} = await pkttop.stop('SIGKILL');
			assert.equal(signal, 'SIGKILL');
		}
		await stop();
	} finally {
		namespace.remove();
	}
	await gone();
	await becomes(() => held().every((count, i) => count <= (before[i] as number)), `held: ${held()}, before ${before}`);
	const demo = () => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && /^demo-/.test(commandOf(pid)));
	await becomes(() => demo().length === 0, `processes of the demo: ${demo()}`);
	assert.deepEqual(
		readdirSync('/tmp').filter((name) => !files.includes(name)),
		[],
	);
});

function commandOf(pid: string): string {
	try {
		return execFileSync('cat', [`/proc/${pid}/cmdline`], {stdio: ['ignore', 'pipe', 'ignore']}).toString();
	} catch {
		return '';
	}
}
