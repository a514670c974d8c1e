/** The demo on a real kernel, as root: its namespaces, what goes through them, its rights, and that nothing stays behind. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import test from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {pathToFileURL} from 'node:url';
import {installed} from './support/installed.js';

/** The built program: its hosts are processes that run it. */
const MODULE = pathToFileURL(join(installed(), 'dist/traffic/demo.js')).href;
const {Demo} = (await import(MODULE)) as typeof import('../../src/traffic/demo.js');

const USER = {uid: 65534, gid: 65534};
type Processes = ReadonlyMap<string, string>;
const namespacesOf = (processes: Processes): string[] => [...processes.values()].map((proc) => `${proc}/ns/net`);

/** The inode of a namespace; undefined when it or its process is gone. */
function inode(namespace: string): string | undefined {
	try {
		return readlinkSync(namespace);
	} catch {
		return undefined;
	}
}

/** A counter of /proc/net/snmp or snmp6 as the process sees it. */
function counter(proc: string, group: string, name: string): number {
	if (group.endsWith('6')) {
		return Number(new RegExp(`^${name}\\s+(\\d+)$`, 'm').exec(readFileSync(`${proc}/net/snmp6`, 'utf8'))?.[1]);
	}
	const [titles = '', values = ''] =
		readFileSync(`${proc}/net/snmp`, 'utf8').match(new RegExp(`^${group}: .*$`, 'gm')) ?? [];
	return Number(values.split(' ')[titles.split(' ').indexOf(name)]);
}

async function becomes(condition: () => boolean, what: string): Promise<void> {
	for (const late = Date.now() + 30_000; !condition(); await sleep(10)) assert.ok(Date.now() < late, what);
}

/** Starts a process that prepares a demo as `user` and sends for ever. Its first line is printed when it sends. */
function other(uid: number) {
	const script = `const {Demo} = await import(${JSON.stringify(MODULE)});
		try {
			const demo = await Demo.prepare(${JSON.stringify(USER)}, () => {});
			demo.start();
			console.log(JSON.stringify([...demo.processes.values()].map((proc) => proc + '/ns/net')));
		} catch (error) { console.log(error.constructor.name, error.message); }`;
	return spawn(process.execPath, ['--input-type=module', '-e', script], {uid, stdio: ['ignore', 'pipe', 'inherit']});
}

test('UDP, TCP and ping go over IPv4 and IPv6 between two namespaces, and nothing is left after stop()', async () => {
	const lines: string[] = [];
	const demo = await Demo.prepare(USER, (line) => lines.push(line));
	const [client = '', server = ''] = [...demo.processes.values()];
	try {
		const inodes = [...namespacesOf(demo.processes), '/proc/self/ns/net'].map(inode);
		assert.equal(new Set(inodes).size, 3, `three namespaces: ${inodes}`);
		assert.equal(counter(server, 'Udp', 'InDatagrams'), 0, 'nothing is sent before start()');
		assert.equal(await demo.start(3), 21);
		// Each round: a datagram and its echo over each family, over loopback too; a connection and a ping over each family.
		assert.equal(counter(server, 'Udp', 'InDatagrams'), 3);
		assert.equal(counter(server, 'Udp6', 'Udp6InDatagrams'), 3);
		assert.equal(counter(server, 'Tcp', 'PassiveOpens'), 6);
		assert.equal(counter(client, 'Udp', 'InDatagrams'), 9);
		assert.equal(counter(client, 'Tcp', 'ActiveOpens'), 6);
		assert.equal(counter(server, 'Icmp', 'InEchos'), 3);
		assert.equal(counter(server, 'Icmp6', 'Icmp6InEchos'), 3);
		for (const proc of [client, server]) {
			assert.equal(counter(proc, 'Tcp', 'RetransSegs'), 0);
			assert.equal(counter(proc, 'Tcp', 'OutRsts'), 0);
		}
	} finally {
		await demo.stop();
	}
	assert.deepEqual(namespacesOf(demo.processes).map(inode), [undefined, undefined]);
	assert.deepEqual(lines, ['demo traffic: no more is sent']);
	await demo.stop();
});

test('the hosts run as the invoking user without any capability', async () => {
	for (const user of [USER, {uid: 0, gid: 0}]) {
		const demo = await Demo.prepare(user, assert.fail);
		try {
			for (const proc of demo.processes.values()) {
				for (const thread of readdirSync(`${proc}/task`)) {
					const status = readFileSync(`${proc}/task/${thread}/status`, 'utf8');
					assert.match(status, new RegExp(`^Uid:(\\t${user.uid}){4}$`, 'm'));
					assert.match(status, new RegExp(`^Gid:(\\t${user.gid}){4}$`, 'm'));
					assert.match(status, new RegExp(`^Groups:\\t${user.gid} ?$`, 'm'));
					assert.match(status, /^CapPrm:\t0+$/m);
					assert.match(status, /^CapEff:\t0+$/m);
				}
			}
		} finally {
			await demo.stop();
		}
	}
});

test('after SIGKILL of pkttop the hosts and their namespaces go by themselves', async () => {
	const parent = other(0);
	const [bytes] = (await once(parent.stdout, 'data')) as [Buffer];
	const namespaces = JSON.parse(bytes.toString()) as string[];
	assert.ok(namespaces.every((path) => inode(path) !== undefined));
	parent.kill('SIGKILL');
	try {
		await becomes(() => namespaces.every((path) => inode(path) === undefined), `still there: ${namespaces}`);
	} finally {
		for (const path of namespaces) if (inode(path) !== undefined) process.kill(Number(path.split('/')[2]), 'SIGKILL');
	}
});

test('without root it says so in one line and leaves nothing behind', async () => {
	const parent = other(65534);
	const exited = once(parent, 'exit');
	const [bytes] = (await once(parent.stdout, 'data')) as [Buffer];
	assert.equal(bytes.toString(), 'DemoError cannot make a network namespace: Operation not permitted\n');
	assert.deepEqual(await exited, [0, null]);
});
