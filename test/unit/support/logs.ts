/** Random logs as our writer writes them, and logs read back. */
import {closeSync, mkdtempSync, openSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {type ClassicOptions, ClassicWriter} from '../../../src/formats/classic.js';
import {ClassicCopy, type CopyOptions} from '../../../src/formats/classic-copy.js';
import {ClassicReader} from '../../../src/formats/classic-reader.js';
import {linesOf} from '../../../src/formats/lines.js';
import {BlockBuilder} from '../../../src/trace/blocks.js';
import {inOrder} from '../../../src/trace/order.js';
import {At, Family, Kind, recordSize} from '../../../src/trace/record.js';
import type {Session} from '../../../src/trace/session.js';
import {Entry, Store} from '../../../src/trace/store.js';
import {Tasks} from '../../../src/trace/tasks.js';
import {Kernel, type Step, TASKS} from './kernel.js';
import {makeLoss, makeSession} from './records.js';

/** Names that the catalogue knows at several layers, and one that nobody knows; see makeSession. */
const NAMES = [
	'tcp_v4_rcv',
	'ip_rcv*',
	'inet_sendmsg',
	'odd_name.constprop.0',
	'udp_rcv',
	'ipv6_rcv*',
	'arp_rcv',
	'-mark',
];

/** ns since the epoch: half a minute to midnight in Berlin. */
export const WALL = BigInt(Date.UTC(2026, 0, 14, 22, 59, 30)) * 1_000_000n;

/** Runs with the clock of Berlin. */
export function inBerlin<T>(action: () => T): T {
	const zone = process.env.TZ;
	process.env.TZ = 'Europe/Berlin';
	try {
		return action();
	} finally {
		if (zone === undefined) delete process.env.TZ;
		else process.env.TZ = zone;
	}
}

export interface Recorded {
	readonly store: Store;
	readonly session: Session;
	readonly now: bigint;
	/** What a failed property prints. */
	readonly [fc.toStringMethod]?: () => string;
}

const step: fc.Arbitrary<Step> = fc.record({
	action: fc.constantFrom('enter', 'enter', 'enter', 'exit', 'exit', 'skip-exit', 'mark', 'sleep', 'softirq'),
	task: fc.nat(TASKS - 1),
	interrupt: fc.boolean(),
	fn: fc.nat(NAMES.length - 1),
	elapse: fc.oneof(fc.integer({min: 1, max: 3_000}), fc.integer({min: 1, max: 4_000_000_000})),
});

const packet = fc.record({
	family: fc.constantFrom(Family.NONE, Family.IPV4, Family.IPV4, Family.ARP),
	proto: fc.constantFrom(0, 1, 6, 6, 6, 17, 58, 89),
	sport: fc.constantFrom(0, 0, 21, 65535),
	dport: fc.constantFrom(0, 33056),
	ipid: fc.constantFrom(0, 77, 65535),
	flags: fc.nat(255),
	seq: fc.constantFrom(0, 1, 4294967295),
	ack: fc.constantFrom(0, 516203532),
	address: fc.uint8Array({minLength: 32, maxLength: 32}),
});

/** What a kernel might have sent, with calls that are open and losses. */
export const recorded: fc.Arbitrary<Recorded> = fc
	.tuple(fc.array(step, {maxLength: 120}), fc.array(packet, {minLength: 1, maxLength: 20}), fc.boolean(), fc.nat(40))
	.map(([steps, packets, asleep, lossEvery]) => {
		const kernel = new Kernel();
		for (const one of steps) kernel.run(one);
		kernel.stop(asleep);
		const store = new Store(1 << 24);
		const builder = new BlockBuilder(store, new Tasks());
		let now = 1_000n;
		kernel.records.forEach((record, i) => {
			const data = new DataView(record.buffer);
			const {family, proto, sport, dport, ipid, flags, seq, ack, address} = packets[i % packets.length] as {
				family: number;
				proto: number;
				sport: number;
				dport: number;
				ipid: number;
				flags: number;
				seq: number;
				ack: number;
				address: Uint8Array;
			};
			const six = record[At.family] === Family.IPV6;
			if (!six) record[At.family] = family;
			// A record of neither family has addresses of zeros.
			const none = !six && family === Family.NONE;
			record.set(address.subarray(0, six ? 32 : none ? 0 : 8), six ? At.saddr6 : At.saddr);
			const ports = proto === 6 || proto === 17;
			record[At.proto] = none || (!six && family === Family.ARP) ? 0 : proto;
			if (ports && !none) {
				data.setUint16(At.sport, sport, true);
				data.setUint16(At.dport, dport, true);
			}
			data.setUint16(At.ipid, ipid, true);
			record[At.tcp_flags] = flags;
			data.setUint32(At.seq, seq, true);
			data.setUint32(At.ack, ack, true);
			builder.push(record);
			const begin = data.getBigUint64(At.begin, true);
			if (begin > now) now = begin;
			if (lossEvery > 0 && i % lossEvery === lossEvery - 1) builder.push(makeLoss(i % 5, i + 1, begin));
		});
		builder.flush();
		const all = {store, session: makeSession(NAMES, WALL), now: now + 12_345_678_901n};
		return {...all, [fc.toStringMethod]: () => written(all, {time: 'ns'})};
	});

/** The log as it is saved (`order`: by begin), or as it is printed while it happens. */
export function written(
	{store, session, now}: Recorded,
	options: Partial<ClassicOptions> & {order?: 'begin' | 'end'; lost?: bigint} = {},
): string {
	const writer = new ClassicWriter(session, {time: 'us', now: () => now, ...options});
	let text = '';
	const entry = new Entry();
	if (options.order === 'end') {
		for (let id = store.first; id < store.end; id++) if (store.read(id, entry)) text += writer.entry(entry);
	} else for (const one of inOrder(store)) text += writer.entry(one);
	return text + writer.last(options.lost ?? 7n);
}

/** A log again from its lines. */
export function copied(text: string, options: Partial<CopyOptions> = {}): {text: string; problem: string} {
	const copy = new ClassicCopy({raw: false, time: undefined, ...options});
	return withFile(text, (fd) => {
		let out = '';
		for (const lines of linesOf(fd, new Uint8Array(0))) for (const line of lines) out += copy.push(line);
		return {text: out + copy.finish(), problem: copy.unread.problem};
	});
}

/** A log as a session. @param written when the file was written, ms; by default ten minutes after WALL. */
export function readLog(
	log: string | Uint8Array,
	written = Number(WALL / 1_000_000n) + 600_000,
): Recorded & {problem: string; lost: bigint; reader: ClassicReader} {
	return withFile(log, (fd) => {
		const reader = new ClassicReader(fd, new Uint8Array(0), written);
		const store = new Store(1 << 26);
		const builder = new BlockBuilder(store, new Tasks());
		let now = 0n;
		let lost = 0n;
		for (const chunk of reader.chunks()) {
			if (chunk.type === 'records') builder.push(chunk.bytes, chunk.offset, chunk.length);
			else if (chunk.type === 'end') {
				now = chunk.ended;
				lost = chunk.counters.lost.reduce((sum, count) => sum + count, 0n);
			}
		}
		builder.flush();
		if (builder.damaged > 0) throw new Error(`${builder.damaged} bytes were no records`);
		return {store, session: reader.header.session, now, problem: reader.problem, lost, reader};
	});
}

/** Names, signs and kinds of all records, indented. */
export function outline({store, session}: Pick<Recorded, 'store' | 'session'>): string[] {
	const rows: string[] = [];
	for (const {view, at: first, end} of inOrder(store)) {
		if (view.kind(first) === Kind.LOSS) {
			rows.push('loss');
			continue;
		}
		for (let at = first; at < end; at += recordSize(view.bytes, at)) {
			const kind = view.kind(at);
			const mark = kind === Kind.OPEN ? ' open' : kind === Kind.MARK ? ' -' : view.ended(at) ? '' : ' ?';
			rows.push(`${'  '.repeat(view.depth(at))}${session.functions[view.fn(at)]?.name}${mark}`);
		}
	}
	return rows;
}

function withFile<T>(content: string | Uint8Array, use: (fd: number) => T): T {
	const folder = mkdtempSync(path.join(tmpdir(), 'pkttop-log-'));
	const file = path.join(folder, 'log');
	writeFileSync(file, content);
	const fd = openSync(file, 'r');
	try {
		return use(fd);
	} finally {
		closeSync(fd);
		rmSync(folder, {recursive: true});
	}
}
