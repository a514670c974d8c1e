/**
 * The way of one packet through the records of a session, in the order of time: where it was at every moment from its first
 * call to its end. A moment belongs to the innermost call that had the packet, or to the queue in which it waited, or to
 * neither, where nothing that is traced had it; so the three make its age.
 *
 * A call that has put the packet into a queue goes on without it, and so do the calls around it: what they still do is not
 * the packet's time.
 */
import {Kind, recordSize} from '../record.js';
import {Entry, type Store} from '../store.js';
import {queueAt, type Roles} from './queues.js';

/** Where a packet waited. */
export interface Wait {
	/** Number in QUEUES. */
	readonly queue: number;
	/** ns since the store's epoch; the end is Infinity while it waits. */
	readonly begin: number;
	readonly end: number;
	/** Function that put it in, and the one that had it next; -1: it ended there. */
	readonly from: number;
	readonly to: number;
	/** Device of the record that put it in, 0 for none. */
	readonly dev: number;
	/** Entries of the two records; -1 for an end. */
	readonly fromEntry: number;
	readonly toEntry: number;
}

/** A part of an entry: from the first to the last record of a packet in it, in bytes from the entry's begin. */
export interface Part {
	readonly entry: number;
	readonly from: number;
	readonly to: number;
}

const FIRST = 64;
/** Records of one packet that are looked at; one that has more (a loop of devices) is cut, and says so. */
const MOST = 8192;

/** Holds the trail of one packet at a time; `read` fills it. */
export class Trail {
	count = 0;
	/** It had more records than are looked at, or some are not in memory any more. */
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
	private ret = new Int32Array(FIRST);
	readonly waits: Wait[] = [];
	/** ns: from the first call on, to its end or the end of the last call; of these in calls, in queues, in neither. */
	first = 0;
	last = 0;
	inFunctions = 0;
	inQueues = 0;
	between = 0;
	/** Records of the calls that had it when it ended, or that put it into the queue where it ended; the innermost last. */
	readonly holders: number[] = [];
	private readonly open: number[] = [];
	private readonly stored = new Entry();

	constructor(
		private readonly store: Store,
		private readonly roles: () => Roles,
	) {}

	/**
	 * @param packet its number; @param parts where its records are; @param died when it ended, ns since the epoch, Infinity
	 * while it is alive.
	 */
	read(packet: number, parts: Iterable<Part>, died: number): void {
		this.count = 0;
		this.cut = false;
		for (const part of parts) this.gather(packet, part);
		this.sort();
		this.walk(died);
	}

	private gather(packet: number, part: Part): void {
		const {stored, store} = this;
		if (!store.read(part.entry, stored)) {
			this.cut = true;
			return;
		}
		const {view} = stored;
		const to = Math.min(stored.at + part.to, stored.end - 1);
		for (let at = stored.at + part.from; at <= to; at += recordSize(view.bytes, at)) {
			if (view.packet(at) !== packet) continue;
			if (this.count === this.fn.length && !this.grow()) return;
			const i = this.count++;
			const begin = view.begin(at, store.epoch);
			const kind = view.kind(at);
			this.begin[i] = begin;
			this.end[i] =
				kind === Kind.CALL ? begin + view.duration(at) : kind === Kind.OPEN ? Number.POSITIVE_INFINITY : begin;
			this.self[i] = 0;
			this.entry[i] = part.entry;
			this.offset[i] = at - stored.at;
			this.fn[i] = view.fn(at);
			this.dev[i] = view.dev(at);
			this.depth[i] = view.depth(at);
			this.kind[i] = kind;
			this.ret[i] = view.ret(at);
		}
	}

	/** False: there is enough. */
	private grow(): boolean {
		const length = this.fn.length * 2;
		if (length > MOST) {
			this.cut = true;
			return false;
		}
		const double = (from: Float64Array) => {
			const to = new Float64Array(length);
			to.set(from);
			return to;
		};
		this.begin = double(this.begin);
		this.end = double(this.end);
		this.self = double(this.self);
		this.entry = double(this.entry);
		this.offset = double(this.offset);
		this.fn = enlarged(this.fn, new Uint16Array(length));
		this.dev = enlarged(this.dev, new Uint16Array(length));
		this.depth = enlarged(this.depth, new Uint8Array(length));
		this.kind = enlarged(this.kind, new Uint8Array(length));
		this.ret = enlarged(this.ret, new Int32Array(length));
		return true;
	}

	/** By begin, of two at once the outer one first. Most come in order, block by block. */
	private sort(): void {
		for (let i = 1; i < this.count; i++) for (let j = i; j > 0 && this.after(j - 1, j); j--) this.swap(j - 1, j);
	}

	private after(i: number, j: number): boolean {
		const [a, b] = [this.begin[i] as number, this.begin[j] as number];
		return (
			a > b || (a === b && this.entry[i] === this.entry[j] && (this.depth[i] as number) > (this.depth[j] as number))
		);
	}

