/**
 * User-space cost of a record: BlockBuilder.push() on the stream of UDP exchanges over loopback, and rendering what comes of
 * it. Prints figures, decides nothing. Needs a build: npm run build && node test/bench/blocks.js
 */
import {ClassicWriter} from '../../dist/formats/classic.js';
import {JsonWriter} from '../../dist/formats/json.js';
import {BlockBuilder} from '../../dist/trace/blocks.js';
import {NameTable} from '../../dist/trace/names.js';
import {At, Context, Family, Flag, Kind, Proto} from '../../dist/trace/record.js';
import {Entry, Store} from '../../dist/trace/store.js';
import {Tasks} from '../../dist/trace/tasks.js';

const SIZE = 64;
const EXCHANGES = 600;
const ROUNDS = 100;

/** Calls of one exchange: [depth, interrupt stack, thread, begin, duration]; a softirq runs on top of the sender's innermost call. */
const EXCHANGE = [
	...[6, 5, 4, 3, 2, 1, 0].map((depth) => [depth, true, 1, 60 + depth, 60 - 2 * depth]),
	...[5, 4, 3, 2, 1, 0].map((depth) => [depth, false, 1, 10 + depth, 200 - 2 * depth]),
	...[2, 1, 0].map((depth) => [depth, false, 2, 250 + depth, 40 - 2 * depth]),
];

function stream() {
	const bytes = new Uint8Array(EXCHANGES * EXCHANGE.length * SIZE);
	const data = new DataView(bytes.buffer);
	let at = 0;
	for (let i = 0; i < EXCHANGES; i++) {
		for (const [depth, interrupt, thread, begin, duration] of EXCHANGE) {
			data.setUint8(at, Kind.CALL);
			data.setUint8(at + At.flags, interrupt ? Flag.IRQ_STACK | Context.SOFTIRQ : Context.TASK);
			data.setUint8(at + At.family, Family.IPV4);
			data.setUint16(at + At.fn, depth + (interrupt ? 8 : 0), true);
			data.setUint32(at + At.tid, 1000 + (i % 4) * 10 + thread, true);
			data.setBigUint64(at + At.begin, 5_000_000_000_000n + BigInt(i * 1000 + begin), true);
			data.setBigUint64(at + At.duration, BigInt(duration), true);
			data.setUint16(at + At.cpu, i % 2, true);
			data.setUint16(at + At.under, interrupt && depth === 0 ? 6 : 0, true);
			data.setUint8(at + At.depth, depth);
			data.setUint8(at + At.proto, Proto.UDP);
			data.setUint16(at + At.sport, 40000 + (i % 4), true);
			data.setUint16(at + At.dport, 30091, true);
			data.setUint32(at + At.saddr, 0x0100007f, true);
			data.setUint32(at + At.daddr, 0x0100007f, true);
			at += SIZE;
		}
	}
	return bytes;
}

function cpuNanos() {
	const {user, system} = process.cpuUsage();
	return (user + system) * 1000;
}

const bytes = stream();
const records = bytes.length / SIZE;
const tasks = new Tasks();
const store = new Store(64 << 20);
const builder = new BlockBuilder(store, tasks);
for (let i = 0; i < 10; i++) builder.push(bytes);

const begin = cpuNanos();
for (let i = 0; i < ROUNDS; i++) builder.push(bytes);
const push = (cpuNanos() - begin) / (ROUNDS * records);
console.log(`push: ${push.toFixed(1)} ns CPU a record (${ROUNDS * records} records, ${store.blocks} blocks)`);

const functions = Array.from({length: 16}, (_, i) => ({name: `function_${i}`, group: 'udpio', ipLayer: i % 3 === 0}));
const session = {base: 0n, wallOffset: 1_700_000_000_000_000_000n, functions, dropReasons: {}};
const classic = new ClassicWriter(session, {time: 'us', now: () => 0n});
const json = new JsonWriter(new NameTable(session, tasks), tasks);
for (const [name, writer] of Object.entries({classic, json})) {
	const entry = new Entry();
	let events = 0;
	let length = 0;
	const start = cpuNanos();
	for (let id = store.first; id < store.end && events < 500_000; id++) {
		if (!store.read(id, entry)) continue;
		events += entry.records;
		length += Buffer.byteLength(writer.entry(entry), 'latin1');
	}
	console.log(
		`${name}: ${((cpuNanos() - start) / events).toFixed(0)} ns CPU an event (${length} bytes, ${events} events)`,
	);
}
