/**
 * The calls of tasks at both ends of a TCP segment: those that wrote its bytes and those that read them. A call covers the
 * sequence numbers from the socket's at its begin on, as many as it returned bytes; these of a segment are in its records.
 * Found on demand, in the part of the store around the segment.
 */
import type {FlowKey} from '../flow-index.js';
import {At, Family, Kind, Proto, recordSize} from '../record.js';
import {Entry} from '../store.js';
import type {RecordView} from '../view.js';
import type {PacketWorld} from './packet-row.js';

/** A call of a task that has bytes of a segment. Times in ns, `begin` since the store's epoch. */
export interface StreamCall {
	readonly entry: number;
	/** Of its record from the begin of the entry, bytes. */
	readonly offset: number;
	readonly fn: number;
	readonly begin: number;
	readonly end: number;
	/** The first sequence number it has, and how many. */
	readonly seq: number;
	readonly length: number;
}

export interface StreamCalls {
	/** Calls that wrote bytes of the segment, and that read them, in the order of their begins. */
	readonly sent: readonly StreamCall[];
	readonly received: readonly StreamCall[];
}

/** Entries that are looked at before and after those of the segment, and ns. */
const ENTRIES = 8192;
const NEAR = 10e9;
/** Calls at each end. */
const MOST = 64;

const SENDS = ['tcp_sendmsg', 'tcp_sendmsg_locked'];
const READS = ['tcp_recvmsg', 'tcp_recvmsg_locked'];
/** Functions whose record has the length of the payload. */
const EXACT = ['__tcp_transmit_skb', 'tcp_queue_rcv'];
/** Functions whose record counts the TCP header, too. */
const WITH_HEADER =
	'tcp_v4_rcv tcp_v6_rcv tcp_v4_do_rcv tcp_v6_do_rcv tcp_rcv_established tcp_rcv_state_process tcp_add_backlog tcp_data_queue';
/** TCP headers with all options, and without any. */
const LONGEST_HEADER = 60;
const SHORTEST_HEADER = 20;
const PSH = 8;

/** Sequence numbers of a segment: the first one, and how many at least. */
export interface Range {
	readonly seq: number;
	readonly length: number;
}

/**
 * Undefined: it has no payload, as far as its records say, or is no TCP segment. A segment that has not arrived itself, as a
 * clone of it has, is read by nobody.
 */
export function streamCallsOf(world: PacketWorld, number: number): StreamCalls | undefined {
	const {table, store} = world;
	const slot = table.slot(number);
	if (slot === undefined) return undefined;
	const flow = table.columns.flows.get(slot);
	if (flow?.proto !== Proto.TCP) return undefined;
	const parent = table.slot(table.columns.parent[slot] as number);
	const range = rangeOf(world, slot) ?? (parent === undefined ? undefined : rangeOf(world, parent));
	if (range === undefined) return undefined;
	const [first, last] = [table.columns.first[slot] as number, table.columns.last[slot] as number];
	let [from, to] = [Number.POSITIVE_INFINITY, 0];
	for (const id of table.entriesOf(slot)) [from, to] = [Math.min(from, id), Math.max(to, id)];
	const sent: StreamCall[] = [];
	const received: StreamCall[] = [];
	const search = new Search(world);
	for (let id = Math.max(store.first, from - ENTRIES); id < Math.min(store.end, to + ENTRIES + 1); id++) {
		search.entry(id, flow, range, first, last, sent, received);
	}
	for (const list of [sent, received]) list.sort((a, b) => a.begin - b.begin);
	return {sent, received: hasArrived(world, slot) ? received : []};
}

function hasArrived({table, names}: PacketWorld, slot: number): boolean {
	const trail = table.trailOf(slot);
	const is = (name: string) => name === 'tcp_queue_rcv' || WITH_HEADER.split(' ').includes(name);
	return trail.fn.subarray(0, trail.count).some((fn) => is(names.session.functions[fn]?.name ?? ''));
}

