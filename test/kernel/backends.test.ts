/** The ways to attach, each by itself: those that a kernel has give the same trace, the others say that it lacks them. */
import assert from 'node:assert/strict';
import test, {after, before} from 'node:test';
import {becomes, type Counters, inKernel, Namespace, type Worker} from './support/net.js';
import {ALL_BACKENDS, BACKENDS, exact, lost, ON, run, type Trace, trace} from './support/pkttop.js';
import {checkStructure, nesting} from './support/structure.js';

const DATAGRAMS = 10;
const CONNECTIONS = 3;

/** Counter and function that counts the same. */
const WITNESSES = [
	['IpInReceives', 'ip_rcv'],
	['IpInDelivers', 'ip_local_deliver'],
	['IpOutRequests', 'ip_output'],
	['UdpInDatagrams', 'udp_rcv'],
	['UdpInDatagrams', '__udp_enqueue_schedule_skb'],
	['UdpOutDatagrams', 'udp_sendmsg'],
	['TcpInSegs', 'tcp_v4_rcv'],
	['TcpActiveOpens', 'tcp_v4_connect'],
	['TcpActiveOpens', 'tcp_connect'],
	['TcpPassiveOpens', 'tcp_v4_conn_request'],
	['TcpPassiveOpens', 'tcp_create_openreq_child'],
] as const;

/** Reads until nothing is there: how often, and with what in it, is a matter of time. */
const RECEIVING = /_recvmsg$/;

let namespace: Namespace;
let worker: Worker;
before(async () => {
	namespace = new Namespace();
	worker = await namespace.worker();
	// The first packet of a device makes its neighbour, which takes a way of its own.
	await worker.traffic('echo-udp', '127.0.0.1', 0, 1);
});
after(async () => {
	await worker.end();
	namespace.remove();
});

const traces = new Map<string, Trace>();

/** The same traffic for each backend. */
async function traced(backend: string): Promise<{result: Trace; before: Counters; after: Counters}> {
	const before = namespace.counters();
	const result = await trace(['--backend', backend, '--netns', namespace.name], async () => {
		await worker.traffic('echo-udp', '127.0.0.1', 0, DATAGRAMS);
		await worker.traffic('echo-tcp', '127.0.0.1', 0, CONNECTIONS);
		await becomes(() => namespace.settled(), 'TCP does not come to rest');
	});
	return {result, before, after: namespace.counters()};
}

/** One row, of which older trampolines take the second name: the first has more arguments than they have words for. */
const SYNACK = ['tcp_v4_send_synack', 'tcp_make_synack'];
const functionsOf = ({lines}: Trace): string[] =>
	lines.flatMap(({type, fn}) => (type === 'function' && !SYNACK.includes(fn) ? [fn] : [])).sort();

for (const backend of BACKENDS) {
	exact(`${backend} counts what the kernel counts, and every call ends where it began`, async (t) => {
		const {result, before, after} = await traced(backend);
		traces.set(backend, result);
		const {summary} = result;
		t.diagnostic(`${backend} on ${ON}: ${summary.attached} of ${summary.wanted} in ${summary.attach_ms} ms`);
		assert.equal(summary.backend, backend);
		// dev_qdisc_enqueue came with 5.13.
		assert.equal(summary.attached, (summary.wanted as number) - (ON === '5.10' ? 1 : 0), result.stderr);
		assert.equal(after.since(before, 'UdpInDatagrams'), 2 * DATAGRAMS);
		assert.equal(after.since(before, 'TcpPassiveOpens'), CONNECTIONS);
		for (const [counter, fn] of WITNESSES) {
			assert.equal(result.count(fn), after.since(before, counter), `${fn} against ${counter}`);
			const recorded = result.calls.filter((call) => call.fn === fn).length;
			assert.equal(recorded, result.count(fn), `recorded calls of ${fn}`);
		}
		assert.equal(lost(summary), 0, JSON.stringify(summary));
		const open = result.calls.filter(({end}) => end === undefined);
		assert.deepEqual(open, [], 'nothing here waits for ever');
		checkStructure(result);
		const received = result.calls.filter(({fn}) => fn === 'udp_rcv');
		for (const {family, proto, src, dst, ifname, context} of received) {
			assert.deepEqual([family, proto, src, dst, ifname], [4, 'udp', '127.0.0.1', '127.0.0.1', 'lo']);
			assert.equal(context, 'softirq');
		}
	});
}

test('all of them show the same functions, and a datagram goes the same way through them', () => {
	const [first, ...others] = [...traces];
	if (first === undefined) return;
	const udp = (result: Trace) =>
		nesting(result, ({fn, proto, family}) => proto === 'udp' && family === 4 && !RECEIVING.test(fn));
	const reading = (result: Trace) => [...nesting(result, ({fn}) => RECEIVING.test(fn)).keys()];
	const [reference, expected] = first;
	assert.ok(udp(expected).size >= 12, `too little to compare: ${[...udp(expected).keys()]}`);
	assert.equal(udp(expected).get('ip_local_deliver > udp_rcv'), 2 * DATAGRAMS);
	for (const [backend, result] of others) {
		const pair = `${backend} and ${reference}`;
		assert.deepEqual(functionsOf(result), functionsOf(expected), pair);
		assert.deepEqual(Object.fromEntries(udp(result)), Object.fromEntries(udp(expected)), pair);
		assert.deepEqual(reading(result), reading(expected), pair);
	}
});

test('a backend that this kernel lacks is refused in one line', async () => {
	await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);
	for (const backend of ALL_BACKENDS.filter((name) => !BACKENDS.includes(name))) {
		const {code, stdout, stderr} = await run(['--json', '--backend', backend, 'udp port 9']);
		assert.match(stderr, new RegExp(`^pkttop: backend ${backend}: [^\\n]+\\n$`));
		if (backend === 'fsession') assert.match(stderr, /: this kernel does not have it \(/);
		assert.equal(stdout, '');
		assert.equal(code, 1);
		await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);
	}
});