	private swap(i: number, j: number): void {
		for (const column of [
			this.begin,
			this.end,
			this.entry,
			this.offset,
			this.fn,
			this.dev,
			this.depth,
			this.kind,
			this.ret,
		]) {
			const kept = column[i] as number;
			column[i] = column[j] as number;
			column[j] = kept;
		}
	}

	private walk(died: number): void {
		const {puts, taken} = this.roles();
		this.waits.length = 0;
		this.open.length = 0;
		this.inFunctions = 0;
		this.inQueues = 0;
		this.between = 0;
		this.first = this.begin[0] ?? 0;
		let now = this.first;
		let queued = -1;
		let since = Number.POSITIVE_INFINITY;
		for (let i = 0; i < this.count; i++) {
			const begin = Math.min(this.begin[i] as number, died);
			const waiting = queued >= 0 && begin >= since;
			if (waiting && this.takes(queued, i)) {
				now = this.advance(now, since);
				this.wait(queued, since, begin, i);
				now = begin;
				this.open.length = 0;
				queued = -1;
				since = Number.POSITIVE_INFINITY;
			} else {
				now = this.advance(now, begin);
				this.leave(i);
			}
			this.open.push(i);
			const end = this.end[i] as number;
			const queue = (puts[this.fn[i] as number] ?? 0) - 1;
			if (
				queue >= 0 &&
				end < died &&
				this.kind[i] === Kind.CALL &&
				taken[this.fn[i] as number]?.(this.ret[i] as number)
			) {
				const other = queued >= 0 && (puts[this.fn[queued] as number] ?? 0) - 1 !== queue;
				if (queued < 0 || other || end < since) {
					queued = i;
					since = end;
				}
			} else if (waiting) {
				since = Math.min(died, Math.max(since, end)); // handled once more before it is left alone
			}
		}
		this.finish(now, queued, since, died);
	}

	private finish(from: number, queued: number, since: number, died: number): void {
		let now = from;
		this.holders.length = 0;
		if (queued >= 0) this.holders.push(queued);
		else {
			const had = this.open.filter((i) => (this.end[i] as number) >= died);
			this.holders.push(...(had.length > 0 ? had : this.open.slice(0, 1)));
		}
		if (queued >= 0 && since < died) {
			now = this.advance(now, since);
			this.wait(queued, since, died, -1);
			this.last = died === Number.POSITIVE_INFINITY ? now : died;
		} else if (died < Number.POSITIVE_INFINITY) {
			this.advance(now, died);
			this.last = Math.max(this.first, died);
		} else {
			let last = now;
			for (const i of this.open)
				if ((this.end[i] as number) < Number.POSITIVE_INFINITY) last = Math.max(last, this.end[i] as number);
			this.advance(now, last);
			this.last = last;
		}
	}

	/** Whether record `i` has the packet out of the queue that `queued` has put it into. */
	private takes(queued: number, i: number): boolean {
		const queue = queueAt((this.roles().puts[this.fn[queued] as number] as number) - 1);
		if (queue.same === true || this.entry[i] !== this.entry[queued]) return true;
		// On the same stack: only what is not inside a call that was there when it was put in.
		return !this.open.some(
			(j) => this.entry[j] === this.entry[i] && (this.end[j] as number) > (this.begin[i] as number) && j !== i,
		);
	}

	private wait(queued: number, begin: number, end: number, next: number): void {
		const fn = this.fn[queued] as number;
		this.waits.push({
			queue: (this.roles().puts[fn] as number) - 1,
			begin,
			end,
			from: fn,
			to: next < 0 ? -1 : (this.fn[next] as number),
			dev: this.dev[queued] as number,
			fromEntry: this.entry[queued] as number,
			toEntry: next < 0 ? -1 : (this.entry[next] as number),
		});
		if (end < Number.POSITIVE_INFINITY) this.inQueues += end - begin;
	}

	/** Gives the time up to `to` to the open calls, from the inside out; returns `to`. */
	private advance(from: number, to: number): number {
		let now = from;
		const {open} = this;
		while (open.length > 0 && now < to) {
			const i = open[open.length - 1] as number;
			const until = Math.min(to, this.end[i] as number);
			if (until > now) {
				this.self[i] = (this.self[i] as number) + until - now;
				this.inFunctions += until - now;
				now = until;
			}
			if ((this.end[i] as number) > to) break;
			open.pop();
		}
		if (now < to) this.between += to - now;
		return Math.max(now, to);
	}

	/** Before record `i`: calls that it is not inside of have nothing more to do with the packet. */
	private leave(i: number): void {
		const {open} = this;
		while (open.length > 0) {
			const j = open[open.length - 1] as number;
			const inside = this.entry[j] === this.entry[i] && (this.depth[j] as number) < (this.depth[i] as number);
			if (inside && (this.end[j] as number) >= (this.begin[i] as number)) return;
			open.pop();
		}
	}
}

function enlarged<T extends Uint8Array | Uint16Array | Int32Array>(from: T, to: T): T {
	to.set(from);
	return to;
}