/** The sequence numbers of a packet, from its own records; undefined where it has no payload or they do not say. */
export function rangeOf({table, store, names}: PacketWorld, slot: number): Range | undefined {
	const trail = table.trailOf(slot);
	const entry = new Entry();
	let range: Range | undefined;
	for (let i = 0; i < trail.count; i++) {
		const name = names.session.functions[trail.fn[i] as number]?.name ?? '';
		const exact = EXACT.includes(name);
		if (!exact && (range !== undefined || !WITH_HEADER.split(' ').includes(name))) continue;
		if (!store.read(trail.entry[i] as number, entry)) continue;
		const {view} = entry;
		const at = entry.at + (trail.offset[i] as number);
		if (view.proto(at) !== Proto.TCP) continue;
		const [seq, length] = [view.seq(at), view.len(at)];
		if (exact) return length > 0 ? {seq, length} : undefined;
		// A short one is an acknowledgement with options, unless it is to be handed on at once.
		const data = length > LONGEST_HEADER || (length > SHORTEST_HEADER && (view.tcpFlags(at) & PSH) !== 0);
		if (data) range = {seq, length: Math.max(1, length - LONGEST_HEADER)};
	}
	return range;
}

class Search {
	private readonly stored = new Entry();
	/** By function: 1 writes, 2 reads. */
	private readonly ends: Uint8Array;

	constructor(private readonly world: PacketWorld) {
		this.ends = Uint8Array.from(world.names.session.functions, ({name}) =>
			SENDS.includes(name) ? 1 : READS.includes(name) ? 2 : 0,
		);
	}

	/** Calls of an entry that have bytes of the range; of calls within each other the outermost one. */
	entry(
		id: number,
		flow: FlowKey,
		range: Range,
		first: number,
		last: number,
		sent: StreamCall[],
		received: StreamCall[],
	): void {
		const {stored, ends} = this;
		const {store} = this.world;
		const begin = store.begin(id);
		if (begin > last + NEAR || !store.read(id, stored)) return;
		const {view} = stored;
		let found = Number.POSITIVE_INFINITY;
		for (let at = stored.at; at < stored.end; at += recordSize(view.bytes, at)) {
			const depth = view.depth(at);
			if (depth <= found) found = Number.POSITIVE_INFINITY;
			const which = ends[view.fn(at)];
			if (!which || depth > found || view.kind(at) !== Kind.CALL || !view.ended(at)) continue;
			const list = which === 1 ? sent : received;
			const call = this.call(id, at);
			// Bytes are written before they go out, and read after they have come.
			const possible = which === 1 ? call.begin <= first : call.end >= first;
			if (!possible || call.end < first - NEAR || list.length === MOST) continue;
			if (!overlaps(call, range) || !isOf(view, at, flow, which === 2)) continue;
			found = depth;
			list.push(call);
		}
	}

	private call(entry: number, at: number): StreamCall {
		const {view, at: base} = this.stored;
		const begin = view.begin(at, this.world.store.epoch);
		const end = begin + view.duration(at);
		return {entry, offset: at - base, fn: view.fn(at), begin, end, seq: view.seq(at), length: view.ret(at)};
	}
}

/** Sequence numbers wrap. A negative length is an error, none are no bytes. */
function overlaps(call: Range, {seq, length}: Range): boolean {
	if (call.length <= 0) return false;
	const ahead = (seq - call.seq) | 0;
	return ahead >= 0 ? ahead < call.length : -ahead < length;
}

/** Whether a record of a socket is of that flow, at its begin, or at its end. */
function isOf(view: RecordView, at: number, flow: FlowKey, atEnd: boolean): boolean {
	if (view.family(at) !== flow.family || view.proto(at) !== flow.proto) return false;
	const [mine, other] = atEnd ? [flow.portB, flow.portA] : [flow.portA, flow.portB];
	if (view.sport(at) !== mine || view.dport(at) !== other) return false;
	const [source, target] = addresses(view, at);
	const size = flow.family === Family.IPV6 ? 16 : 4;
	for (let i = 0; i < size; i++) {
		if (view.bytes[source + i] !== flow.bytes[(atEnd ? flow.b : flow.a) + i]) return false;
		if (view.bytes[target + i] !== flow.bytes[(atEnd ? flow.a : flow.b) + i]) return false;
	}
	return true;
}

const addresses = (view: RecordView, at: number): readonly [number, number] =>
	view.family(at) === Family.IPV6 ? [at + At.saddr6, at + At.daddr6] : [at + At.saddr, at + At.daddr];
