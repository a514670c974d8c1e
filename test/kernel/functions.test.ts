/** -f on a real kernel: copies that BTF does not have, functions of modules that come and go, and what is refused. */
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {becomes, inKernel, Namespace} from './support/net.js';
import {BACKENDS, exact, FUNCTIONS, lost, ON, Pkttop, parse, run, type Trace, trace} from './support/pkttop.js';
import {checkStructure, nesting} from './support/structure.js';

const DATAGRAMS = 10;
/** Types of modules came with Linux 5.11. */
const MODULES = ON !== '5.10';

const has = (name: string) => new RegExp(` [tT] ${name}$`, 'm').test(readFileSync('/proc/kallsyms', 'latin1'));
/** What a function is called in this kernel: its copy where the compiler made one. */
const symbol = (name: string) => (has(`${name}\\.constprop\\.0`) ? `${name}.constprop.0` : name);

async function onLoopback(backend: string): Promise<void> {
	const namespace = new Namespace();
	const worker = await namespace.worker();
	try {
		const [core, finish] = [symbol('__netif_receive_skb_core'), symbol('ip_rcv_finish_core')];
		const before = namespace.counters();
		const wanted = [core, finish, 'ip_rcv'];
		const args = ['--backend', backend, '--netns', namespace.name, ...wanted.flatMap((name) => ['-f', name])];
		const result = await trace(args, async () => {
			await worker.traffic('echo-udp', '127.0.0.1', 30121, DATAGRAMS);
			await worker.traffic('echo-udp', '::1', 30121, DATAGRAMS);
		});
		const received = namespace.counters().since(before, 'IpInReceives');
		assert.equal(received, 2 * DATAGRAMS);
		assert.equal(result.summary.attached, 3, result.stderr);
		const copies = [core, finish].some((name) => name.includes('.'));
		const used = (result.summary.backend ?? '').split('+');
		assert.equal(used.length, copies && backend === 'auto' ? 2 : 1, `attached by ${used}`);
		const four = (fn: string) => result.calls.filter((call) => call.fn === fn && call.family === 4);
		for (const fn of wanted) {
			assert.equal(four(fn).length, received, fn);
			for (const {src, dst, sport, dport, ifname, proto, end} of four(fn)) {
				assert.deepEqual([src, dst, ifname, proto], ['127.0.0.1', '127.0.0.1', 'lo', 'udp'], fn);
				assert.ok(sport === 30121 || dport === 30121, `ports of ${fn}: ${sport} and ${dport}`);
				assert.notEqual(end, undefined);
			}
		}
		assert.equal(result.count(core), 2 * received, 'both families pass there');
		// The one calls ip_rcv after the other has said that IP is to have the packet.
		const pairs = nesting(result, ({family}) => family === 4);
		assert.deepEqual(
			[...pairs].sort(),
			[
				[`> ${core}`, received],
				['> ip_rcv', received],
				[`ip_rcv > ${finish}`, received],
			].sort(),
		);
		assert.equal(lost(result.summary), 0);
		checkStructure(result);
	} finally {
		await worker.end();
		namespace.remove();
	}
}

if (FUNCTIONS) {
	for (const backend of BACKENDS.includes('kprobe-session') ? ['auto', 'kprobe'] : ['auto']) {
		exact(`copies that only kprobes reach, beside others, by ${backend}: each IPv4 packet once`, () =>
			onLoopback(backend),
		);
	}
}

/** A module for each backend, whose functions it holds on to, with a function that takes packets. */
const HELD: Readonly<Record<string, readonly [module: string, fn: string]>> = {
	fsession: ['sch_tbf', 'tbf_enqueue'],
	fentry: ['sch_prio', 'prio_enqueue'],
	'kprobe-session': ['sch_sfq', 'sfq_enqueue'],
	'kprobe-multi': ['sch_red', 'red_enqueue'],
	kprobe: ['sch_netem', 'netem_enqueue'],
};

