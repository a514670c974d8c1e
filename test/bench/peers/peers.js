/**
 * pkttop and other tracers on the same functions and the same load in one boot of a VM that counts instructions (1 ns is one
 * instruction, on one CPU): peers.js PEERS [WORD], the folder with bpftrace and pwru, and what the names of the tools have. What
 * they write goes to the VM's memory.
 * Prints a table in Markdown. Times are those of that VM: a machine of today does several of its seconds in one.
 */
import {spawn, spawnSync} from 'node:child_process';
import {closeSync, mkdtempSync, openSync, readFileSync} from 'node:fs';
import {release} from 'node:os';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {PACKET as FUNCTIONS} from '../support/functions.js';
import {tools} from './tools.js';

const DATAGRAMS = 1000;
const ROUNDS = 6;
const CALLS = DATAGRAMS * ROUNDS * FUNCTIONS.length;
const PROBED = '/sys/kernel/tracing/enabled_functions';
/** A tool may take so long to start, or to stop, ms. */
const PATIENCE = 300_000;

const [peers = '', word = ''] = process.argv.slice(2);
const folder = mkdtempSync('/tmp/peers-');
const project = fileURLToPath(new URL('../../..', import.meta.url));
const flood = fileURLToPath(new URL('../kernel/build/flood', import.meta.url));
const now = () => performance.now() / 1000;

/** CPU in ns a datagram, of all rounds: what a tool loses costs less, and it does not lose as much in each. How long all took, s. */
async function load() {
	const began = now();
	const child = spawn(flood, [String(DATAGRAMS)], {stdio: ['ignore', 'pipe', 'inherit']});
	let out = '';
	child.stdout.on('data', (bytes) => {
		out += bytes;
	});
	const code = await new Promise((resolve) => child.on('close', resolve));
	if (code !== 0) throw new Error('the load failed');
	return {each: Number(out.split(' ')[1]), seconds: now() - began};
}

/** Most memory that a process ever had, MB. */
function peak(pid) {
	try {
		return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;
	} catch {
		return Number.NaN;
	}
}

async function until(what, condition) {
	const late = now() + PATIENCE / 1000;
	while (!condition()) {
		if (now() > late) throw new Error(`never came: ${what}`);
		await pause(20);
	}
}

async function measure(tool) {
	const out = {stdout: `${folder}/stdout`, stderr: '', spawnSync};
	// What the one before it leaves behind goes in its own time.
	await until('the end of all probes', () => readFileSync(PROBED, 'latin1') === '');
	const began = now();
	tool.set?.();
	let child;
	let over = false;
	if (tool.start !== undefined) {
		const fd = openSync(out.stdout, 'w');
		const [file, ...args] = tool.start;
		child = spawn(file, args, {stdio: ['ignore', fd, 'pipe'], env: {...process.env, BPFTRACE_MAX_STRLEN: '64'}});
		closeSync(fd);
		child.stderr.on('data', (bytes) => {
			out.stderr += bytes;
		});
		child.on('close', () => {
			over = true;
		});
		const {ready} = tool;
		const said = () => `${readFileSync(out.stdout, 'latin1').slice(0, 1 << 16)}\n${out.stderr}`;
		await until(
			tool.what,
			() => over || (typeof ready === 'function' ? ready() : ready === undefined || ready.test(said())),
		);
		if (over) throw new Error(out.stderr.trim().split('\n').at(-1));
	}
	const started = now() - began;
	const {each, seconds} = await load();
	// What is still in its buffers may come out.
	if (child !== undefined) await pause(2000);
	const memory = child === undefined ? Number.NaN : peak(child.pid);
	const end = now();
	if (child !== undefined) {
		child.kill('SIGINT');
		await until(`the end of ${tool.what}`, () => over);
	}
	const delivered = tool.delivered?.(out);
	tool.unset?.();
	return {each, seconds, started, stopped: now() - end, memory, delivered};
}

const figure = (value, digits = 1) => (value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits));
const percent = (part) =>
	part === undefined || Number.isNaN(part) ? '-' : `${(100 * part).toFixed(part > 0.995 && part < 1 ? 2 : 0)} %`;

await load();
const untraced = await load();
console.log(
	`Kernel ${release()}, ${FUNCTIONS.length} functions, ${DATAGRAMS * ROUNDS} datagrams over loopback; untraced one takes ${untraced.each.toFixed(0)} instructions.\n`,
);
console.log('| | instructions a call | throughput kept | events delivered | start, s | stop, s | memory, MB | |');
console.log('|---|---:|---:|---:|---:|---:|---:|---|');
for (const tool of tools({functions: FUNCTIONS, calls: CALLS, peers, project, folder})) {
	if (!tool.what.includes(word)) continue;
	try {
		const {each, seconds, started, stopped, memory, delivered} = await measure(tool);
		const cells = [
			tool.what,
			figure((each - untraced.each) / FUNCTIONS.length, 0),
			percent(untraced.seconds / seconds),
			tool.delivered === undefined ? '-' : percent(delivered),
			figure(started),
			figure(stopped),
			figure(memory, 0),
			tool.note,
		];
		console.log(`| ${cells.join(' | ')} |`);
	} catch (error) {
		tool.unset?.();
		console.log(`| ${tool.what} | not measured: ${error instanceof Error ? error.message : error} | | | | | | |`);
	}
}
