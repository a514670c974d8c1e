/** The facts of captured frames in memory, oldest first out, found by what they have in common with records. */
import {decodeFrame, type FrameBytes} from './frame.js';
import {identityHash, transportHash} from './frame-facts.js';
import {At, SIZE_IPV6} from './record.js';
import {RecordView} from './view.js';

/** Bytes that a frame takes here, about: its facts, and its places in the index. */
export const FRAME_COST = 256;

/** Frames of one hash, by time. */
interface Chain {
	ids: number[];
	/** Those before were forgotten. */
	from: number;
	/** Whether a frame came so late that they have to be sorted. */
	mixed: boolean;
}

/** CPUs overtake each other by a few frames; more is a capture whose frames are not in order. */
const OVERTAKEN = 16;

const NOTHING: readonly number[] = [];

export class Frames {
	/** Frames `first` to `end - 1` are there, in the order in which they came. */
	first = 0;
	end = 0;
	/** Where their facts are: see `at`. */
	view: RecordView;
	private mask: number;
	/** By hash; a single frame, as most are, is its number. */
	private readonly chains = new Map<number, number | Chain>();
	private readonly single: number[] = [0];

	/** @param room frames that there is room for at first; a power of two. */
	constructor(room = 1024) {
		this.mask = room - 1;
		this.view = new RecordView(new Uint8Array(room * SIZE_IPV6));
	}

	/** Byte offset in `view` of the facts of a frame. */
	at(id: number): number {
		return (id & this.mask) * SIZE_IPV6;
	}

	/**
	 * Decodes a frame to where the next one will be; `keep` makes it one. False: it is no packet that there are facts of.
	 * @param time CLOCK_MONOTONIC, ns; @param dev what the frame's device is called by number, 0 unknown.
	 */
	decode(frame: FrameBytes, link: number, time: bigint, dev: number): boolean {
		if (this.end - this.first > this.mask) this.grow();
		const at = this.at(this.end);
		const known = decodeFrame(frame, link, this.view, at);
		this.view.setU64Exact(at + At.begin, time);
		this.view.halves[(at + At.dev) >>> 1] = dev;
		return known;
	}

	/** Makes what was decoded last a frame and returns its number. @param known whether there were facts. */
	keep(known: boolean): number {
		const id = this.end++;
		if (!known) return id;
		const at = this.at(id);
		if (this.view.ipid(at) !== 0) this.enter(identityHash(this.view, at), id);
		this.enter(transportHash(this.view, at), id);
		return id;
	}

	/** Forgets the oldest. */
	drop(): void {
		const at = this.at(this.first);
		this.leave(identityHash(this.view, at));
		this.leave(transportHash(this.view, at));
		this.first++;
	}

	/** Frames under a hash, by time, from the index `from` on; others may be among them. Valid until the next `keep`. */
	find(hash: number): {readonly ids: readonly number[]; readonly from: number} {
		const chain = this.chains.get(hash);
		if (chain === undefined) return {ids: NOTHING, from: 0};
		if (typeof chain !== 'number') {
			if (chain.mixed) this.sort(chain);
			return chain;
		}
		this.single[0] = chain;
		return {ids: this.single, from: 0};
	}

	private enter(hash: number, id: number): void {
		const chain = this.chains.get(hash);
		if (chain === undefined) {
			this.chains.set(hash, id);
			return;
		}
		const many = typeof chain === 'number' ? {ids: [chain], from: 0, mixed: false} : chain;
		const {ids, from} = many;
		const least = Math.max(from, ids.length - OVERTAKEN);
		let place = ids.length;
		while (place > least && this.isLater(ids[place - 1] as number, id)) place--;
		if (place === least && least > from) {
			many.mixed = true;
			ids.push(id);
		} else ids.splice(place, 0, id);
		if (typeof chain === 'number') this.chains.set(hash, many);
	}

	private sort(chain: Chain): void {
		chain.ids = chain.ids.slice(chain.from).sort((a, b) => (this.isLater(a, b) ? 1 : this.isLater(b, a) ? -1 : a - b));
		chain.from = 0;
		chain.mixed = false;
	}

	private isLater(id: number, other: number): boolean {
		const [a, b] = [this.at(id) + At.begin, this.at(other) + At.begin];
		const {view} = this;
		return view.high(a) === view.high(b) ? view.low(a) > view.low(b) : view.high(a) > view.high(b);
	}

	/** Takes the frame that is forgotten from under a hash, where it is there. */
	private leave(hash: number): void {
		const chain = this.chains.get(hash);
		if (chain === undefined) return;
		if (typeof chain === 'number') {
			if (chain === this.first) this.chains.delete(hash);
			return;
		}
		while (chain.from < chain.ids.length && (chain.ids[chain.from] as number) <= this.first) chain.from++;
		if (chain.from === chain.ids.length) this.chains.delete(hash);
		else if (chain.from * 2 > chain.ids.length) {
			chain.ids.splice(0, chain.from);
			chain.from = 0;
		}
	}

	private grow(): void {
		const mask = this.mask * 2 + 1;
		const view = new RecordView(new Uint8Array((mask + 1) * SIZE_IPV6));
		for (let id = this.first; id < this.end; id++) {
			const at = this.at(id);
			view.bytes.set(this.view.bytes.subarray(at, at + SIZE_IPV6), (id & mask) * SIZE_IPV6);
		}
		this.view = view;
		this.mask = mask;
	}
}
