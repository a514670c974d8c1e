/** The demo traffic: hosts in network namespaces of their own that exchange packets while pkttop traces them. */
import {isIPv4} from 'node:net';
import {DemoError, Host} from './host.js';
import type {User} from './messages.js';
import {type Hosts, setUp} from './network.js';
import {type Exchange, hostsOf, SHORT_ROUND} from './scenarios.js';
import {settles} from './settles.js';
import {HOSTS, type HostName} from './topology.js';

export {DemoError};

/** Rounds without a stop(): at half a second each, ten minutes. */
const ROUNDS = 1200;
/** ms for the exchange that runs to come to its end. */
const STOP_LIMIT = 1000;

export class Demo {
	private running: Promise<number> | undefined;
	private stopping = false;

	private constructor(
		private readonly hosts: Hosts,
		/** A round, in this order: what was asked for and can be had here. */
		readonly exchanges: readonly Exchange[],
		private readonly warn: (line: string) => void,
	) {}

	/**
	 * Starts the hosts and links them. Needs root, and is the only part that does: then the hosts become `user` without
	 * any capability. No packet of an exchange is sent yet. `say` gets one line whenever something fails that does not
	 * end the demo. `wanted` is a round; absent: a short one. Throws DemoError, one line, and leaves nothing behind.
	 */
	static async prepare(user: User, say: (line: string) => void, wanted = SHORT_ROUND): Promise<Demo> {
		const warn = (line: string): void => say(`demo traffic: ${line}`);
		const needed = hostsOf(wanted);
		const names = HOSTS.filter((name) => needed.has(name));
		const hosts: Hosts = new Map(names.map((name) => [name, new Host(name, warn)]));
		try {
			await each(hosts, (host) => host.ask({do: 'namespace'}));
			const lacking = await setUp(hosts, wanted, warn);
			const exchanges = wanted.filter(
				({protocol, address}) => (!lacking.ipv6 || isIPv4(address)) && (!lacking.firewall || protocol !== 'filtered'),
			);
			// Some kernels let only root put a filter on a socket.
			await each(hosts, (host) => host.ask({do: 'serve', exchanges: exchanges.filter(({to}) => to === host.name)}));
			await each(hosts, (host) => host.ask({do: 'unprivileged', user}));
			return new Demo(hosts, exchanges, warn);
		} catch (error) {
			await each(hosts, (host) => host.end());
			throw error;
		}
	}

	/** The hosts' folders in /proc: counters, and network namespaces, which only root can open. */
	get processes(): ReadonlyMap<HostName, string> {
		return new Map([...this.hosts].map(([name, {pid}]) => [name, `/proc/${pid}`]));
	}

	/**
	 * Begins to send: a round of all exchanges every half second. Resolves, never rejects, when `rounds` are done or
	 * stopped, with the number of exchanges that succeeded.
	 */
	start(rounds = ROUNDS): Promise<number> {
		this.running ??= this.run(rounds);
		return this.running;
	}

	/** One exchange alone. Resolves, never rejects, with whether it succeeded; why not has been said. */
	async one(exchange: Exchange): Promise<boolean> {
		return (await this.send(exchange.from, [exchange], 1)) === 1;
	}

	/** Lets the exchange that runs come to its end, then ends the hosts and their namespaces. Can be called again. */
	async stop(): Promise<void> {
		this.stopping = true;
		await each(this.hosts, (host) => host.ask({do: 'stop'}, STOP_LIMIT).catch(() => {}));
		if (this.running) await settles(this.running, STOP_LIMIT);
		await each(this.hosts, (host) => host.end());
	}

	/** Ends the exchange that runs, the hosts and their namespaces at once, without waiting for it. */
	leave(): void {
		this.stopping = true;
		for (const host of this.hosts.values()) host.leave();
	}

	private async run(rounds: number): Promise<number> {
		const senders = [...this.hosts.keys()].map((name) => {
			const exchanges = this.exchanges.filter(({from}) => from === name);
			return exchanges.length === 0 ? 0 : this.send(name, exchanges, rounds);
		});
		const succeeded = (await Promise.all(senders)).reduce((sum, count) => sum + count, 0);
		if (!this.stopping) this.warn('no more is sent');
		return succeeded;
	}

	private async send(from: HostName, exchanges: readonly Exchange[], rounds: number): Promise<number> {
		try {
			return (await this.hosts.get(from)?.ask({do: 'run', exchanges, rounds})) ?? 0;
		} catch (error) {
			if (!this.stopping) this.warn(error instanceof Error ? error.message : String(error));
			return 0;
		}
	}
}

async function each(hosts: Hosts, action: (host: Host) => Promise<unknown>): Promise<void> {
	await Promise.all([...hosts.values()].map(action));
}
