/** Now and then some traffic that is counted by everybody: the kernel, the screen's figures and the log it saves. */
import assert from 'node:assert/strict';
import type {Hands} from './hands.js';
import {becomes, Namespace, type Worker} from './net.js';
import {FUNCTIONS} from './pkttop.js';

/** What must be called once for each count of the kernel's own. */
const WITNESSES: Readonly<Record<string, string>> = FUNCTIONS
	? {ip_rcv: 'IpInReceives', ip_local_deliver: 'IpInDelivers', udp_rcv: 'UdpInDatagrams', tcp_v4_rcv: 'TcpInSegs'}
	: {netif_receive_skb: 'IpInReceives'};
/** Each burst has a port of its own: those before it may still be in memory. */
const FIRST_PORT = 20_000;

/** ms within which figures are shown. */
const LATE = 60_000;
/** How many packets pkttop keeps, and flows at once, of 50 packets each. */
const [PACKETS, FLOWS] = [65_536, 40];

export class Bursts {
	private readonly namespace = new Namespace();
	private worker: Worker | undefined;
	/** Those whose counts were equal everywhere, and those that the kernel skipped probes in. */
	equal = 0;
	skipped = 0;

	constructor(private readonly hands: Hands) {}

	async start(): Promise<void> {
		this.worker = await this.namespace.worker();
	}

	/** So many packets, or as many as pkttop keeps, so that what it has for them is in use. */
	async fill(packets: number): Promise<void> {
		for (let sent = 0; sent < Math.min(packets, PACKETS); sent += FLOWS * 50) {
			await this.worker?.traffic('flows', '127.0.0.1', FIRST_PORT - 1, FLOWS);
		}
	}

	/** One burst, and another one where the kernel skipped a probe meanwhile: that is counted as lost, and not pkttop's. */
	async compare(): Promise<void> {
		for (let left = 2; ; left--) {
			const before = this.hands.lost;
			try {
				await this.once(FIRST_PORT + this.equal + this.skipped);
				this.equal++;
				return;
			} catch (error) {
				if (left === 0 || before === this.hands.lost) throw error;
				this.skipped++;
			}
		}
	}

	remove(): void {
		this.worker?.stop();
		this.namespace.remove();
	}

	private async once(port: number): Promise<void> {
		const {hands, namespace, worker} = this;
		assert.ok(worker);
		const names = Object.keys(WITNESSES);
		await hands.filterPort(port, '1');
		await hands.clear(names);
		const before = namespace.counters();
		await worker.traffic('echo-udp', '127.0.0.1', port, 40);
		await worker.traffic('echo-tcp', '127.0.0.1', port, 2);
		await becomes(() => namespace.settled(), 'TCP does not come to rest');
		const after = namespace.counters();
		assert.equal(after.since(before, 'UdpInDatagrams'), 80);
		const expected = Object.fromEntries(names.map((name) => [name, after.since(before, WITNESSES[name] ?? '')]));
		await hands.calls(expected, LATE);
		// Its events say the same, and they are the last that there are: now there can be none too many.
		const log = await hands.save();
		for (const [name, calls] of Object.entries(expected)) {
			const begins = log.match(new RegExp(` ${name} [B-]`, 'g')) ?? [];
			assert.equal(begins.length, calls, `${name} in the log`);
		}
		await hands.calls(expected, LATE);
	}
}
