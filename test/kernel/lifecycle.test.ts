/** From start to end: whose rights pkttop has, how it ends on every signal, and that nothing stays in the kernel. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {after} from 'node:test';
import {BACK_WITHIN, becomes, here, inKernel} from './support/net.js';
import {FEW, FUNCTIONS, lost, Pkttop, parse, run, type Trace} from './support/pkttop.js';

const NOBODY = 65534;
const folder = mkdtempSync(join(tmpdir(), 'pkttop-test-'));
chmodSync(folder, 0o777);
after(() => rmSync(folder, {recursive: true}));

/** Within what the kernel may take to let go of all probes. */
const gone = () => becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);

test('as sudo starts it: after attaching it is the user, without capabilities, and all still works', async () => {
	const session = join(folder, 'user.ptt');
	const log = join(folder, 'user.log');
	const env = {SUDO_UID: String(NOBODY), SUDO_GID: String(NOBODY), SUDO_USER: 'nobody'};
	const pkttop = new Pkttop(['--plain', '-o', log, '-w', session, 'udp port 30095'], {env});
	await pkttop.tracing();
	for (const thread of readdirSync(`/proc/${pkttop.pid}/task`)) {
		const status = readFileSync(`/proc/${pkttop.pid}/task/${thread}/status`, 'utf8');
		assert.match(status, new RegExp(`^Uid:(\\t${NOBODY}){4}$`, 'm'));
		assert.match(status, new RegExp(`^Gid:(\\t${NOBODY}){4}$`, 'm'));
		for (const set of ['Inh', 'Prm', 'Eff', 'Amb']) assert.match(status, new RegExp(`^Cap${set}:\\t0+$`, 'm'));
		assert.match(status, /^NoNewPrivs:\t1$/m);
	}
	await here('echo-udp', '127.0.0.1', 30095, 10);
	const result = await pkttop.stop();
	assert.equal(result.code, 130);
	assert.match(
		result.stderr,
		/\npkttop: \d+ blocks, \d+ events, \d+ lost \(ring 0, depth 0, storage 0, .*\), attached \d+ of \d+ in \d+ ms(, a traced call costs .*)?\n$/,
	);
	for (const file of [session, log]) assert.equal(statSync(file).uid, NOBODY, `${file} belongs to the user`);
	const text = readFileSync(log, 'utf8');
	const lines = text.split('\n').filter((line) => /^\d+ /.test(line));
	assert.ok(lines.length > 40 && lines.every((line) => line.includes(':30095')), text);
	assert.match(text, /\n# \d+ events, \d+ lost\n$/);
	await gone();

	// The recording shows the same, without root.
	const replay = await run(['-r', session, '--plain'], {uid: NOBODY});
	assert.equal(replay.code, 0, replay.stderr);
	const sorted = (log: string) =>
		log
			.split('\n')
			.map((line) => line.replace(/^\d+ /, ''))
			.sort();
	assert.deepEqual(sorted(replay.stdout), sorted(text));
	const six = await run(['-r', session, '--json', 'ip6'], {uid: NOBODY});
	assert.deepEqual(parse(six).calls, []);
});

test('each signal ends it with its code, complete up to there; nothing stays behind', async () => {
	for (const [signal, code] of [
		['SIGTERM', 143],
		['SIGHUP', 129],
	] as const) {
		const pkttop = new Pkttop(['--json', ...FEW, 'udp port 30096']);
		await pkttop.tracing();
		await here('echo-udp', '127.0.0.1', 30096, 5);
		const told = performance.now();
		const result = parse(await pkttop.stop(signal));
		const late = performance.now() - told;
		assert.equal(result.code, code);
		assert.ok(late < BACK_WITHIN, `the prompt came back after ${late} ms`);
		const datagrams = result.lines.filter(({fn}) => fn === (FUNCTIONS ? 'udp_rcv' : 'netif_receive_skb'));
		assert.ok(datagrams.length >= 10, `${datagrams.length} of 10 datagrams`);
		assert.equal(lost(result.summary), 0);
	}
	await gone();
});

test('SIGKILL leaves no program and no link in the kernel', async () => {
	const pkttop = new Pkttop(['--plain']);
	await pkttop.tracing();
	assert.ok(inKernel().length > 10);
	await pkttop.stop('SIGKILL');
	await gone();
});

test('a reader that goes away ends it quietly', async () => {
	const pkttop = new Pkttop(['--plain', ...FEW, 'udp port 30097']);
	await pkttop.tracing();
	pkttop.child.stdout?.destroy();
	await here('echo-udp', '127.0.0.1', 30097, 5);
	const result = await pkttop.end();
	assert.equal(result.code, 0, result.stderr);
	assert.doesNotMatch(result.stderr, /EPIPE|Error/);
	await gone();
});

test('-c ends after that many blocks, -d after that time', async () => {
	const counted = new Pkttop(['--json', ...FEW, '-c', '3', 'udp port 30098']);
	await counted.tracing();
	await here('echo-udp', '127.0.0.1', 30098, 10);
	const result = parse(await counted.end());
	assert.equal(result.code, 0);
	assert.equal(result.summary.blocks, 3);
	const roots = result.lines.filter(({type, depth}) => type !== 'function' && type !== 'summary' && depth === 0);
	assert.equal(roots.length, 3);
	const timed = await run(['--plain', ...FEW, '-d', '0.5']);
	assert.equal(timed.code, 0, timed.stderr);
	assert.match(timed.stdout, /# \d+ events, 0 lost\n$/);
});

test('--demo shows its own traffic over both families', async () => {
	const pkttop = new Pkttop(['--json', '--demo', 'port 30091']);
	const enough = () => /"family":6,"proto":"tcp"/.test(pkttop.stdout) && /"family":4,"proto":"udp"/.test(pkttop.stdout);
	await pkttop.until(enough);
	const result: Trace = parse(await pkttop.stop());
	const {ring, depth, storage} = result.summary.lost ?? {};
	assert.deepEqual([ring, depth, storage], [0, 0, 0]);
	const names = new Set(result.lines.map(({comm}) => comm));
	assert.ok(names.has('demo-client') || names.has('demo-server'), `tasks: ${[...names]}`);
	await gone();
});

/** A process that waits in recvfrom (45 on x86-64). */
async function waiting(script: string): Promise<ChildProcess> {
	const child = spawn('python3', ['-c', script], {stdio: ['ignore', 'ignore', 'inherit']});
	const call = () => readFileSync(`/proc/${child.pid}/syscall`, 'utf8');
	await becomes(() => call().startsWith('45 '), `it does not wait: ${call()}`);
	return child;
}

if (FUNCTIONS) {
	test('a call that waits when the session ends is reported as open', async () => {
		const pkttop = new Pkttop(['--json', ...FEW, 'udp port 30099']);
		await pkttop.tracing();
		const script =
			"import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('127.0.0.1', 30099))\ns.recv(9)";
		const child = await waiting(script);
		const result = parse(await pkttop.stop());
		child.kill('SIGKILL');
		const open = result.calls.filter(({end}) => end === undefined);
		assert.deepEqual(
			open.map(({fn, depth, pid, sport}) => ({fn, depth, pid, sport})),
			[
				{fn: 'inet_recvmsg', depth: 0, pid: child.pid, sport: 30099},
				{fn: 'udp_recvmsg', depth: 1, pid: child.pid, sport: 30099},
			],
		);
	});
}

test('a session file that was cut off shows what is whole, and says so', async () => {
	const session = join(folder, 'cut.ptt');
	const pkttop = new Pkttop(['--plain', ...FEW, '-w', session, 'udp port 30100']);
	await pkttop.tracing();
	await here('echo-udp', '127.0.0.1', 30100, 10);
	await pkttop.stop();
	const bytes = readFileSync(session);
	const cut = join(folder, 'cut-short.ptt');
	writeFileSync(cut, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
	const result = await run(['-r', cut, '--plain'], {uid: NOBODY});
	assert.equal(result.code, 1);
	assert.match(result.stderr, /^pkttop: .*cut-short\.ptt: .*\n$/);
	assert.match(result.stdout, /^1 \d\d:/);
});
