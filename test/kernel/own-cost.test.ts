/**
 * What tracing costs, and what is left of it with --correct. For a machine whose clock is its instruction counter
 * (scripts/vm --icount): elsewhere times differ by more than what is asserted here from one run to the next.
 */
import assert from 'node:assert/strict';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import test from 'node:test';
import {becomes, inKernel} from './support/net.js';
import {Pkttop, parse, type Trace} from './support/pkttop.js';

/** The call that is measured: it copies a datagram and sends it, and with it runs what is below, each once. */
const CALLER = 'udp_sendmsg';
const CALLEES = [
	'ip_output',
	'ip_finish_output2',
	'__dev_queue_xmit',
	'dev_hard_start_xmit',
	'enqueue_to_backlog',
	'__netif_receive_skb_one_core',
	'ip_rcv',
	'ip_local_deliver',
	'udp_rcv',
	'__udp_enqueue_schedule_skb',
];
const DATAGRAMS = 200;
const BYTES = 16_000;

/** ns of the caller, as it is half of the times, and what the run said of its own cost. */
async function sendTime(callees: readonly string[], ...options: string[]): Promise<{median: number; trace: Trace}> {
	const functions = [CALLER, ...callees].flatMap((name) => ['-f', name]);
	// The probes of the run before are let go of in the background, and cost until they are gone.
	await becomes(() => inKernel().length === 0, 'probes of before are still there');
	const pkttop = new Pkttop(['--json', '--backend', 'fentry', ...options, ...functions]);
	await pkttop.tracing();
	const [reader, writer] = [createSocket('udp4'), createSocket('udp4')];
	reader.bind(0, '127.0.0.1');
	await once(reader, 'listening');
	const {port} = reader.address() as AddressInfo;
	for (let i = 0; i < DATAGRAMS; i++) {
		const came = once(reader, 'message');
		writer.send(Buffer.alloc(BYTES), port, '127.0.0.1');
		await came;
	}
	reader.close();
	writer.close();
	const trace = parse(await pkttop.stop());
	const times = trace.calls.flatMap(({fn, dport, duration = 0}) => (fn === CALLER && dport === port ? [duration] : []));
	assert.equal(times.length, DATAGRAMS);
	for (const name of callees) assert.ok(trace.count(name) >= DATAGRAMS, name);
	return {median: times.sort((a, b) => a - b)[DATAGRAMS / 2] ?? 0, trace};
}

for (const identity of [[], ['--no-identity']]) {
	test(`with --correct a call takes as long with ten traced callees as with none ${identity}`, async (t) => {
		const raw = [await sendTime([], ...identity), await sendTime(CALLEES, ...identity)] as const;
		const {probe_cost_ns: total = 0, probe_inside_ns: inside = 0} = raw[1].trace.summary;
		assert.ok(inside > 0 && inside < total, `${inside} of ${total} ns`);
		const right = [
			await sendTime([], '--correct', ...identity),
			await sendTime(CALLEES, '--correct', ...identity),
		] as const;
		assert.equal(right[1].trace.summary.corrected, true);
		assert.match(right[1].trace.stderr, /a traced call costs \d+ ns, \d+ of it in its own time: taken off$/m);
		const [before, after] = raw.map(({median}) => median) as [number, number];
		const [alone, among] = right.map(({median}) => median) as [number, number];
		t.diagnostic(
			`${total} ns a call, ${inside} in its own time; ${before} to ${after}, corrected ${alone} to ${among}`,
		);
		assert.ok(after > before * 1.25, `uncorrected ${before} to ${after}`);
		assert.ok(Math.abs(among - alone) <= alone / 10, `corrected ${alone} to ${among}`);
		for (const {duration, self} of right[1].trace.calls) assert.ok((duration ?? 0) >= 0 && (self ?? 0) >= 0);
	});
}
