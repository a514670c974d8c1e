/**
 * Every path of a packet: its journey, its waits and its fate, against the kernel's counters. One run of pkttop sees all
 * scenarios, one after the other, each on a port of its own.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import {Hosts} from './support/journeys.js';
import type {Counters} from './support/net.js';
import {FUNCTIONS, lost, ON, trace} from './support/pkttop.js';
import {packetsOf, summary} from './support/scene.js';
import {SCENES} from './support/scenes.js';

if (FUNCTIONS && ON !== '5.10') {
	test('every packet has its journey, its waits and one fate', async (t) => {
		const hosts = new Hosts();
		const grown = new Map<string, ReadonlyMap<string, readonly [Counters, Counters]>>();
		await hosts.prepare();
		try {
			for (const port of [30162, 30163, 30164, 30165, 30167]) {
				const address = port === 30164 ? '10.30.164.2' : port >= 30165 ? '10.30.163.2' : '10.30.162.2';
				await hosts.inB.traffic('listen-udp', address, port);
			}
			await hosts.inB.traffic('listen-tcp', '10.30.162.2', 30175);
			const filter = '(net 10.30.0.0/16 or portrange 30160-30180) and not arp';
			const result = await trace(
				['--backend', 'fentry', filter],
				async () => {
					for (const scene of SCENES) {
						const before = [hosts.a.counters(), hosts.r.counters(), hosts.b.counters()] as const;
						await scene.traffic(hosts);
						const after = [hosts.a.counters(), hosts.r.counters(), hosts.b.counters()] as const;
						grown.set(
							scene.name,
							new Map(
								(['a', 'r', 'b'] as const).map((host, i) => [host, [before[i], after[i]] as [Counters, Counters]]),
							),
						);
					}
				},
				{numbers: true},
			);
			assert.equal(lost(result.summary), 0, JSON.stringify(result.summary));
			const packets = packetsOf(result.lines);
			for (const {line} of packets) {
				const age = (line.end ?? 0) - line.begin;
				const parts = (line.functions ?? 0) + (line.queues ?? 0) + (line.between ?? 0);
				assert.ok(Math.abs(age - parts) <= 2, `packet ${line.packet}: ${parts} of ${age} ns`);
			}
			for (const scene of SCENES) {
				await t.test(scene.name, (one) => {
					const own = packets.filter(({calls}) =>
						calls.some(
							({sport, dport, proto}) => [sport, dport].includes(scene.port) && proto === (scene.proto ?? proto),
						),
					);
					one.diagnostic(`${scene.name}: ${summary(own)}`);
					const counters = grown.get(scene.name);
					scene.check(own, (host, counter) => {
						const [before, after] = counters?.get(host) ?? assert.fail(host);
						return after.since(before, counter);
					});
				});
			}
		} finally {
			await hosts.remove();
		}
	});
}