if (FUNCTIONS && MODULES) {
	exact('functions of modules, by every backend at once, while modules come and go', async (t) => {
		for (const name of ['veth', ...BACKENDS.map((backend) => HELD[backend]?.[0] ?? '')]) {
			execFileSync('modprobe', [name]);
		}
		const [a, b] = [new Namespace(), new Namespace()];
		const worker = await a.worker();
		const running = new Map<string, Pkttop>();
		const results = new Map<string, Trace>();
		try {
			a.connect(b, 'veth-a', 'veth-b', [['10.30.121.1/24', '10.30.121.2/24']]);
			const close = await b.serve('serve-udp', '10.30.121.2', 30122);
			for (const backend of BACKENDS) {
				const fn = HELD[backend]?.[1] as string;
				const args = ['--json', '--backend', backend, '-f', 'veth_xmit', '-f', fn, 'udp port 30122'];
				running.set(backend, new Pkttop(args));
			}
			for (const pkttop of running.values()) await pkttop.tracing();
			const exchange = () => worker.traffic('client-udp', '10.30.121.2', 30122, DATAGRAMS);
			await exchange();
			execFileSync('modprobe', ['sch_drr']);
			await exchange();
			execFileSync('rmmod', ['sch_drr']);
			for (const backend of BACKENDS) {
				const {status, stderr} = spawnSync('rmmod', [HELD[backend]?.[0] as string]);
				t.diagnostic(`rmmod of a module traced by ${backend}: ${status === 0 ? 'gone' : stderr.toString().trim()}`);
			}
			await exchange();
			await close();
			for (const [backend, pkttop] of running) results.set(backend, parse(await pkttop.stop()));
		} finally {
			for (const pkttop of running.values()) pkttop.child.kill('SIGKILL');
			await worker.end();
			a.remove();
			b.remove();
		}
		for (const [backend, result] of results) {
			assert.equal(result.code, 130, result.stderr);
			assert.equal(result.summary.attached, 2, `${backend}: ${result.stderr}`);
			assert.equal(result.summary.backend, backend);
			assert.equal(result.count('veth_xmit'), 6 * DATAGRAMS, backend);
			const sent = result.calls.filter(({fn, src}) => fn === 'veth_xmit' && src === '10.30.121.1');
			assert.equal(sent.length, 3 * DATAGRAMS);
			assert.ok(
				sent.every(({ifname}) => ifname === 'veth-a'),
				`devices: ${new Set(sent.map(({ifname}) => ifname))}`,
			);
			assert.equal(lost(result.summary), 0);
			checkStructure(result);
		}
		await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);
	});
}

/** What -f says of a pattern that means nothing. */
const REFUSED: readonly (readonly [pattern: string, line: RegExp])[] = [
	['no_such_function', /'no_such_function' is no function of this kernel/],
	['no_such_*', /'no_such_\*' matches no function of this kernel/],
	['bpf_skb_load_bytes', /'bpf_skb_load_bytes' must not be probed: it is a part of BPF/],
	['do_exit', /'do_exit' has no argument that tells about a packet or a socket/],
	['ip_rcv.nobody.0', /'ip_rcv\.nobody\.0' is a compiler's copy of a function, whose arguments nobody describes/],
	...(MODULES ? [] : [['veth_xmit', /'veth_xmit' is no function of this kernel/] as const]),
];

test('what -f cannot mean is said in one line each, with exit code 2, and nothing is attached', async () => {
	// Each by itself takes an emulated machine seconds.
	for (const some of FUNCTIONS ? [REFUSED] : REFUSED.map((one) => [one])) {
		const {code, stdout, stderr} = await run(['--json', ...some.flatMap(([pattern]) => ['-f', pattern])]);
		const lines = stderr.split('\n');
		assert.equal(lines.pop(), '');
		assert.equal(lines.length, some.length, stderr);
		for (const [k, [, line]] of some.entries()) assert.match(lines[k] as string, line);
		assert.equal(stdout, '');
		assert.equal(code, 2);
	}
	await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);
});
