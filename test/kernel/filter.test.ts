/** The filter in the kernel on real packets: it agrees with the predicate, and is replaced without attaching anew. */
import assert from 'node:assert/strict';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import test from 'node:test';
import {becomes, inKernel} from './support/net.js';
import {FUNCTIONS} from './support/pkttop.js';

const dist = (path: string) => new URL(`../../../../../dist/${path}`, import.meta.url).href;
const {LiveCollector} = (await import(dist('collector/live.js'))) as typeof import('../../src/collector/live.js');
const {loadAddon} = (await import(dist('collector/native.js'))) as typeof import('../../src/collector/native.js');
const {Tasks} = (await import(dist('trace/tasks.js'))) as typeof import('../../src/trace/tasks.js');
const {compileFilter} = (await import(
	dist('trace/filter/compile.js')
)) as typeof import('../../src/trace/filter/compile.js');
const {compilePredicate} = (await import(
	dist('trace/filter/predicate.js')
)) as typeof import('../../src/trace/filter/predicate.js');
const {parseFilter} = (await import(dist('trace/filter/parse.js'))) as typeof import('../../src/trace/filter/parse.js');
const {At, recordSize, Kind} = (await import(dist('trace/record.js'))) as typeof import('../../src/trace/record.js');

const {callCount} = (await import(dist('trace/statistics.js'))) as typeof import('../../src/trace/statistics.js');

type Narrowing = import('../../src/trace/filter/expression.js').Narrowing;

const PORTS = [30111, 30112] as const;

/** Two datagrams to each port and their echoes, over both families. */
async function exchange(): Promise<void> {
	for (const [type, address] of [
		['udp4', '127.0.0.1'],
		['udp6', '::1'],
	] as const) {
		for (const port of PORTS) {
			const server = createSocket(type);
			server.on('message', (bytes, from) => server.send(bytes, from.port, from.address));
			server.bind({port, address});
			await once(server, 'listening');
			const client = createSocket(type);
			for (let i = 0; i < 2; i++) {
				client.send('filter test', port, address);
				await once(client, 'message');
			}
			const closed = [once(client, 'close'), once(server, 'close')];
			client.close();
			server.close();
			await Promise.all(closed);
		}
	}
}

/** Functions that handle one packet each time, and marks that do. */
const PACKET =
	/^(ip_rcv|ip_output|udp_rcv|__udp_enqueue_schedule_skb|__dev_queue_xmit|netif_receive_skb|net_dev_queue)$/;

test('the filter of the kernel and the predicate accept the same packets; replacing it attaches nothing', async () => {
	// Those of the test before go in the background.
	await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);
	const addon = loadAddon();
	const tasks = new Tasks();
	const everything = compileFilter(parseFilter(''), {}).bytes;
	const collector = await LiveCollector.start(addon, FUNCTIONS ? 'fentry' : 'tracepoint', everything, '', tasks);
	try {
		const {functions} = collector.session;
		const lookup = {
			pid: (tid: number) => tasks.task(tid)?.pid,
			device: (dev: number) => collector.names.device(dev),
		};
		const attached = inKernel().length;
		let taken = 0n;
		/** Records of packet functions among what comes within one exchange, by function. */
		const counts = async (filter: Uint8Array, wanted: (bytes: Uint8Array, at: number) => boolean) => {
			collector.setFilter(filter);
			await exchange();
			const found = new Map<string, number>();
			const take = (bytes: Uint8Array, length: number) => {
				const data = new DataView(bytes.buffer, bytes.byteOffset);
				for (let at = 0; at < length; at += recordSize(bytes, at)) {
					const kind = bytes[at];
					if (kind !== Kind.CALL && kind !== Kind.MARK && kind !== Kind.DROP) continue;
					taken++;
					const name = functions[data.getUint16(at + At.fn, true)]?.name ?? '';
					if (PACKET.test(name) && wanted(bytes, at)) found.set(name, (found.get(name) ?? 0) + 1);
				}
			};
			// The kernel counts at once, the reader thread brings the records a little later, and not all at a time.
			const counted = () => collector.stats().reduce((sum, stat) => sum + callCount(stat), 0n);
			const all = () => {
				collector.drain(take);
				return taken === counted();
			};
			await becomes(all, 'not every counted call was read');
			return Object.fromEntries([...found].sort());
		};
		const both = 'udp and (port 30111 or port 30112)';
		for (const [text, narrowing] of [
			[both, {}],
			['port 30111', {}],
			['dst port 30112', {}],
			['udp and port 30112 and ip6', {}],
			['port 30111 and not ip6', {}],
			['host ::1 and portrange 30110-30111', {}],
			['src net 127.0.0.0/8 and not dst port 30111 and port 30111', {}],
			[both, {device: 'lo'}],
		] as const satisfies readonly (readonly [string, Narrowing])[]) {
			const predicate = compilePredicate(parseFilter(text), narrowing);
			const {bytes, exact} = compileFilter(parseFilter(text), narrowing);
			assert.ok(exact, text);
			const chosen = await counts(compileFilter(parseFilter(both), {}).bytes, (record, at) =>
				predicate(record, at, lookup),
			);
			const kernel = await counts(bytes, () => true);
			assert.ok(Object.keys(kernel).length > 0, `${text} matches nothing`);
			assert.deepEqual(kernel, chosen, text);
		}
		assert.deepEqual(await counts(compileFilter(parseFilter(both), {device: 'nosuch'}).bytes, () => true), {});
		assert.deepEqual(await counts(compileFilter(parseFilter('tcp and port 30111'), {}).bytes, () => true), {});
		// The exchange is this process's own doing, and nobody else's.
		const own = await counts(compileFilter(parseFilter(both), {pid: process.pid}).bytes, () => true);
		assert.ok(Object.keys(own).length > 0);
		assert.deepEqual(await counts(compileFilter(parseFilter(both), {pid: 1}).bytes, () => true), {});
		assert.equal(inKernel().length, attached);
	} finally {
		addon.stop();
	}
});
