/** Traffic of all kinds between two namespaces, at a moderate rate, for as long as one wants. */
import {setTimeout as pause} from 'node:timers/promises';
import {Namespace, type Worker} from './net.js';

const [V4, V6, PORT] = ['10.30.195.2', 'fd30:195::2', 30195];
/** A port where nobody listens: each datagram is answered by ICMP. */
const CLOSED = 30196;

/** One after the other, then from the beginning. */
const ROUND: readonly (readonly (string | number)[])[] = [
	['client-udp', V4, PORT, 10],
	['client-tcp', V4, PORT, 1],
	['send-udp', V4, CLOSED, 3],
	['client-udp', V6, PORT, 10],
	['client-tcp', V6, PORT, 1],
	['send-large', V4, PORT, 1],
	['send-udp', V6, CLOSED, 3],
];
/** ms between two of them. */
const PAUSE = 100;

export class Mix {
	private readonly a = new Namespace();
	private readonly b = new Namespace();
	private going = true;
	private ended: Promise<void> = Promise.resolve();
	private workers: readonly Worker[] = [];

	/** How many of ROUND are over. */
	done = 0;

	/** Connects the namespaces, and lets the traffic begin. */
	async start(): Promise<void> {
		const {a, b} = this;
		a.connect(b, 'veth-a', 'veth-b', [
			['10.30.195.1/24', `${V4}/24`],
			['fd30:195::1/64', `${V6}/64`],
		]);
		const [client, server] = [await a.worker(), await b.worker()];
		this.workers = [client, server];
		for (const protocol of ['udp', 'tcp']) {
			for (const address of [V4, V6]) await server.traffic(`listen-${protocol}`, address, PORT);
		}
		this.ended = this.run(client);
	}

	/** Ends it, and rejects with what ended it before. */
	async stop(): Promise<void> {
		this.going = false;
		await this.ended;
	}

	remove(): void {
		this.going = false;
		// What it was at has no end any more, and whoever wants to know has asked `stop`.
		this.ended.catch(() => {});
		for (const worker of this.workers) worker.stop();
		for (const namespace of [this.a, this.b]) namespace.remove();
	}

	private async run(client: Worker): Promise<void> {
		for (; this.going; this.done++) {
			await client.traffic(...(ROUND[this.done % ROUND.length] ?? []));
			await pause(PAUSE);
		}
	}
}
