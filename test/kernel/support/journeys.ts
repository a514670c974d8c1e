/**
 * Three hosts and the paths between them, for the test of journeys: each scenario is traffic on one port, what the kernel's
 * own counters must say of it, and what its packets must have met.
 *
 *     A veth-a 10.30.161.1 -- 10.30.161.2 veth-ra R veth-rb 10.30.162.1 -- 10.30.162.2 veth-b B     routed
 *     A bridged-a 10.30.163.1 -- port-a R port-b -- 10.30.163.2 bridged-b B                         bridged
 *     A tunnel-a 10.30.164.1 == VXLAN over the routed path == 10.30.164.2 tunnel-b B
 */
import {writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Namespace, type Worker} from './net.js';

export class Hosts {
	readonly a = new Namespace();
	readonly r = new Namespace();
	readonly b = new Namespace();
	inA!: Worker;
	inB!: Worker;

	/** Connects everything. */
	async prepare(): Promise<void> {
		const {a, r, b} = this;
		a.connect(r, 'veth-a', 'veth-ra', [['10.30.161.1/24', '10.30.161.2/24']]);
		r.connect(b, 'veth-rb', 'veth-b', [['10.30.162.1/24', '10.30.162.2/24']]);
		a.ip('route', 'add', 'default', 'via', '10.30.161.2');
		b.ip('route', 'add', 'default', 'via', '10.30.162.1');
		r.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
		r.ip('link', 'add', 'bridge', 'type', 'bridge', 'mcast_snooping', '0');
		r.ip('link', 'set', 'bridge', 'up');
		a.connect(r, 'bridged-a', 'port-a', []);
		b.connect(r, 'bridged-b', 'port-b', []);
		for (const port of ['port-a', 'port-b']) r.ip('link', 'set', port, 'master', 'bridge');
		a.ip('address', 'add', '10.30.163.1/24', 'dev', 'bridged-a');
		b.ip('address', 'add', '10.30.163.2/24', 'dev', 'bridged-b');
		this.tunnel(a, 'tunnel-a', '10.30.161.1', '10.30.162.2', '10.30.164.1/24');
		this.tunnel(b, 'tunnel-b', '10.30.162.2', '10.30.161.1', '10.30.164.2/24');
		[this.inA, this.inB] = [await a.worker(), await b.worker()];
	}

	/** Rules of the firewall of R, in the words of nft. */
	rules(text: string): void {
		const file = join(tmpdir(), `pkttop-rules-${process.pid}`);
		writeFileSync(file, `flush ruleset\n${text}\n`);
		this.r.run('nft', '-f', file);
	}

	async remove(): Promise<void> {
		for (const worker of [this.inA, this.inB]) worker.stop();
		for (const host of [this.a, this.r, this.b]) host.remove();
	}

	private tunnel(host: Namespace, device: string, local: string, remote: string, address: string): void {
		const ends = ['local', local, 'remote', remote, 'dstport', '4789'];
		host.ip('link', 'add', device, 'type', 'vxlan', 'id', '30', ...ends);
		host.ip('address', 'add', address, 'dev', device);
		host.ip('link', 'set', device, 'up');
	}
}
