// What tracing costs: instructions of the kernel a call, counted by a VM whose clock is its instruction counter (scripts/vm
// --icount: 1 ns of CPU time is one instruction). Twelve functions of the UDP loopback path, each called once a datagram.
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {BPF_OBJECT, loadAddon} from '../../../dist/collector/native.js';
import {compileFilter} from '../../../dist/trace/filter/compile.js';
import {parseFilter} from '../../../dist/trace/filter/parse.js';

const FUNCTIONS = [
	'udp_sendmsg',
	'ip_output',
	'ip_finish_output2',
	'__dev_queue_xmit',
	'dev_hard_start_xmit',
	'enqueue_to_backlog',
	'__netif_receive_skb_one_core',
	'ip_rcv',
	'ip_local_deliver',
	'udp_rcv',
	'__udp_enqueue_schedule_skb',
	'udp_recvmsg',
];
const DATAGRAMS = 2000;
const ROUNDS = 6;
const folder = fileURLToPath(new URL('build', import.meta.url));
const tracing = '/sys/kernel/tracing';

/** Instructions of the kernel and the process a datagram. */
function flood() {
	const {stdout, status} = spawnSync(`${folder}/flood`, [String(DATAGRAMS)], {encoding: 'utf8'});
	if (status !== 0) throw new Error('flood failed');
	return Number(stdout);
}

const untraced = flood();
const rows = [];
const row = (what, traced, note = '') => rows.push([what, (traced - untraced) / FUNCTIONS.length, note]);

async function empty() {
	const child = spawn(`${folder}/empty`, [`${folder}/empty.bpf.o`, ...FUNCTIONS], {stdio: ['pipe', 'pipe', 'inherit']});
	await once(child.stdout, 'data');
	row('empty fentry + fexit: the floor', flood());
	child.stdin.end();
	await once(child, 'exit');
}

function functionGraph() {
	writeFileSync(`${tracing}/set_ftrace_filter`, `${FUNCTIONS.join('\n')}\n`);
	writeFileSync(`${tracing}/current_tracer`, 'function_graph');
	row('ftrace function_graph, into its buffer', flood());
	writeFileSync(`${tracing}/current_tracer`, 'nop');
	writeFileSync(`${tracing}/set_ftrace_filter`, '\n');
}

async function pkttop() {
	const addon = loadAddon();
	const late = new Set(['udp_recvmsg']);
	const functions = FUNCTIONS.map((name) => ({names: [name], from: 0, late: late.has(name), pf: 0, hook: 0}));
	const filter = (text) => compileFilter(parseFilter(text)).bytes;
	const report = addon.start({
		object: BPF_OBJECT,
		backend: 'fentry',
		functions,
		marks: [],
		ring: 32 << 20,
		limit: 1 << 28,
		filter: filter(''),
	});
	const failed = report.outcomes.find(({error}) => error !== '');
	if (report.error !== '' || failed) throw new Error(report.error || `${failed.name}: ${failed.error}`);
	const run = async (what, text, emits) => {
		addon.setFilter(filter(text));
		const before = addon.losses();
		const traced = flood();
		const calls = DATAGRAMS * ROUNDS * FUNCTIONS.length;
		const counts = () => addon.losses().map((count, i) => count - before[i]);
		// The reader thread looks every 10 ms: what it has not yet seen is in the ring.
		for (let tries = 0; emits && tries < 100 && Number(counts()[0]) < calls; tries++) await pause(10);
		const [emitted, ...lost] = counts();
		const losses = lost.reduce((sum, count) => sum + count, 0n);
		if (losses !== 0n || Number(emitted) !== (emits ? calls : 0)) {
			throw new Error(`${what}: ${emitted} records of ${emits ? calls : 0}, ${losses} lost`);
		}
		row(`pkttop: ${what}`, traced, emits ? `${emitted} records, 0 lost` : 'no record');
	};
	await run('everything recorded, no filter', '', true);
	await run('everything recorded, filter udp and host 127.0.0.1', 'udp and host 127.0.0.1', true);
	await run('filter rejects: tcp', 'tcp', false);
	await run('filter rejects: udp port 9', 'udp port 9', false);
	for (let fn = 0; fn < FUNCTIONS.length; fn++) addon.setSwitch(fn, false);
	await run('switched off at run time', '', false);
	addon.stop();
}

await empty();
functionGraph();
await pkttop();
console.log(
	`guest instructions a call, ${FUNCTIONS.length} functions of the UDP loopback path; a datagram untraced: ${untraced}`,
);
for (const [what, each, note] of rows) console.log(`${each.toFixed(0).padStart(7)}  ${what}${note && ` (${note})`}`);
