/** Network namespaces of a test, traffic in them, and the kernel's own counters as witness. */
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import type {Readable, Writable} from 'node:stream';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';

const TRAFFIC = fileURLToPath(new URL('traffic.js', import.meta.url));

/** ms from quitting until the shell is back, at most. An emulated CPU shared with others has no say about seconds. */
export const BACK_WITHIN = process.env.PKTTOP_TEST_ON === 'host' ? 2000 : 60_000;

/** Asks until `condition` holds. */
export async function becomes(condition: () => boolean, what: string, limit = 60_000): Promise<void> {
	for (const late = Date.now() + limit; !condition(); await pause(10)) assert.ok(Date.now() < late, what);
}

const ip = (...args: string[]) => execFileSync('ip', args, {stdio: ['ignore', 'pipe', 'pipe']}).toString();

let namespaces = 0;

/** A network namespace with its loopback device up; gone after `remove`. */
export class Namespace {
	readonly name = `pkttop-test-${process.pid}-${namespaces++}`;

	constructor() {
		ip('netns', 'add', this.name);
		this.ip('link', 'set', 'lo', 'up');
	}

	ip(...args: string[]): string {
		return ip('-n', this.name, ...args);
	}

	/** Connects two namespaces by a veth pair and gives its ends addresses, usable at once. */
	connect(other: Namespace, device: string, peer: string, addresses: readonly [string, string][]): void {
		this.ip('link', 'add', device, 'type', 'veth', 'peer', 'name', peer, 'netns', other.name);
		for (const [mine, theirs] of addresses) {
			this.ip('address', 'add', mine, 'dev', device, 'nodad');
			other.ip('address', 'add', theirs, 'dev', peer, 'nodad');
		}
		this.ip('link', 'set', device, 'up');
		other.ip('link', 'set', peer, 'up');
	}

	private read(path: string): string {
		return execFileSync('ip', ['netns', 'exec', this.name, 'cat', path]).toString();
	}

	counters(): Counters {
		return new Counters((file) => this.read(`/proc/net/${file}`));
	}

	/** Whether every TCP connection is over, its last segment processed: what is left is TIME_WAIT (06) and LISTEN (0A). */
	settled(): boolean {
		const rows = ['tcp', 'tcp6'].flatMap((file) => this.read(`/proc/net/${file}`).trim().split('\n').slice(1));
		return rows.every((row) => ['06', '0A'].includes(row.trim().split(/\s+/)[3] ?? ''));
	}

	/** Runs traffic.ts in here until it ends. Its last line must be "done". */
	async traffic(...args: (string | number)[]): Promise<void> {
		await traffic(['ip', 'netns', 'exec', this.name, process.execPath, TRAFFIC, ...args.map(String)]);
	}

	/** Starts traffic.ts in here; resolves when it says "ready". Ends it with the function returned. */
	async serve(...args: (string | number)[]): Promise<() => Promise<void>> {
		const command = ['netns', 'exec', this.name, process.execPath, TRAFFIC, ...args.map(String)];
		const child = spawn('ip', command, {stdio: ['pipe', 'pipe', 'inherit']});
		const said = await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
		assert.equal(String(said[0]), 'ready\n');
		return async () => {
			child.stdin.end();
			if (child.exitCode === null) await once(child, 'exit');
		};
	}

	/** Starts a traffic.ts in here that does one thing after the other, without a start of Node.js for each. */
	async worker(): Promise<Worker> {
		const child = spawn('ip', ['netns', 'exec', this.name, process.execPath, TRAFFIC, 'commands'], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		const worker = new Worker(child.stdin, child.stdout, once(child, 'close'));
		assert.equal(await worker.said(), 'ready');
		return worker;
	}

	/** Runs a program in here to its end. Throws with what it said when it fails. */
	run(...command: string[]): string {
		return ip('netns', 'exec', this.name, ...command);
	}

	remove(): void {
		ip('netns', 'delete', this.name);
	}
}

/** A traffic.ts that takes commands. */
export class Worker {
	private readonly lines;

	constructor(
		private readonly input: Writable,
		output: Readable,
		private readonly ended: Promise<unknown>,
	) {
		this.lines = createInterface({input: output})[Symbol.asyncIterator]();
	}

	async said(): Promise<string | undefined> {
		return (await this.lines.next()).value as string | undefined;
	}

	/** As Namespace.traffic. */
	async traffic(...args: (string | number)[]): Promise<void> {
		this.input.write(`${args.join(' ')}\n`);
		assert.equal(await this.said(), 'done');
	}

	async end(): Promise<void> {
		this.input.end();
		await this.ended;
	}

	/** Without waiting for its end. */
	stop(): void {
		this.input.end();
	}
}

/** Runs traffic.ts in the namespace of the test. */
export async function here(...args: (string | number)[]): Promise<void> {
	await traffic([process.execPath, TRAFFIC, ...args.map(String)]);
}

async function traffic([file = '', ...args]: string[]): Promise<void> {
	const child = spawn(file, args, {stdio: ['ignore', 'pipe', 'inherit']});
	let out = '';
	child.stdout.on('data', (bytes) => {
		out += bytes;
	});
	await once(child, 'close');
	assert.match(out, /done\n$/);
}

/** /proc/net/snmp, snmp6 and netstat at one moment. */
export class Counters {
	private readonly values = new Map<string, number>();

	constructor(read: (file: string) => string = (file) => readFileSync(`/proc/net/${file}`, 'utf8')) {
		for (const file of ['snmp', 'netstat']) {
			const lines = read(file).trim().split('\n');
			for (let i = 0; i + 1 < lines.length; i += 2) {
				const [group = '', ...names] = (lines[i] as string).split(' ');
				const [, ...values] = (lines[i + 1] as string).split(' ');
				for (const [k, name] of names.entries()) this.values.set(group.replace(':', '') + name, Number(values[k]));
			}
		}
		for (const line of read('snmp6').trim().split('\n')) {
			const [name = '', value] = line.split(/\s+/);
			this.values.set(name, Number(value));
		}
	}

	/** Group and name written together: IpInReceives, TcpInSegs, Udp6InDatagrams. */
	get(name: string): number {
		const value = this.values.get(name);
		assert.ok(value !== undefined, `no counter ${name}`);
		return value;
	}

	/** How much a counter grew since. */
	since(before: Counters, name: string): number {
		return this.get(name) - before.get(name);
	}
}

/** Programs and links of pkttop in the kernel, by the kernel's own list. */
export function inKernel(): string[] {
	const programs = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'list']).toString()) as {name?: string}[];
	return programs.flatMap(({name = ''}) => (name.startsWith('pkttop_') ? [name] : []));
}
