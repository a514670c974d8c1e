/** The records of one packet, gathered from the entries that have them, in columns and in the order of their begins. */
import {Kind, recordSize} from '../record.js';
import {Entry, type Store} from '../store.js';
import type {Parts} from './parts.js';

const FIRST = 64;
/** Records of one packet that are looked at; one that has more (a loop of devices) is cut, and says so. */
const MOST = 8192;
/** Up to so many, moving them one by one takes less time than what can sort more. */
const FEW = 32;

export class TrailRecords {
	count = 0;
	/** There were more records than are looked at, or some are not in memory any more. */
	cut = false;
	/** Of each record, in the order of their begins: ns since the epoch; Infinity for an end that is not known. */
	begin = new Float64Array(FIRST);
	end = new Float64Array(FIRST);
	/** ns that the packet spent in this call itself. */
	self = new Float64Array(FIRST);
	entry = new Float64Array(FIRST);
	/** Bytes from the begin of the entry. */
	offset = new Float64Array(FIRST);
	fn = new Uint16Array(FIRST);
	dev = new Uint16Array(FIRST);
	depth = new Uint8Array(FIRST);
	kind = new Uint8Array(FIRST);
	protected ret = new Int32Array(FIRST);
	/** Packets that the queue had that the call puts the packet into; -1: not known. */
	protected length = new Int32Array(FIRST);
	private order = new Uint32Array(FIRST);
	private spare = new Float64Array(FIRST);
	/** Parts of the packet, and when their entries begin. */
	private part = new Int32Array(FIRST);
	private partBegin = new Float64Array(FIRST);
	private partCount = 0;
	private readonly stored = new Entry();

	constructor(protected readonly store: Store) {}

	/** Fills the columns with the records of a packet. */
	protected gather(packet: number, parts: Parts, slot: number): void {
		this.count = 0;
		this.cut = false;
		this.partCount = 0;
		for (let part = parts.head(slot); part >= 0; part = parts.after(part)) this.place(part, parts.entryOf(part));
		for (let i = 0; i < this.partCount; i++) this.take(packet, parts, this.part[i] as number);
		this.sort();
	}

	/**
	 * A part among the others by the begin of its entry: what softirqs did on top of a call is complete before the call is.
	 * So the records come nearly in order.
	 */
	private place(part: number, entry: number): void {
		const {store} = this;
		if (entry < store.first || entry >= store.end) {
			this.cut = true;
			return;
		}
		if (this.partCount === this.part.length) {
			this.part = enlarged(this.part, new Int32Array(this.partCount * 2));
			this.partBegin = enlarged(this.partBegin, new Float64Array(this.partCount * 2));
		}
		const {part: parts, partBegin: begins} = this;
		const begin = store.begin(entry);
		let at = this.partCount++;
		for (; at > 0 && (begins[at - 1] as number) > begin; at--) {
			parts[at] = parts[at - 1] as number;
			begins[at] = begins[at - 1] as number;
		}
		parts[at] = part;
		begins[at] = begin;
	}

	private take(packet: number, parts: Parts, part: number): void {
		const {stored, store} = this;
		const entry = parts.entryOf(part);
		if (!store.read(entry, stored)) return;
		const {view} = stored;
		const to = Math.min(stored.at + parts.toOf(part), stored.end - 1);
		for (let at = stored.at + parts.fromOf(part); at <= to; at += recordSize(view.bytes, at)) {
			if (view.packet(at) !== packet) continue;
			if (this.count === this.fn.length && !this.grow()) return;
			const i = this.count++;
			const begin = view.begin(at, store.epoch);
			const kind = view.kind(at);
			this.begin[i] = begin;
			this.end[i] =
				kind === Kind.CALL ? begin + view.duration(at) : kind === Kind.OPEN ? Number.POSITIVE_INFINITY : begin;
			this.self[i] = 0;
			this.entry[i] = entry;
			this.offset[i] = at - stored.at;
			this.fn[i] = view.fn(at);
			this.dev[i] = view.dev(at);
			this.depth[i] = view.depth(at);
			this.kind[i] = kind;
			this.ret[i] = view.ret(at);
			this.length[i] = view.queueLength(at) ?? -1;
		}
	}

	/** False: there is enough. */
	private grow(): boolean {
		const length = this.fn.length * 2;
		if (length > MOST) {
			this.cut = true;
			return false;
		}
		this.begin = enlarged(this.begin, new Float64Array(length));
		this.end = enlarged(this.end, new Float64Array(length));
		this.self = enlarged(this.self, new Float64Array(length));
		this.entry = enlarged(this.entry, new Float64Array(length));
		this.offset = enlarged(this.offset, new Float64Array(length));
		this.fn = enlarged(this.fn, new Uint16Array(length));
		this.dev = enlarged(this.dev, new Uint16Array(length));
		this.depth = enlarged(this.depth, new Uint8Array(length));
		this.kind = enlarged(this.kind, new Uint8Array(length));
		this.ret = enlarged(this.ret, new Int32Array(length));
		this.length = enlarged(this.length, new Int32Array(length));
		this.order = new Uint32Array(length);
		this.spare = new Float64Array(length);
		return true;
	}

	/** By begin; of two at once in one entry the outer one first. */
	private sort(): void {
		const {count, order} = this;
		let sorted = true;
		for (let i = 1; i < count && sorted; i++) sorted = this.compare(i - 1, i) <= 0;
		if (sorted) return;
		for (let i = 0; i < count; i++) {
			order[i] = i;
			if (count > FEW) continue;
			let at = i;
			for (; at > 0 && this.compare(order[at - 1] as number, i) > 0; at--) order[at] = order[at - 1] as number;
			order[at] = i;
		}
		if (count > FEW) order.subarray(0, count).sort((i, j) => this.compare(i, j));
		this.arrange(this.begin);
		this.arrange(this.end);
		this.arrange(this.entry);
		this.arrange(this.offset);
		this.arrange(this.fn);
		this.arrange(this.dev);
		this.arrange(this.depth);
		this.arrange(this.kind);
		this.arrange(this.ret);
		this.arrange(this.length);
	}

	private compare(i: number, j: number): number {
		return (
			(this.begin[i] as number) - (this.begin[j] as number) ||
			(this.entry[i] === this.entry[j] ? (this.offset[i] as number) - (this.offset[j] as number) : i - j)
		);
	}

	private arrange(column: Float64Array | Int32Array | Uint16Array | Uint8Array): void {
		const {count, order, spare} = this;
		for (let i = 0; i < count; i++) spare[i] = column[order[i] as number] as number;
		for (let i = 0; i < count; i++) column[i] = spare[i] as number;
	}
}

/** A larger array with the same numbers. */
export function enlarged<T extends Float64Array | Uint8Array | Uint16Array | Int32Array>(from: T, to: T): T {
	to.set(from);
	return to;
}
