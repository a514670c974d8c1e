/**
 * TCP segments that came before one they need: which they are, and when the gap was filled. Nothing traced takes them out of
 * the kernel's tree, so what tells is the segment in order that reaches up to theirs.
 */
import {FlowIndex} from '../flow-index.js';
import type {RecordView} from '../view.js';

/** Connections with a gap, and segments behind the gaps of one: when there are more, the oldest ones are not followed. */
const FLOWS = 1024;
const SEGMENTS = 4096;
/** A TCP header without options: the record of a segment that arrives counts its header. */
const HEADER = 20;

interface Segment {
	readonly packet: number;
	readonly seq: number;
	/** Sequence number behind it, or a little more. */
	readonly next: number;
}

export class Gaps {
	private readonly flows = new FlowIndex(FLOWS);
	/** By flow and direction. */
	private readonly waiting = new Map<number, Segment[]>();
	/** The segment that arrives in the entry at hand, unless it was appended. */
	private arriving: {view: RecordView; at: number; packet: number} | undefined;

	/** @param filled is called with each packet that was behind a gap, and when that was filled, ns since the epoch. */
	constructor(private readonly filled: (packet: number, time: number) => void) {}

	/** A call that has a segment arrive; if nothing inside it appends it in order, it is behind a gap. */
	arrives(view: RecordView, at: number, packet: number): void {
		this.flush();
		this.arriving = {view, at, packet};
	}

	/** A call that appends a segment in order. */
	inOrder(view: RecordView, at: number, packet: number, epoch: number): void {
		if (this.arriving?.packet === packet) this.arriving = undefined;
		if (this.waiting.size === 0) return;
		const key = this.key(view, at);
		const list = this.waiting.get(key);
		if (list === undefined) return;
		const time = view.begin(at, epoch) + (view.ended(at) ? view.duration(at) : 0);
		let next = view.seq(at) + view.len(at);
		let rest = list;
		for (let before = -1; before !== rest.length; ) {
			before = rest.length;
			rest = rest.filter((segment) => {
				if (((segment.seq - next) | 0) > 0) return true;
				if (((segment.next - next) | 0) > 0) next = segment.next;
				this.filled(segment.packet, time);
				return false;
			});
		}
		if (rest.length === 0) this.waiting.delete(key);
		else this.waiting.set(key, rest);
	}

	/** The entry ends: what has arrived in it and was not appended is behind a gap. */
	flush(): void {
		if (this.arriving === undefined) return;
		const {view, at, packet} = this.arriving;
		this.arriving = undefined;
		const key = this.key(view, at);
		const list = this.waiting.get(key) ?? [];
		const seq = view.seq(at);
		list.push({packet, seq, next: seq + Math.max(0, view.len(at) - HEADER)});
		if (list.length > SEGMENTS) list.shift();
		this.waiting.set(key, list);
	}

	clear(): void {
		this.flows.keep([]);
		this.waiting.clear();
		this.arriving = undefined;
	}

	private key(view: RecordView, at: number): number {
		let flow = this.flows.find(view, at);
		if (flow < 0) {
			this.flows.keep([]);
			this.waiting.clear();
			flow = this.flows.find(view, at);
		}
		return flow * 2 + (this.flows.reversed ? 1 : 0);
	}
}
