/** A ring that is full: what does not fit is counted exactly, its place is marked, and it goes on when there is room. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {becomes, here} from './support/net.js';
import {FUNCTIONS} from './support/pkttop.js';

const dist = (path: string) => new URL(`../../../../../dist/${path}`, import.meta.url).href;
const {BPF_OBJECT, loadAddon} = (await import(
	dist('collector/native.js')
)) as typeof import('../../src/collector/native.js');
const {compileFilter} = (await import(
	dist('trace/filter/compile.js')
)) as typeof import('../../src/trace/filter/compile.js');
const {parseFilter} = (await import(dist('trace/filter/parse.js'))) as typeof import('../../src/trace/filter/parse.js');
const {Kind, LossAt, recordSize} = (await import(
	dist('trace/record.js')
)) as typeof import('../../src/trace/record.js');
const {callCount, readCounters, readStats} = (await import(
	dist('trace/statistics.js')
)) as typeof import('../../src/trace/statistics.js');

const PORT = 30113;
/** Bytes that the reader thread holds: with this little it soon leaves the records in the rings. */
const HELD = 16 << 10;

test('emitted and lost make what the histograms counted, and the loss records say the same', async () => {
	const addon = loadAddon();
	const point = (name: string) => ({
		names: [name],
		from: 0,
		late: false,
		bytes: 0,
		queue: 0,
		inside: false,
		hidden: '',
		pf: 0,
		hook: 0,
	});
	const names = FUNCTIONS
		? ['ip_rcv', 'udp_rcv', 'ip_output', 'ip6_output', '__udp_enqueue_schedule_skb']
		: ['netif_receive_skb', 'net_dev_queue', 'netif_rx'];
	const report = await addon.start({
		object: BPF_OBJECT,
		backend: FUNCTIONS ? 'fentry' : 'tracepoint',
		functions: FUNCTIONS ? names.map(point) : [],
		marks: FUNCTIONS ? [] : names.map(point),
		ring: 1, // the smallest there is: 1024 records a CPU
		limit: HELD,
		base: 0n,
		identity: false,
		measure: false,
		correct: false,
		filter: compileFilter(parseFilter(`udp port ${PORT}`)).bytes,
	});
	assert.equal(report.error, '');
	try {
		const counted = () => readStats(addon.stats()).reduce((sum, stat) => sum + callCount(stat), 0n);
		const counters = () => readCounters(addon.losses());
		const all = () => counters().emitted + counters().lost.reduce((sum, count) => sum + count, 0n);
		const buffer = new Uint8Array(1 << 20);
		let records = 0n;
		let marked = 0n;
		const drain = () => {
			for (let length = addon.drain(buffer); length > 0; length = addon.drain(buffer)) {
				const data = new DataView(buffer.buffer);
				for (let at = 0; at < length; at += recordSize(buffer, at)) {
					assert.notEqual(recordSize(buffer, at), 0, `no record at ${at}`);
					if (buffer[at] === Kind.LOSS) marked += data.getBigUint64(at + LossAt.count, true);
					if (buffer[at] === Kind.CALL || buffer[at] === Kind.MARK) records++;
				}
			}
		};
		const settled = () => {
			drain();
			return all() === counted() && records === counters().emitted;
		};
		// More than all rings hold, of both sizes of a record; each begins with empty rings.
		for (const address of ['127.0.0.1', '::1']) {
			const before = counters().lost[0] ?? 0n;
			await here('echo-udp', address, PORT, 1500);
			const now = counters().lost[0] ?? 0n;
			assert.ok(now - before > 100n, `${now - before} lost: the rings were not full`);
			await becomes(settled, `counted ${counted()}, emitted or lost ${all()}, read ${records}`);
		}
		const lost = counters().lost[0] ?? 0n;
		// Now there is room: the next record of each CPU that lost something tells of the loss first.
		for (let i = 0; i < 50 && marked < (counters().lost[0] ?? 0n); i++) {
			await here('echo-udp', '127.0.0.1', PORT, 5);
			await becomes(settled, `counted ${counted()}, emitted or lost ${all()}, read ${records}`);
		}
		assert.equal(counters().lost[0], lost, 'nothing more is lost once there is room');
		assert.equal(marked, lost, 'the loss records say how many');
	} finally {
		addon.stop();
	}
});
