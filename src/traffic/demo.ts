/** The demo traffic: hosts in network namespaces of their own that exchange packets while pkttop traces them. */
import {isIPv4} from 'node:net';
import {DemoError, Host} from './host.js';
import type {User} from './messages.js';
import {settles} from './settles.js';
import {HOSTS, type HostName, LINKS, SCENARIOS, type Scenario} from './topology.js';

export {DemoError};

/** Rounds without a stop(): at half a second each, ten minutes. */
const ROUNDS = 1200;
/** ms for the exchange that runs to come to its end. */
const STOP_LIMIT = 1000;

export class Demo {
	private running: Promise<number> | undefined;
	private stopping = false;

	private constructor(
		private readonly hosts: ReadonlyMap<HostName, Host>,
		private readonly scenarios: readonly Scenario[],
		private readonly warn: (line: string) => void,
	) {}

	/**
	 * Starts the hosts and links them. Needs root, and is the only part that does: then the hosts become `user` without
	 * any capability. No packet of an exchange is sent yet. `say` gets one line whenever something fails that does not
	 * end the demo. Throws DemoError, one line, and leaves nothing behind.
	 */
	static async prepare(user: User, say: (line: string) => void): Promise<Demo> {
		const warn = (line: string): void => say(`demo traffic: ${line}`);
		const hosts = new Map(HOSTS.map((name) => [name, new Host(name, warn)]));
		try {
			await each(hosts, (host) => host.ask({do: 'namespace'}));
			const refused = await connect(hosts);
			if (refused) warn(`${refused}: no IPv6`);
			const scenarios = SCENARIOS.filter(({address}) => !refused || isIPv4(address));
			await each(hosts, (host) => host.ask({do: 'unprivileged', user}));
			await each(hosts, (host) => host.ask({do: 'serve', scenarios: scenarios.filter(({to}) => to === host.name)}));
			return new Demo(hosts, scenarios, warn);
		} catch (error) {
			await each(hosts, (host) => host.end());
			throw error;
		}
	}

	/** /proc paths of the hosts' network namespaces, client first. Only root can open them. */
	get namespaces(): string[] {
		return [...this.hosts.values()].map(({pid}) => `/proc/${pid}/ns/net`);
	}

	/**
	 * Begins to send: a round of all scenarios every half second. Resolves, never rejects, when `rounds` are done or
	 * stopped, with the number of exchanges that succeeded.
	 */
	start(rounds = ROUNDS): Promise<number> {
		this.running ??= this.run(rounds);
		return this.running;
	}

	/** Lets the exchange that runs come to its end, then ends the hosts and their namespaces. Can be called again. */
	async stop(): Promise<void> {
		this.stopping = true;
		await each(this.hosts, (host) => host.ask({do: 'stop'}, STOP_LIMIT).catch(() => {}));
		if (this.running) await settles(this.running, STOP_LIMIT);
		await each(this.hosts, (host) => host.end());
	}

	private async run(rounds: number): Promise<number> {
		const senders = [...this.hosts.values()].map(async (host) => {
			const scenarios = this.scenarios.filter(({from}) => from === host.name);
			if (scenarios.length === 0) return 0;
			return host.ask({do: 'run', scenarios, rounds}).catch((error: unknown) => {
				this.warn(error instanceof Error ? error.message : String(error));
				return 0;
			});
		});
		const exchanges = (await Promise.all(senders)).reduce((sum, count) => sum + count, 0);
		if (!this.stopping) this.warn('no more is sent');
		return exchanges;
	}
}

async function each(hosts: ReadonlyMap<HostName, Host>, action: (host: Host) => Promise<unknown>): Promise<void> {
	await Promise.all([...hosts.values()].map(action));
}

/** Makes the links. Returns '' or why there is no IPv6, which a machine may have switched off. */
async function connect(hosts: ReadonlyMap<HostName, Host>): Promise<string> {
	const at = (name: HostName): Host => hosts.get(name) as Host;
	let refused = '';
	for (const [a, b] of LINKS) {
		await at(a.host).ask({do: 'veth', name: a.link, peer: b.link, pid: at(b.host).pid});
		for (const {host, link, addresses} of [a, b]) {
			for (const address of addresses) {
				await at(host)
					.ask({do: 'address', link, address})
					.catch((error: Error) => {
						if (isIPv4(address.split('/')[0] as string)) throw error;
						refused = error.message;
					});
			}
			await at(host).ask({do: 'up', link});
		}
	}
	const ends = LINKS.flat();
	await each(hosts, (host) =>
		host.ask({do: 'ready', links: ends.filter((end) => end.host === host.name).map(({link}) => link)}),
	);
	return refused;
}
