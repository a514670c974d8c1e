/** Another tracer that comes and goes at the functions that pkttop traces, while calls are open there. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {becomes, inKernel, Namespace} from './support/net.js';
import {BACKENDS, exact, FUNCTIONS, lost, ON, Pkttop, parse} from './support/pkttop.js';
import {checkStructure} from './support/structure.js';

const DATAGRAMS = 10;
/** The kinds of probes that bpftrace has: it refuses the trampolines of 5.10, whose modules have no BTF. */
const [ONE, OTHER] = ON === '5.10' ? ['probe', 'probe'] : ['probe', 'func'];
/** Entry and return of a function, counted together as `count`, or each by the name of its kind. */
const both = (kind: string, fn: string, count?: string): string =>
	['k', 'kret'].map((end) => `${end}${kind}:${fn} { @${count ?? `${end}${kind}`} = count(); }\n`).join('');
const SCRIPT = [
	both(ONE, 'udp_rcv'),
	ONE === OTHER ? '' : both(OTHER, 'udp_sendmsg'),
	both(ONE, 'udp_recvmsg', 'open'),
	both(OTHER, 'inet_recvmsg', 'open'),
	'BEGIN { printf("attached\\n"); }',
].join('');
const COUNTED = [...new Set([ONE, OTHER])].flatMap((kind) => [`k${kind}`, `kret${kind}`]);

/** bpftrace with that script, attached. */
class Other {
	private out = '';
	readonly child: ChildProcess;
	private readonly ended: Promise<unknown[]>;

	constructor() {
		this.child = spawn('bpftrace', ['-e', SCRIPT], {stdio: ['ignore', 'pipe', 'pipe']});
		for (const stream of [this.child.stdout, this.child.stderr]) {
			stream?.on('data', (bytes) => {
				this.out += bytes;
			});
		}
		this.ended = once(this.child, 'close');
	}

	/** Its compiler takes a while on an emulated machine. */
	async attached(): Promise<void> {
		const attached = () => this.out.includes('attached\n') || this.child.exitCode !== null;
		await becomes(attached, `bpftrace: ${this.out}`, 180_000);
		assert.equal(this.child.exitCode, null, this.out);
	}

	/** Its counts, by their names. */
	async stop(): Promise<Map<string, number>> {
		// bpftrace 0.17 heeds a signal only while it waits for events: one that comes between two waits must come again.
		this.child.kill('SIGINT');
		const again = setInterval(() => this.child.kill('SIGINT'), 2000);
		await this.ended;
		clearInterval(again);
		return new Map([...this.out.matchAll(/^@(\w+): (\d+)$/gm)].map(([, name = '', count]) => [name, Number(count)]));
	}
}

/** Reads, always waiting in the kernel, and says what, until that is `end`. */
const READER = `
import socket
reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
reader.bind(('127.0.0.1', 30145))
print('ready', flush=True)
text = ''
while text != 'end':
    text = reader.recv(99).decode()
    print(text, flush=True)`;
const SEND = (what: string) =>
	`import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'${what}', ('127.0.0.1', 30145))`;

/** Runs a Python program in the namespace to its end. */
async function run(namespace: Namespace, program: string): Promise<void> {
	const child = spawn('ip', ['netns', 'exec', namespace.name, 'python3', '-c', program], {stdio: 'inherit'});
	const [code] = (await once(child, 'close')) as [number | null];
	assert.equal(code, 0);
}

async function comeAndGo(backend: string): Promise<void> {
	const namespace = new Namespace();
	const worker = await namespace.worker();
	const reader = spawn('ip', ['netns', 'exec', namespace.name, 'python3', '-c', READER], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let said = '';
	reader.stdout.on('data', (bytes) => {
		said += bytes;
	});
	await becomes(() => said === 'ready\n', 'no reader');
	const args = ['--json', '--backend', backend, '-f', 'udp_*msg', '-f', 'inet_recvmsg', '-f', 'udp_rcv'];
	const pkttop = new Pkttop([...args, '--netns', namespace.name]);
	let counts: Map<string, number>;
	let other: Other | undefined;
	try {
		await pkttop.tracing();
		// The reader's call of before has no begin; from here on it waits in one that is known.
		await run(namespace, SEND('known'));
		await worker.traffic('echo-udp', '127.0.0.1', 0, DATAGRAMS);
		other = new Other();
		await other.attached();
		await worker.traffic('echo-udp', '127.0.0.1', 0, DATAGRAMS);
		// A call that began before bpftrace ends with it there, the next one begins so and ends without it.
		await run(namespace, SEND('meanwhile'));
		await becomes(() => said.includes('meanwhile'), 'the reader does not return');
		counts = await other.stop();
		await run(namespace, SEND('after'));
		await worker.traffic('echo-udp', '127.0.0.1', 0, DATAGRAMS);
		await run(namespace, SEND('end'));
		await becomes(() => said.endsWith('end\n'), 'the reader does not end');
	} catch (error) {
		pkttop.child.kill('SIGKILL');
		throw error;
	} finally {
		other?.child.kill('SIGKILL');
		reader.kill('SIGKILL');
		await worker.end();
		namespace.remove();
	}
	const result = parse(await pkttop.stop());
	// Three times there and back, and four to the reader.
	const all = 3 * 2 * DATAGRAMS + 4;
	assert.equal(result.count('udp_rcv'), all);
	assert.equal(result.count('udp_sendmsg'), all);
	assert.deepEqual(
		COUNTED.map((name) => counts.get(name)),
		COUNTED.map(() => 2 * DATAGRAMS + 1),
		'what bpftrace counted meanwhile',
	);
	// Of the reader's four calls all but the first have a begin. Where the kernel skips the end of a call because a
	// tracer came or went meanwhile, that is said, or counted.
	const reads = result.calls.filter(({fn, sport}) => fn.endsWith('_recvmsg') && sport === 30145);
	const missing = result.summary.lost?.end ?? 0;
	// One that slept was announced as open before its end was lost.
	assert.ok(reads.length <= 2 * 3 && reads.length + missing >= 2 * 3, `${reads.length} and ${missing} lost`);
	assert.equal(lost(result.summary), missing, JSON.stringify(result.summary.lost));
	if (backend !== 'fentry') assert.deepEqual([missing, reads.every(({end}) => end !== undefined)], [0, true]);
	checkStructure(result);
}

if (FUNCTIONS) {
	for (const backend of BACKENDS) {
		exact(
			`bpftrace comes and goes at what ${backend} traces: both count all, and open calls find their end`,
			async () => {
				await comeAndGo(backend);
				await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);
			},
		);
	}
}
