/** Finds the number of a record's flow: a hash table on the numbers of the record, without an object or a string for it. */
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
	/** By hash: number of the flow plus 1, 0 for none. Where it is another's, the next places are tried. */
	private readonly table: Int32Array;
	private readonly mask: number;

	/** @param limit flows at most. */
	constructor(readonly limit: number) {
		this.keys = new Uint32Array(limit * KEY);
		this.bytes = new Uint8Array(this.keys.buffer);
		this.mask = 2 ** Math.ceil(Math.log2(limit * 2)) - 1;
		this.table = new Int32Array(this.mask + 1);
	}

	/**
	 * The number of the flow that the record at `at` belongs to, in either direction: a new one for its first record, -1
	 * when there is no room for one more. Sets `reversed`.
	 */
	find(view: RecordView, at: number): number {
		const {key, keys, table, mask} = this;
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
		let place = hash(key, 0) & mask;
		for (let flow = table[place]!; flow !== 0; flow = table[place]!) {
			this.reversed = false;
			if (this.is(flow - 1, 0)) return flow - 1;
			this.reversed = true;
			if (this.is(flow - 1, B)) return flow - 1;
			place = (place + 1) & mask;
		}
		if (this.count === this.limit) return -1;
		keys.set(key, this.count * KEY);
		table[place] = ++this.count;
		this.reversed = false;
		return this.count - 1;
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
		const {keys, table, mask} = this;
		table.fill(0);
		for (let to = 0; to < flows.length; to++) {
			const from = flows[to]! * KEY;
			for (let i = 0; i < KEY; i++) keys[to * KEY + i] = keys[from + i]!;
			let place = hash(keys, to * KEY) & mask;
			while (table[place] !== 0) place = (place + 1) & mask;
			table[place] = to + 1;
		}
		this.count = flows.length;
	}

	/** @param swap 0 for the same direction, B for the other. */
	private is(flow: number, swap: number): boolean {
		const {key, keys} = this;
		const at = flow * KEY;
		for (let i = 0; i < PORTS; i++) if (keys[at + i] !== key[i ^ swap]) return false;
		const ports = key[PORTS]!;
		const wanted = swap === 0 ? ports : ((ports << 16) | (ports >>> 16)) >>> 0;
		return keys[at + PORTS] === wanted && keys[at + KIND] === key[KIND];
	}
}

/** The same for both directions. */
function hash(keys: Uint32Array, at: number): number {
	const ports = keys[at + PORTS]!;
	const sum = side(keys, at, ports >>> 16) + side(keys, at + B, ports & 0xffff) + keys[at + KIND]!;
	return Math.imul(sum, 0x9e3779b1) >>> 8;
}

function side(keys: Uint32Array, at: number, port: number): number {
	const address = keys[at]! ^ Math.imul(keys[at + 1]!, 3) ^ Math.imul(keys[at + 2]!, 5) ^ Math.imul(keys[at + 3]!, 7);
	const mixed = Math.imul(address ^ Math.imul(port, 0x85ebca6b), 0xc2b2ae35);
	return mixed ^ (mixed >>> 15);
}
