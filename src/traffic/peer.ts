/**
 * One host of the demo, a process that pkttop starts: does the steps it is sent. It lives as long as the IPC channel, so
 * that it and its namespace are gone with pkttop, however that ends.
 */
import {existsSync, writeFileSync} from 'node:fs';
import {networkInterfaces} from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import {addon} from './addon.js';
import type {Message, Request, Step} from './messages.js';
import {protocol} from './protocols/protocols.js';
import {Rounds} from './rounds.js';
import type {Exchange} from './scenarios.js';

const rounds = new Rounds();

function tell(message: Message): void {
	// A channel that just closed ends this process by 'disconnect'.
	if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function check(error: string): void {
	if (error) throw new Error(error);
}

/** Returns the number of exchanges that succeeded. Throws what failed. */
async function perform(step: Step): Promise<number> {
	switch (step.do) {
		case 'namespace':
			check(addon().unshareNetwork());
			check(addon().bringUp('lo', 0));
			return 0;
		case 'veth':
			check(addon().addVeth(step.name, step.peer, step.pid));
			return 0;
		case 'address': {
			const [address = '', prefix] = step.address.split('/');
			check(addon().addAddress(step.link, address, Number(prefix)));
			return 0;
		}
		case 'route': {
			const [network = '', prefix] = step.network.split('/');
			check(addon().addRoute(network, Number(prefix), step.gateway));
			return 0;
		}
		case 'set':
			set(`/proc/sys/net/${step.file}`, step.value);
			return 0;
		case 'firewall':
			check(addon().dropForwarded(step.port));
			return 0;
		case 'up':
			check(addon().bringUp(step.link, step.mtu));
			return 0;
		case 'ready':
			// Lists links that are up and have a carrier; until then the kernel drops what is sent.
			while (!step.links.every((link) => link in networkInterfaces())) await sleep(5);
			return 0;
		case 'unprivileged':
			process.setgroups?.([step.user.gid]);
			process.setgid?.(step.user.gid);
			process.setuid?.(step.user.uid);
			check(addon().dropCapabilities());
			return 0;
		case 'serve':
			await serve(step.exchanges);
			return 0;
		case 'run':
			return rounds.run(step.exchanges, step.rounds, (warning) => tell({warning}));
		case 'stop':
			rounds.stop();
			return 0;
	}
}

/** The files are those of this thread's namespace: no other thread of Node is in it. */
function set(file: string, value: string): void {
	// IPv6 may be off.
	if (existsSync(file)) writeFileSync(file, value);
}

/** One server for each address and port, whoever sends there. */
async function serve(exchanges: readonly Exchange[]): Promise<void> {
	const served = new Map<unknown, Set<string>>();
	for (const {protocol: name, address} of exchanges) {
		const {serve, port} = protocol(name);
		if (serve === undefined) continue;
		const ends = served.get(serve) ?? new Set();
		served.set(serve, ends);
		if (!ends.has(`${address} ${port}`)) await serve(address, port);
		ends.add(`${address} ${port}`);
	}
}

process.title = `demo-${process.argv[2]}`;
// Keys and signals that reach the whole process group are pkttop's to answer.
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('uncaughtException', (error) => {
	tell({warning: error.message});
	process.exitCode = 1;
	process.disconnect?.();
});
process.on('disconnect', () => process.exit());
process.on('message', ({id, step}: Request) => {
	perform(step).then(
		(succeeded) => tell({id, error: '', succeeded}),
		(error: unknown) => tell({id, error: error instanceof Error ? error.message : String(error), succeeded: 0}),
	);
});
// The channel may have closed before anyone listened.
if (!process.connected) process.exit();
