/**
 * One host of the demo, a process that pkttop starts: does the steps it is sent. It lives as long as the IPC channel, so
 * that it and its namespace are gone with pkttop, however that ends.
 */
import {networkInterfaces} from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Addon, loadAddon} from '../collector/native.js';
import type {Message, Request, Step} from './messages.js';
import {PROTOCOLS} from './protocols.js';
import {Rounds} from './rounds.js';
import {PORT} from './topology.js';

let loaded: Addon | undefined;
const addon = (): Addon => {
	loaded ??= loadAddon();
	return loaded;
};
const rounds = new Rounds();

function tell(message: Message): void {
	// A channel that just closed ends this process by 'disconnect'.
	if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function check(error: string): void {
	if (error) throw new Error(error);
}

/** Returns the number of exchanges. Throws what failed. */
async function perform(step: Step): Promise<number> {
	switch (step.do) {
		case 'namespace':
			check(addon().unshareNetwork());
			check(addon().bringUp('lo'));
			return 0;
		case 'veth':
			check(addon().addVeth(step.name, step.peer, step.pid));
			return 0;
		case 'address': {
			const [address = '', prefix] = step.address.split('/');
			check(addon().addAddress(step.link, address, Number(prefix)));
			return 0;
		}
		case 'up':
			check(addon().bringUp(step.link));
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
			for (const {protocol, address} of step.scenarios) await PROTOCOLS[protocol].serve(address, PORT);
			return 0;
		case 'run':
			return rounds.run(step.scenarios, step.rounds, (warning) => tell({warning}));
		case 'stop':
			rounds.stop();
			return 0;
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
		(exchanges) => tell({id, error: '', exchanges}),
		(error: unknown) => tell({id, error: error instanceof Error ? error.message : String(error), exchanges: 0}),
	);
});
// The channel may have closed before anyone listened.
if (!process.connected) process.exit();
