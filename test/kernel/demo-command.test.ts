/** `pkttop demo` as a user types it: what it says, how it ends, that nothing stays behind, and the two UDP programs. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import test from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {becomes} from './support/net.js';
import {MAIN, ON, Pkttop, run} from './support/pkttop.js';

const NOBODY = 65534;
/** ms from the start to well into the exchanges; an emulated machine is slow. */
const SPAN = ON === 'host' ? 2500 : 15_000;
const LIMIT = 60_000;
const HERE = readlinkSync('/proc/self/ns/net');

/** What `read` tells of every process; those that end meanwhile are left out. */
function ofProcesses(read: (proc: string) => string): string[] {
	return readdirSync('/proc').flatMap((name) => {
		if (!/^\d+$/.test(name)) return [];
		try {
			return [read(`/proc/${name}`)];
		} catch {
			return [];
		}
	});
}

/** A demo with whatever it starts: all are in its session, whoever is their parent by then. */
class Watched extends Pkttop {
	private readonly namespaces = new Set<string>();

	constructor(args: readonly string[], env?: NodeJS.ProcessEnv) {
		super(['demo', ...args], {detached: true, ...(env === undefined ? {} : {env})});
	}

	private processes(): string[] {
		return ofProcesses((proc) => {
			// The name, in parentheses, may hold blanks; then come state, parent, group, session.
			const session = readFileSync(`${proc}/stat`, 'utf8')
				.replace(/^.*\) /s, '')
				.split(' ')[3];
			return Number(session) === this.pid ? readlinkSync(`${proc}/ns/net`) : '';
		}).filter((inode) => inode !== '');
	}

	/** Remembers which namespaces it has by now. */
	look(): number {
		for (const inode of this.processes()) if (inode !== HERE) this.namespaces.add(inode);
		return this.namespaces.size;
	}

	async nothingLeft(when: string): Promise<void> {
		await becomes(() => this.processes().length === 0, `processes are left ${when}`, LIMIT);
		const inUse = ofProcesses((proc) => readlinkSync(`${proc}/ns/net`)).filter((inode) => this.namespaces.has(inode));
		assert.deepEqual(inUse, [], `namespaces are left ${when}`);
		const links = readdirSync('/sys/class/net').filter((name) => /^veth-(a|b|ar|ra|rb|br)$/.test(name));
		assert.deepEqual(links, [], `links are left ${when}`);
	}
}

test('all: one line for each exchange, what to run beside it, and an end with 0', async () => {
	const demo = new Watched([]);
	await demo.until(() => demo.stdout.includes('over the router'));
	assert.equal(demo.look(), 3);
	const {code, stdout, stderr} = await demo.end();
	assert.equal(stderr, '');
	assert.equal(code, 0);
	const [first, ...lines] = stdout.trim().split('\n');
	assert.equal(first, "to see it, run beside this: sudo pkttop 'net 10.30.0.0/16 or net fd30::/16 or port 30091'");
	for (const line of lines) {
		assert.match(line, /^client [\da-f.:]+ to (client|server) [\da-f.:]+( port \d+)?( over the router)?: an? /);
	}
	assert.equal(lines.length, 30);
	await demo.nothingLeft('after the end');
});

test('-d repeats a scenario for so long, a signal ends it at once, a reader that goes ends it quietly', async () => {
	const began = performance.now();
	const timed = await run(['demo', '-d', '3', 'icmp']);
	assert.equal(timed.code, 0, timed.stderr);
	assert.ok(performance.now() - began > 3000);
	assert.ok(timed.stdout.trim().split('\n').length > 3, timed.stdout);
	for (const [signal, code] of [
		['SIGINT', 130],
		['SIGTERM', 143],
		['SIGHUP', 129],
	] as const) {
		const pkttop = new Watched(['-d', '600', 'loss']);
		await pkttop.until(() => pkttop.stdout.includes('client'));
		assert.equal(pkttop.look(), 2);
		const ended = await pkttop.stop(signal);
		assert.deepEqual([ended.code, ended.stderr], [code, '']);
		await pkttop.nothingLeft(`after ${signal}`);
	}
	const cut = new Watched(['-d', '600', 'udp']);
	await cut.until(() => cut.stdout.includes('client'));
	cut.child.stdout?.destroy();
	const {code, stderr} = await cut.end();
	assert.deepEqual([code, stderr], [0, '']);
	await cut.nothingLeft('after a broken pipe');
});

