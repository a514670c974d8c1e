/** Addresses, ports and protocol of packets, by slot: those of the first record that knows both sides. */
import type {FlowKey} from '../flow-index.js';
import {Sides, sidesOf} from '../flow-sides.js';
import {At, Family} from '../record.js';
import type {RecordView} from '../view.js';

/** u32 words: two addresses of four, ports, family and protocol. */
const WORDS = 10;
const B = 4;
const PORTS = 8;
const KIND = 9;
/** In KIND: both sides are known, nothing better will come. */
const WHOLE = 1 << 16;

export class FlowKeys {
	private readonly words: Uint32Array;
	private readonly bytes: Uint8Array;

	/** @param slots packets. */
	constructor(slots: number) {
		this.words = new Uint32Array(slots * WORDS);
		this.bytes = new Uint8Array(this.words.buffer);
	}

	forget(slot: number): void {
		this.words[slot * WORDS + KIND] = 0;
	}

	/** What a record says of its packet's flow, where nothing is known yet, or one side only. */
	learn(slot: number, view: RecordView, at: number): void {
		const to = slot * WORDS;
		const {words} = this;
		const known = words[to + KIND] as number;
		if ((known & WHOLE) !== 0) return;
		const sides = sidesOf(view, at);
		if (sides === Sides.NONE || (known !== 0 && sides !== Sides.BOTH)) return;
		const six = view.family(at) === Family.IPV6;
		const [a, b] = [(at + (six ? At.saddr6 : At.saddr)) >>> 2, (at + (six ? At.daddr6 : At.daddr)) >>> 2];
		for (let i = 0; i < B; i++) {
			const there = six || i === 0;
			words[to + i] = there ? (view.words[a + i] as number) : 0;
			words[to + B + i] = there ? (view.words[b + i] as number) : 0;
		}
		words[to + PORTS] = (view.sport(at) << 16) | view.dport(at);
		const proto = view.family(at) === Family.ARP ? 0 : view.proto(at);
		words[to + KIND] = (view.family(at) << 8) | proto | (sides === Sides.BOTH ? WHOLE : 0);
	}

	/** From a, its source where it was seen first, to b. Undefined where nothing is known. */
	get(slot: number): FlowKey | undefined {
		const at = slot * WORDS;
		const kind = this.words[at + KIND] as number;
		if (kind === 0) return undefined;
		const ports = this.words[at + PORTS] as number;
		return {
			family: (kind >>> 8) & 0xff,
			proto: kind & 0xff,
			bytes: this.bytes,
			a: at * 4,
			b: (at + B) * 4,
			portA: ports >>> 16,
			portB: ports & 0xffff,
		};
	}
}
