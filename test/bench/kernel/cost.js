// What tracing costs: instructions of the kernel a call, counted by a VM whose clock is its instruction counter (scripts/vm
// --icount: 1 ns of CPU time is one instruction). Functions of the UDP loopback path, each called once a datagram. A call's
// share of what a datagram costs anyway (the probes of the scheduler and of softirqs) is in its figure.
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {DEFAULT_POINTS} from '../../../dist/catalogue/selection.js';
import {BPF_OBJECT, loadAddon} from '../../../dist/collector/native.js';
import {compileFilter} from '../../../dist/trace/filter/compile.js';
import {parseFilter} from '../../../dist/trace/filter/parse.js';
import {PACKET} from '../support/functions.js';

/** From the system call that sends to the one that receives. */
const PATH = [
	'udp_sendmsg',
	...PACKET.filter((name) => name !== '__udp4_lib_rcv' && name !== 'udp_queue_rcv_skb'),
	'udp_recvmsg',
];
/** Those that know only the socket. */
const SOCKET = ['inet_sendmsg', 'udp_sendmsg', 'inet_recvmsg', 'udp_recvmsg'];
const LATE = new Set(['inet_recvmsg', 'udp_recvmsg']);
const DATAGRAMS = 2000;
const ROUNDS = 6;
const folder = fileURLToPath(new URL('build', import.meta.url));
const tracing = '/sys/kernel/tracing';

/** Instructions of the kernel and the process a datagram. */
function flood(flows = 1) {
	const {stdout, status} = spawnSync(`${folder}/flood`, [String(DATAGRAMS), String(flows)], {encoding: 'utf8'});
	if (status !== 0) throw new Error('flood failed');
	return Number(stdout.split(' ')[0]);
}

const untraced = flood();
const rows = [];
const row = (what, traced, functions, note = '', without = untraced) =>
	rows.push([what, (traced - without) / functions.length, note]);

/** What was detached goes in the background. */
async function detached(addon) {
	addon.stop();
	while (readFileSync(`${tracing}/enabled_functions`, 'latin1') !== '') await pause(100);
}

async function empty() {
	const child = spawn(`${folder}/empty`, [`${folder}/empty.bpf.o`, ...PATH], {stdio: ['pipe', 'pipe', 'inherit']});
	await once(child.stdout, 'data');
	row('empty fentry + fexit: the floor', flood(), PATH);
	child.stdin.end();
	await once(child, 'exit');
}

function functionGraph() {
	writeFileSync(`${tracing}/set_ftrace_filter`, `${PATH.join('\n')}\n`);
	writeFileSync(`${tracing}/current_tracer`, 'function_graph');
	row('ftrace function_graph, into its buffer', flood(), PATH);
	writeFileSync(`${tracing}/current_tracer`, 'nop');
	writeFileSync(`${tracing}/set_ftrace_filter`, '\n');
}

/** @param constant only the recorded call, with so many flows, and with other functions attached that are not called. */
async function pkttop(names, label, backend = 'fentry', identity = true, constant = undefined) {
	const {flows = 1, idle = []} = constant ?? {};
	const without = flows === 1 ? untraced : flood(flows);
	const addon = loadAddon();
	const functions = [...names.map((name) => [name]), ...idle].map((alternatives) => {
		const [name] = alternatives;
		return {
			names: alternatives,
			from: 0,
			late: LATE.has(name),
			bytes: 0,
			queue: 0,
			inside: false,
			hidden: '',
			pf: 0,
			hook: 0,
		};
	});
	const filter = (text) => compileFilter(parseFilter(text)).bytes;
	const report = await addon.start({
		object: BPF_OBJECT,
		backend,
		functions,
		marks: [],
		ring: 32 << 20,
		limit: 1 << 28,
		base: 0n,
		identity,
		measure: true,
		correct: false,
		filter: filter(''),
	});
	const failed = report.outcomes.find(({error}) => error !== '');
	if (report.error !== '' || failed) {
		console.log(`not measured, ${label} by ${backend}: ${report.error || `${failed.name}: ${failed.error}`}`);
		addon.stop();
		return;
	}
	// What pkttop itself says of it, on another function of the kernel.
	const {inside, total, why} = report.ownCost;
	const said = `${label}: measured at its start, ${inside} of it in the call's own time`;
	rows.push([`pkttop by ${backend}, ${said}`, total, why]);
	const run = async (what, text, emits) => {
		addon.setFilter(filter(text));
		const before = addon.losses();
		const traced = flood(flows);
		const calls = emits ? DATAGRAMS * ROUNDS * names.length : 0;
		const counts = () => addon.losses().map((count, i) => count - before[i]);
		// The reader thread looks every 10 ms: what it has not yet seen is in the ring.
		for (let tries = 0; tries < 100 && Number(counts()[0]) < calls; tries++) await pause(10);
		const [emitted, ...lost] = counts();
		const losses = lost.reduce((sum, count) => sum + count, 0n);
		if (losses !== 0n || Number(emitted) !== calls) throw new Error(`${what}: ${emitted} of ${calls}, ${losses} lost`);
		const note = emits ? `${emitted} records, 0 lost` : 'no record';
		row(`pkttop by ${backend}, ${label}: ${what}`, traced, names, note, without);
	};
	await run('recorded, no filter', '', true);
	if (constant !== undefined) {
		await detached(addon);
		return rows.at(-1)[1];
	}
	await run('recorded, filter udp and host 127.0.0.1', 'udp and host 127.0.0.1', true);
	await run('rejected by tcp', 'tcp', false);
	await run('rejected by udp port 9', 'udp port 9', false);
	for (let fn = 0; fn < names.length; fn++) addon.setSwitch(fn, false);
	await run('switched off at run time', '', false);
	await detached(addon);
}

await empty();
functionGraph();
for (const backend of ['fentry', 'fsession', 'kprobe-session', 'kprobe-multi', 'kprobe'])
	await pkttop(PATH, 'the twelve of the path', backend);
await pkttop(PACKET, 'twelve with the packet at hand');
await pkttop(PATH, 'the twelve of the path without identity', 'fentry', false);
await pkttop(SOCKET, 'four with a socket alone');
for (const flows of [100, 10_000])
	await pkttop(PATH, `the twelve of the path, ${flows} flows`, 'fentry', true, {flows});
const idle = DEFAULT_POINTS.functions.map(({names}) => names).filter(([name]) => name.startsWith('tcp_'));
await pkttop(PATH, `the twelve of the path, ${idle.length} more attached`, 'fentry', true, {idle});
// The same function at depth 0 and inside the others.
const innermost = '__udp_enqueue_schedule_skb';
const others = PATH.filter((name) => name !== innermost);
const alone = await pkttop([innermost], `${innermost} alone, without identity`, 'fentry', false, {});
const without = await pkttop(others, 'the other eleven, without identity', 'fentry', false, {});
const all = await pkttop(PATH, 'the twelve, without identity', 'fentry', false, {});
rows.push([
	`${innermost} inside the others, without identity`,
	PATH.length * all - others.length * without,
	`alone ${alone.toFixed(0)}`,
]);
console.log(`guest instructions a call of the UDP loopback path; a datagram untraced takes ${untraced}`);
for (const [what, each, note] of rows) console.log(`${each.toFixed(0).padStart(7)}  ${what}${note && ` (${note})`}`);