test('killed at any moment it leaves no process, no namespace and no link', async () => {
	for (let i = 0; i < 8; i++) {
		const pkttop = new Watched(['-d', '600']);
		// From before the hosts are there to well into the exchanges.
		const moment = Math.floor(Math.random() * SPAN);
		await sleep(moment);
		pkttop.look();
		// Not until its pipes are closed: hosts that are left would hold them.
		const ended = once(pkttop.child, 'exit');
		pkttop.child.kill('SIGKILL');
		await ended;
		await pkttop.nothingLeft(`after SIGKILL at ${moment} ms`);
	}
});

test('it gives up root once the hosts are there', async () => {
	const env = {SUDO_UID: String(NOBODY), SUDO_GID: String(NOBODY), SUDO_USER: 'nobody'};
	const pkttop = new Watched(['-d', '600', 'udp'], env);
	await pkttop.until(() => pkttop.stdout.includes('client'));
	const status = readFileSync(`/proc/${pkttop.pid}/status`, 'utf8');
	assert.match(status, new RegExp(`^Uid:(\\t${NOBODY}){4}$`, 'm'));
	assert.match(status, /^CapEff:\t0+$/m);
	assert.equal((await pkttop.stop()).code, 130);
	await pkttop.nothingLeft('after the user ended it');
});

test('without root: one line; the UDP programs work', async () => {
	const refused = await run(['demo', 'tcp'], {uid: NOBODY});
	assert.deepEqual(
		[refused.code, refused.stdout, refused.stderr],
		[1, '', 'pkttop: demo traffic needs root for its network namespaces: type sudo pkttop demo tcp\n'],
	);
	const server = new Pkttop(['demo', 'udp-server'], {uid: NOBODY});
	await server.until(() => server.stderr !== '');
	assert.match(server.stderr, /^pkttop: echoes what comes to (::|0\.0\.0\.0) port 30091\n$/);
	const second = await run(['demo', 'udp-server'], {uid: NOBODY});
	assert.deepEqual([second.code, second.stderr], [1, 'pkttop: cannot listen at port 30091: somebody else has it\n']);
	assert.deepEqual(await client('127.0.0.1', 'one\n\nthr\u001bee\nlast'), {
		code: 0,
		out: 'one\n\nthr?ee\nlast\n',
		err: '',
	});
	assert.deepEqual(await client('127.0.0.1', 'x'.repeat(70_000)), {
		code: 1,
		out: '',
		err: 'pkttop: 127.0.0.1 port 30091: a line is too long for a datagram\n',
	});
	assert.equal((await server.stop()).code, 130);
	assert.deepEqual(await client('127.0.0.1', 'one\n'), {
		code: 1,
		out: '',
		err: 'pkttop: 127.0.0.1 port 30091: nobody listens there (pkttop demo udp-server does)\n',
	});
});

/** udp-client with these lines, as a user without root. */
async function client(host: string, lines: string): Promise<{code: unknown; out: string; err: string}> {
	const child = spawn(process.execPath, [MAIN, 'demo', 'udp-client', host], {uid: NOBODY, gid: NOBODY, cwd: '/'});
	let [out, err] = ['', ''];
	child.stdout.on('data', (bytes) => {
		out += bytes;
	});
	child.stderr.on('data', (bytes) => {
		err += bytes;
	});
	// It may end before it has read everything.
	child.stdin.on('error', () => {});
	child.stdin.end(lines);
	const [code] = await once(child, 'close');
	return {code, out, err};
}

test('bad arguments: one line and 2', async () => {
	const wrong: readonly (readonly [string[], RegExp])[] = [
		[['nosuch'], /there is no demo 'nosuch'/],
		[['tcp', 'udp'], /takes no argument, not 'udp'/],
		[['--json'], /--json makes no sense with pkttop demo/],
		[['-d', '0'], /-d wants seconds above 0/],
		[['udp-server', 'here'], /takes the IP address/],
		[['udp-client'], /wants the host/],
		[['udp-client', '::1', '::1'], /wants the host/],
		[['-d', '1', 'udp-client', '::1'], /-d makes no sense/],
	];
	for (const [words, message] of wrong) {
		const {code, stdout, stderr} = await run(['demo', ...words]);
		assert.deepEqual([code, stdout, stderr.split('\n').length], [2, '', 2], stderr);
		assert.match(stderr, message);
	}
});
