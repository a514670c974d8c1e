/**
 * User-space cost of the flow table: FlowTable.add() on blocks of eight calls, of few flows, of many, and of more than are
 * kept; and rows(). Prints figures, decides nothing. Needs a build: npm run build && node test/bench/flows.js
 */
import {BlockBuilder} from '../../dist/trace/blocks.js';
import {FlowTable} from '../../dist/trace/flows.js';
import {At, Family, Kind, Proto} from '../../dist/trace/record.js';
import {Entry, Store} from '../../dist/trace/store.js';
import {Tasks} from '../../dist/trace/tasks.js';

const DEPTH = 8;
const BLOCKS = 50_000;
const ROUNDS = 10;
const NAMES = [
	'udp_sendmsg',
	'udp_send_skb',
	'ip_send_skb',
	'__ip_local_out',
	'ip_output',
	'ip_finish_output2',
	'__dev_queue_xmit',
];

/** Entries of `flows` flows, one after the other. */
function entries(flows, six) {
	const size = six ? 96 : 64;
	const store = new Store(256 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	const bytes = new Uint8Array(DEPTH * size);
	const data = new DataView(bytes.buffer);
	for (let block = 0; block < BLOCKS; block++) {
		for (let depth = DEPTH - 1, at = 0; depth >= 0; depth--, at += size) {
			data.setUint8(at + At.kind, Kind.CALL);
			data.setUint16(at + At.fn, depth, true);
			data.setBigUint64(at + At.begin, BigInt(block * 1000 + depth), true);
			data.setBigUint64(at + At.duration, BigInt(100 - depth), true);
			data.setUint8(at + At.depth, depth);
			data.setUint8(at + At.proto, Proto.UDP);
			data.setUint8(at + At.family, six ? Family.IPV6 : Family.IPV4);
			data.setUint32(at + (six ? At.saddr6 : At.saddr), 0x0100000a, true);
			data.setUint32(at + (six ? At.daddr6 : At.daddr), 0x0200000a + ((block % flows) >> 14), true);
			data.setUint16(at + At.sport, 1024 + ((block % flows) & 0x3fff), true);
			data.setUint16(at + At.dport, 53, true);
			data.setUint32(at + At.len, 100, true);
		}
		builder.push(bytes);
	}
	return store;
}

function cpuNanos() {
	const {user, system} = process.cpuUsage();
	return (user + system) * 1000;
}

const functions = NAMES.map((name) => ({name, mark: false}));
for (const six of [false, true]) {
	for (const flows of [4, 10_000, 50_000]) {
		const store = entries(flows, six);
		const table = new FlowTable(functions);
		const entry = new Entry();
		const add = () => {
			for (let id = store.first; id < store.end; id++) if (store.read(id, entry)) table.add(entry);
		};
		add();
		const begin = cpuNanos();
		for (let round = 0; round < ROUNDS; round++) add();
		const cost = (cpuNanos() - begin) / (ROUNDS * store.events);
		const start = performance.now();
		const rows = table.rows().length;
		const first = performance.now() - start;
		table.rows();
		const again = performance.now() - start - first;
		console.log(
			`${six ? 'IPv6' : 'IPv4'}, ${flows} flows: ${cost.toFixed(1)} ns CPU a record (${table.forgotten} forgotten);` +
				` rows(): ${rows} in ${first.toFixed(1)} ms, then ${again.toFixed(1)} ms`,
		);
	}
}
