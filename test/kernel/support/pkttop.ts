/** Runs the built pkttop as a user would, with traffic at the right moment, and reads what it said. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import test, {type TestContext} from 'node:test';
import {installed} from './installed.js';

export const MAIN = join(installed(), 'dist/main.js');

/** Where the test runs: this machine's own kernel refuses functions, those of the VMs do not. */
export const ON = process.env.PKTTOP_TEST_ON ?? 'host';
export const FUNCTIONS = ON !== 'host';
/** Netfilter programs came with Linux 6.4. */
export const HOOKS = ON !== '6.1' && ON !== '5.10';

/** The backends for functions, and those that must work here, in the order of preference. */
export const ALL_BACKENDS = ['fsession', 'fentry', 'kprobe-session', 'kprobe-multi', 'kprobe'] as const;
const EXIST: Readonly<Record<string, readonly string[]>> = {
	'7.2': ALL_BACKENDS,
	'6.12': ['fentry', 'kprobe-session', 'kprobe-multi', 'kprobe'],
	'6.1': ['fentry', 'kprobe'],
	'5.10': ['fentry', 'kprobe'],
	host: [],
};
export const BACKENDS = EXIST[ON] ?? assert.fail(`no list of backends for ${ON}`);
/** The one that attaches and detaches in the shortest time. */
export const QUICKEST =
	['fsession', 'kprobe-session', 'fentry'].find((name) => BACKENDS.includes(name)) ?? 'tracepoint';

/**
 * Arguments for a few functions, which every backend attaches in a second or two, without numbers of packets, which take
 * as long again; where functions are refused, none.
 */
const NAMES = [
	'udp_sendmsg',
	'__dev_queue_xmit',
	'ip_rcv',
	'ip_local_deliver',
	'udp_rcv',
	'inet_recvmsg',
	'udp_recvmsg',
];
export const FEW = FUNCTIONS ? [...NAMES.flatMap((name) => ['-f', name]), '--no-identity'] : [];

/** Milliseconds for what takes an emulated machine seconds. */
const LIMIT = 120_000;

export interface Line {
	readonly type: string;
	readonly fn: string;
	readonly begin: number;
	readonly end?: number;
	readonly at?: number;
	readonly duration?: number;
	readonly self?: number;
	readonly depth: number;
	readonly block?: number;
	readonly under?: string;
	readonly pid?: number;
	readonly comm?: string;
	readonly cpu: number;
	readonly context: string;
	readonly family?: number;
	readonly proto?: string;
	readonly src?: string;
	readonly dst?: string;
	readonly sport?: number;
	readonly dport?: number;
	readonly ifname?: string;
	readonly flags?: string;
	readonly len?: number;
	readonly state?: string;
	readonly newstate?: string;
	readonly cwnd?: number;
	readonly newcwnd?: number;
	readonly netns?: number;
	readonly calls: number;
	readonly reason?: string;
	readonly packet?: number;
	readonly fate?: string;
	readonly functions?: number;
	readonly queues?: number;
	readonly between?: number;
	readonly queue?: string;
	readonly of?: number;
	readonly how?: string;
	readonly seq?: number;
	readonly blocks?: number;
	readonly events?: number;
	readonly lost?: Readonly<Record<string, number>>;
	readonly attached?: number;
	readonly attach_ms?: number;
	readonly probe_cost_ns?: number;
	readonly probe_inside_ns?: number;
	readonly corrected?: boolean;
	readonly wanted?: number;
	readonly backend?: string;
}

export interface Run {
	/** undefined when a signal ended it. */
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Options {
	readonly env?: NodeJS.ProcessEnv;
	readonly uid?: number;
	readonly cwd?: string;
	/** In a session of its own, whose number is its pid. */
	readonly detached?: boolean;
	/** Packets have numbers, in `trace`: what that takes to attach would double the time of most tests. */
	readonly numbers?: boolean;
	/** Name of the network namespace in which it runs. */
	readonly netns?: string;
}

export class Pkttop {
	readonly child: ChildProcess;
	private out = '';
	private err = '';
	private readonly ended: Promise<unknown[]>;

