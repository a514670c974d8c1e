/** Other tracers at the same functions, who come and go while calls are open and packets flow. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {becomes, inKernel, Namespace} from './support/net.js';
import {BACKENDS, FUNCTIONS, lost, ON, Pkttop, parse, QUICKEST, type Trace} from './support/pkttop.js';
import {checkStructure} from './support/structure.js';

const TRACED = ['udp_sendmsg', 'udp_recvmsg', 'udp_rcv', 'ip_rcv', 'ip_output'];
const PORT = 30131;

/** bpftrace counts begins and ends of the traced functions until it gets SIGINT. */
class Bpftrace {
	private readonly child: ChildProcess;
	private out = '';
	private readonly ended: Promise<unknown>;

	constructor(begin: string, end: string) {
		const each = (kind: string) => TRACED.map((fn) => `${kind}:${fn}`).join(',');
		const program = `${each(begin)} { @b = count(); } ${each(end)} { @e = count(); } BEGIN { printf("up\\n"); }`;
		this.child = spawn('bpftrace', ['-e', program], {stdio: ['ignore', 'pipe', 'inherit']});
		this.child.stdout?.on('data', (bytes) => {
			this.out += bytes;
		});
		this.ended = once(this.child, 'close');
	}

	/** Attached, and it has counted for as long as `condition` took to hold. */
	async counting(condition: () => Promise<void>): Promise<void> {
		await becomes(() => /^up$/m.test(this.out), `bpftrace says ${this.out}`);
		await condition();
	}

	/** How many begins and ends it saw. */
	async end(): Promise<[number, number]> {
		this.child.kill('SIGINT');
		await this.ended;
		const count = (name: string) => Number(new RegExp(`^@${name}: (\\d+)$`, 'm').exec(this.out)?.[1]);
		return [count('b'), count('e')];
	}

	kill(): void {
		this.child.kill('SIGKILL');
	}
}

/** A process that waits in recv() for the one datagram that ends it. */
function receiver(namespace: Namespace): ChildProcess {
	const script = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', ${PORT + 1}))
s.recv(99)`;
	return spawn('ip', ['netns', 'exec', namespace.name, 'python3', '-c', script], {stdio: 'inherit'});
}

const waits = ({pid}: ChildProcess) => /wait|recv|schedule|skb/.test(readFileSync(`/proc/${pid}/wchan`, 'utf8'));

function check(backend: string, {calls, summary, ...result}: Trace, grown: (name: string) => number): void {
	assert.equal(result.code, 130, result.stderr);
	assert.equal(summary.attached, TRACED.length);
	const recorded = (fn: string) => calls.filter((call) => call.fn === fn).length;
	for (const [fn, counter] of [
		['ip_rcv', 'IpInReceives'],
		['udp_rcv', 'UdpInDatagrams'],
		['ip_output', 'IpOutRequests'],
		['udp_sendmsg', 'UdpOutDatagrams'],
	] as const) {
		assert.equal(recorded(fn), grown(counter), `${fn} by ${backend} against ${counter}`);
		// The histogram knows calls that have ended: what the kernel skipped is open in the trace.
		const ended = calls.filter((call) => call.fn === fn && call.end !== undefined).length;
		assert.equal(result.count(fn), ended, `ended calls of ${fn} by ${backend}`);
	}
	const {end = 0, ...other} = summary.lost ?? {};
	assert.equal(lost({...summary, lost: other}), 0, JSON.stringify(summary));
	const open = calls.filter((call) => call.end === undefined).length;
	// Ends that were skipped, and the recv() of the receiver, which began before the tracers came.
	assert.ok(open <= 50, `${open} calls of ${calls.length} have no end by ${backend}, and ${end} more were lost`);
	checkStructure({calls, summary, ...result});
}

if (FUNCTIONS) {
	test('tracers attach and detach at functions with open calls: every call is counted, none is believed ended', async (t) => {
		const namespace = new Namespace();
		const worker = await namespace.worker();
		const children: {kill(): void}[] = [];
		const first = [...new Set([QUICKEST, 'fentry', 'kprobe'])];
		const start = (backend: string): Pkttop => {
			const args = ['--json', '--backend', backend, '--netns', namespace.name];
			const pkttop = new Pkttop([...args, ...TRACED.flatMap((fn) => ['-f', fn])]);
			children.push({kill: () => pkttop.child.kill('SIGKILL')});
			return pkttop;
		};
		try {
			const running = new Map(first.map((backend) => [backend, start(backend)]));
			for (const pkttop of running.values()) await pkttop.tracing();
			const before = namespace.counters();
			const blocked = receiver(namespace);
			children.push(blocked);
			const ended = once(blocked, 'exit');
			await becomes(() => waits(blocked), 'nobody waits in recv()');
			const calm = await namespace.serve('flood-udp', '127.0.0.1', 0, 2);
			const more = async () => {
				const now = namespace.counters().get('IpInReceives');
				await becomes(() => namespace.counters().get('IpInReceives') > now + 50, 'no packets flow');
			};
			// The other tracers: pkttop itself by every way, bpftrace by both kinds of probes.
			for (const backend of BACKENDS) {
				const t0 = Date.now();
				const other = start(backend);
				await other.tracing();
				const t1 = Date.now();
				await more();
				const t2 = Date.now();
				const {code, stderr} = await other.stop();
				t.diagnostic(`${backend} start ${t1 - t0} more ${t2 - t1} stop ${Date.now() - t2}`);
				assert.equal(code, 130, stderr);
			}
			// This bpftrace does not take kfunc on 5.10.
			for (const [begin, end] of ON === '5.10'
				? ([['kprobe', 'kretprobe']] as const)
				: ([
						['kfunc', 'kretfunc'],
						['kprobe', 'kretprobe'],
					] as const)) {
				const other = new Bpftrace(begin, end);
				children.push(other);
				const t0 = Date.now();
				await other.counting(more);
				const t1 = Date.now();
				const [begins, ends] = await other.end();
				t.diagnostic(`bpftrace ${t1 - t0} stop ${Date.now() - t1}`);
				t.diagnostic(`bpftrace ${begin}: ${begins} begins, ${ends} ends`);
				assert.ok(begins > 100 && Math.abs(begins - ends) < 50, `${begins} begins and ${ends} ends`);
			}
			await calm();
			await worker.traffic('send-udp', '127.0.0.1', PORT + 1, 1);
			assert.deepEqual(await ended, [0, null]);
			await worker.traffic('echo-udp', '127.0.0.1', 0, 5);
			const after = namespace.counters();
			for (const [backend, pkttop] of running) {
				const result = parse(await pkttop.stop());
				const open = result.calls.filter((call) => call.end === undefined).length;
				t.diagnostic(`${backend}: ${result.calls.length} calls, ${open} open, ${JSON.stringify(result.summary.lost)}`);
				check(backend, result, (name) => after.since(before, name));
			}
		} finally {
			for (const child of children) child.kill();
			await worker.end();
			namespace.remove();
		}
		await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);
	});
}
