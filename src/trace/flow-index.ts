/** Finds the number of a record's flow: a hash table on the numbers of the record, without an object or a string for it. */
import {Table} from './hash-table.js';
import {At, Family} from './record.js';
import type {RecordView} from './view.js';

/** u32 words of a key: address a, address b (IPv4 and ARP in the first of four), ports of a and b, family and protocol. */
const KEY = 10;
const B = 4;
const PORTS = 8;
const KIND = 9;

/** What identifies a flow, in the order of its first record: a is where that came from. */
export interface FlowKey {
	readonly family: number;
	/** 0 for ARP. */
	readonly proto: number;
	/** Four or sixteen bytes of an address, in network order, at an offset. */
	readonly bytes: Uint8Array;
	readonly a: number;
	readonly b: number;
	readonly portA: number;
	readonly portB: number;
}

export class FlowIndex {
	/** Flows that are known: numbers 0 to count - 1, in the order in which they were first seen. */
	count = 0;
	/** Whether the record found last goes from b to a. */
	reversed = false;
	private readonly keys: Uint32Array;
	private readonly bytes: Uint8Array;
	/** The key of the record that is looked for. */
	private readonly key = new Uint32Array(KEY);
	/** By hash of the key. */
	private readonly whole: Table;
	/** By hash of one address and the ports, once for each side. */
	private readonly half: Table;

	/** @param limit flows at most. */
	constructor(readonly limit: number) {
		this.keys = new Uint32Array(limit * KEY);
		this.bytes = new Uint8Array(this.keys.buffer);
		this.whole = new Table(limit);
		this.half = new Table(2 * limit);
	}

	/**
	 * The number of the flow that the record at `at` belongs to, in either direction: a new one for its first record, -1
	 * when there is no room for one more. Sets `reversed`.
	 */
	find(view: RecordView, at: number): number {
		this.read(view, at);
		const {key, keys} = this;
		const flow = this.whole.find(hash(key, 0), this.matches);
		if (flow >= 0) return flow;
		this.reversed = false;
		if (this.count === this.limit) return -1;
		keys.set(key, this.count * KEY);
		this.enter(this.count);
		return this.count++;
	}

	/** The flow of a record that knows one address and both ports: one with these; -1 when there is none. */
	findByOne(view: RecordView, at: number): number {
		this.read(view, at);
		const known = isSet(this.key, B) ? B : 0;
		return this.half.find(halfHash(this.key, 0, known), (flow) => this.is(flow, 0, known) || this.is(flow, B, known));
	}

	/** The identity of a flow. */
	get(flow: number): FlowKey {
		const at = flow * KEY;
		const kind = this.keys[at + KIND]!;
		const ports = this.keys[at + PORTS]!;
		return {
			family: kind >>> 8,
			proto: kind & 0xff,
			bytes: this.bytes,
			a: at * 4,
			b: (at + B) * 4,
			portA: ports >>> 16,
			portB: ports & 0xffff,
		};
	}

	/** Keeps these flows, in ascending order, and numbers them anew from 0. */
	keep(flows: ArrayLike<number>): void {
		const {keys} = this;
		this.whole.clear();
		this.half.clear();
		for (let to = 0; to < flows.length; to++) {
			const from = flows[to]! * KEY;
			for (let i = 0; i < KEY; i++) keys[to * KEY + i] = keys[from + i]!;
			this.enter(to);
		}
		this.count = flows.length;
	}

	private read(view: RecordView, at: number): void {
		const {key} = this;
		const family = view.family(at);
		const words = family === Family.IPV6 ? 4 : 1;
		const source = (at + (words === 4 ? At.saddr6 : At.saddr)) >>> 2;
		const target = (at + (words === 4 ? At.daddr6 : At.daddr)) >>> 2;
		for (let i = 0; i < 4; i++) {
			key[i] = i < words ? view.words[source + i]! : 0;
			key[B + i] = i < words ? view.words[target + i]! : 0;
		}
		key[PORTS] = (view.sport(at) << 16) | view.dport(at);
		key[KIND] = (family << 8) | (family === Family.ARP ? 0 : view.proto(at));
	}

	private enter(flow: number): void {
		const at = flow * KEY;
		this.whole.add(hash(this.keys, at), flow);
		if (!isSet(this.keys, at) || !isSet(this.keys, at + B)) return;
		this.half.add(halfHash(this.keys, at, 0), flow);
		this.half.add(halfHash(this.keys, at, B), flow);
	}

	/** Whether a flow is that of the key, in either direction. */
	private readonly matches = (flow: number): boolean => {
		this.reversed = !(this.is(flow, 0, 0) && this.is(flow, 0, B));
		return !this.reversed || (this.is(flow, B, 0) && this.is(flow, B, B));
	};

	/**
	 * Whether a flow has the ports of the key, and at one side its address.
	 * @param swap 0 for the same direction, B for the other; @param side of the key: 0 source, B target.
	 */
	private is(flow: number, swap: number, side: number): boolean {
		const {key, keys} = this;
		const at = flow * KEY;
		const ports = key[PORTS]!;
		if (keys[at + PORTS] !== (swap === 0 ? ports : exchanged(ports)) || keys[at + KIND] !== key[KIND]) return false;
		for (let i = 0; i < B; i++) if (keys[at + (side ^ swap) + i] !== key[side + i]) return false;
		return true;
	}
}

const exchanged = (ports: number): number => ((ports << 16) | (ports >>> 16)) >>> 0;
const isSet = (keys: Uint32Array, at: number): boolean =>
	(keys[at]! | keys[at + 1]! | keys[at + 2]! | keys[at + 3]!) !== 0;

/** The same for both directions. */
function hash(keys: Uint32Array, at: number): number {
	const ports = keys[at + PORTS]!;
	return side(keys, at, ports >>> 16) + side(keys, at + B, ports & 0xffff) + keys[at + KIND]!;
}

/** Of the side at `known`, with the port of the other one. */
function halfHash(keys: Uint32Array, at: number, known: number): number {
	const ports = keys[at + PORTS]!;
	const [mine, other] = known === 0 ? [ports >>> 16, ports & 0xffff] : [ports & 0xffff, ports >>> 16];
	return side(keys, at + known, mine) + Math.imul(other, 0x27d4eb2f) + keys[at + KIND]!;
}

function side(keys: Uint32Array, at: number, port: number): number {
	const address = keys[at]! ^ Math.imul(keys[at + 1]!, 3) ^ Math.imul(keys[at + 2]!, 5) ^ Math.imul(keys[at + 3]!, 7);
	const mixed = Math.imul(address ^ Math.imul(port, 0x85ebca6b), 0xc2b2ae35);
	return mixed ^ (mixed >>> 15);
}
