/**
 * Every path of a packet: its journey, its waits and its fate, against the kernel's counters. One run of pkttop sees all
 * scenarios, one after the other, each on a port of its own.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import {Hosts} from './support/journeys.js';
import type {Counters} from './support/net.js';
import {FUNCTIONS, type Line, lost, ON, type Trace, trace} from './support/pkttop.js';
import {type Packet, packetsOf, rarest, type Scene, summary} from './support/scene.js';
import {SCENES} from './support/scenes.js';

type Host = 'a' | 'r' | 'b';
const HOSTS: readonly Host[] = ['a', 'r', 'b'];

interface Seen {
	readonly result: Trace;
	/** By scene and host: the counters before and after. */
	readonly counters: ReadonlyMap<string, ReadonlyMap<Host, readonly [Counters, Counters]>>;
}

async function see(): Promise<Seen> {
	const hosts = new Hosts();
	const counters = new Map<string, ReadonlyMap<Host, readonly [Counters, Counters]>>();
	await hosts.prepare();
	try {
		for (const port of [30162, 30163, 30164, 30165, 30167]) {
			const address = port === 30164 ? '10.30.164.2' : port >= 30165 ? '10.30.163.2' : '10.30.162.2';
			await hosts.inB.traffic('listen-udp', address, port);
		}
		await hosts.inB.traffic('listen-tcp', '10.30.162.2', 30175);
		const filter = '(net 10.30.0.0/16 or portrange 30160-30180) and not arp';
		const traffic = async () => {
			for (const scene of SCENES) {
				const before = HOSTS.map((host) => hosts[host].counters());
				await scene.traffic(hosts);
				const grown = HOSTS.map((host, i) => [host, [before[i] as Counters, hosts[host].counters()]] as const);
				counters.set(scene.name, new Map(grown));
			}
		};
		return {result: await trace(['--backend', 'fentry', filter], traffic, {numbers: true}), counters};
	} finally {
		await hosts.remove();
	}
}

const skipped = ({result}: Seen): number => result.summary.lost?.recursion ?? 0;

/** What each scene says of the packets of its port. */
function checked({result, counters}: Seen): ReadonlyMap<string, {own: readonly Packet[]; error: unknown}> {
	assert.equal(lost(result.summary), 0, JSON.stringify(result.summary));
	const packets = packetsOf(result.lines);
	for (const {line} of packets) {
		const age = (line.end ?? 0) - line.begin;
		const parts = (line.functions ?? 0) + (line.queues ?? 0) + (line.between ?? 0);
		assert.ok(Math.abs(age - parts) <= 2, `packet ${line.packet}: ${parts} of ${age} ns`);
	}
	const check = (scene: Scene) => {
		const mine = ({sport, dport, proto}: Line) =>
			[sport, dport].includes(scene.port) && proto === (scene.proto ?? proto);
		const own = packets.filter(({calls}) => calls.some(mine));
		try {
			scene.check(own, (host, counter) => {
				const [before, after] = counters.get(scene.name)?.get(host) ?? assert.fail(host);
				return after.since(before, counter);
			});
		} catch (error) {
			return {own, error};
		}
		return {own, error: undefined};
	};
	return new Map(SCENES.map((scene) => [scene.name, check(scene)]));
}

if (FUNCTIONS && ON !== '5.10') {
	test('every packet has its journey, its waits and one fate', async (t) => {
		let seen = await see();
		let scenes = checked(seen);
		// A call that the kernel skipped is missing in the journey of its packet.
		const failed = () => [...scenes.values()].some(({error}) => error !== undefined);
		for (let left = 2; left > 0 && failed() && skipped(seen) > 0; left--) {
			t.diagnostic(`once more: the kernel skipped ${skipped(seen)} probes`);
			seen = await see();
			scenes = checked(seen);
		}
		t.diagnostic(`probes skipped by the kernel: ${skipped(seen)}`);
		for (const [name, {own, error}] of scenes) {
			await t.test(name, (one) => {
				one.diagnostic(`${name}: ${summary(own)}`);
				if (error === undefined) return;
				for (const text of rarest(own)) one.diagnostic(text);
				throw error;
			});
		}
	});
}