	constructor(args: readonly string[], options: Options = {}) {
		const {uid, cwd = '/tmp', env = {}, detached = false, netns} = options;
		const [file = '', ...rest] = [...(netns === undefined ? [] : ['ip', 'netns', 'exec', netns]), process.execPath];
		this.child = spawn(file, [...rest, MAIN, ...args], {
			cwd,
			env: {...process.env, ...env},
			stdio: ['ignore', 'pipe', 'pipe'],
			detached,
			...(uid === undefined ? {} : {uid, gid: uid}),
		});
		this.child.stdout?.on('data', (bytes) => {
			this.out += bytes;
		});
		this.child.stderr?.on('data', (bytes) => {
			this.err += bytes;
		});
		this.ended = once(this.child, 'close');
	}

	get pid(): number {
		return this.child.pid as number;
	}

	get stdout(): string {
		return this.out;
	}

	get stderr(): string {
		return this.err;
	}

	/** Until `condition` holds for what it has said so far. */
	async until(condition: () => boolean): Promise<void> {
		const {stdout, stderr} = this.child;
		if (!stdout || !stderr) throw new Error('no pipes');
		while (!condition()) {
			assert.ok(this.child.exitCode === null && this.child.signalCode === null, `pkttop ended early: ${this.err}`);
			const ended = new AbortController();
			const {signal} = ended;
			try {
				await Promise.race([once(stdout, 'data', {signal}), once(stderr, 'data', {signal}), this.ended]);
			} finally {
				ended.abort();
			}
		}
	}

	/** Until events flow. */
	tracing(): Promise<void> {
		return this.until(() => /^pkttop: tracing/m.test(this.err));
	}

	/** What it said and how it ended, once it has. Kills it when that takes too long. */
	async end(): Promise<Run> {
		const timer = setTimeout(() => this.child.kill('SIGKILL'), LIMIT);
		const [code, signal] = (await this.ended) as [number | null, NodeJS.Signals | null];
		clearTimeout(timer);
		return {code, signal, stdout: this.out, stderr: this.err};
	}

	stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Run> {
		this.child.kill(signal);
		return this.end();
	}
}

/** A run from the command line to its end without traffic. */
export function run(args: readonly string[], options?: Options): Promise<Run> {
	return new Pkttop(args, options).end();
}

export interface Trace extends Run {
	readonly lines: readonly Line[];
	readonly calls: readonly Line[];
	readonly marks: readonly Line[];
	readonly summary: Line;
	/** Calls of a function by the kernel's histogram. */
	count(fn: string): number;
}

/** The JSON lines of a run while `traffic` goes on. What it starts with is what `tracing` said. */
export async function trace(
	args: readonly string[],
	traffic: (pkttop: Pkttop) => Promise<void>,
	options: Options = {},
): Promise<Trace> {
	const pkttop = new Pkttop(['--json', ...(options.numbers === true ? [] : ['--no-identity']), ...args], options);
	try {
		await pkttop.tracing();
		await traffic(pkttop);
	} catch (error) {
		pkttop.child.kill('SIGKILL');
		throw error;
	}
	return parse(await pkttop.stop());
}

export function parse(result: Run): Trace {
	const lines = result.stdout
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as Line);
	const summary = lines.at(-1);
	assert.equal(summary?.type, 'summary', `exit code ${result.code}, ${result.signal}: ${result.stderr}`);
	skipped += summary?.lost?.recursion ?? 0;
	const counts = new Map(lines.filter(({type}) => type === 'function').map(({fn, calls}) => [fn, calls]));
	return {
		...result,
		lines,
		calls: lines.filter(({type}) => type === 'call'),
		marks: lines.filter(({type}) => type === 'mark' || type === 'drop'),
		summary: summary as Line,
		count: (fn) => {
			const count = counts.get(fn);
			assert.ok(count !== undefined, `${fn} is not traced`);
			return count;
		},
	};
}

/** Probes that the kernel skipped in the runs of the attempt that is going on. */
let skipped = 0;

/**
 * A test of exact counts. The kernel skips a probe when packets come by an interrupt, or to another task, while a probe
 * runs on that CPU, and counts it: what was asserted then is asserted of a new attempt, at most twice.
 */
export function exact(name: string, body: (t: TestContext) => Promise<void>): void {
	test(name, async (t) => {
		for (let left = 2; ; left--) {
			skipped = 0;
			try {
				return await body(t);
			} catch (error) {
				if (skipped === 0 || left === 0) throw error;
				t.diagnostic(`once more: the kernel skipped ${skipped} probes`);
			}
		}
	});
}

/** How many records pkttop lost; what the kernel skipped is not among them. */
export function lost({lost: {recursion = 0, ...losses} = {}}: Line): number {
	return Object.values(losses).reduce((sum, count) => sum + count, 0);
}
