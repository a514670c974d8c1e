/**
 * The way of one packet through the records of a session, in the order of time: where it was at every moment from its first
 * call to its end. A moment belongs to the innermost call that had the packet, or to the queue in which it waited, or to
 * neither, where nothing that is traced had it; so the three make its age.
 *
 * A call that has put the packet into a queue goes on without it, and so do the calls around it: what they still do is not
 * the packet's time.
 */
import {Kind} from '../record.js';
import type {Store} from '../store.js';
import type {Parts} from './parts.js';
import {OUT_OF_ORDER, queueAt, Role, type Roles, TCP_RECEIVE} from './queues.js';
import {enlarged, TrailRecords} from './trail-records.js';

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
	/** How many packets were there before it; -1: not known. */
	readonly length: number;
	/** Entries of the two records; -1 for an end. */
	readonly fromEntry: number;
	readonly toEntry: number;
}

const NEVER = Number.POSITIVE_INFINITY;
const DEEP = 32;

/** Holds the trail of one packet at a time; `read` fills it. */
export class Trail extends TrailRecords {
	readonly waits: Wait[] = [];
	/** ns: from the first call on, to its end or the end of the last call; of these in calls, in queues, in neither. */
	first = 0;
	last = 0;
	inFunctions = 0;
	inQueues = 0;
	between = 0;
	/** Calls that have the packet, from the outermost one on. */
	private open = new Int32Array(DEEP);
	private opened = 0;
	/** Entries whose calls had the packet when another stack took it, and when the last of these calls ends. */
	private readonly leftEntry: number[] = [];
	private readonly leftEnd: number[] = [];
	private leftCount = 0;
	/** Record that put it into the queue where it is, -1; and since when it waits there: the call may not have ended. */
	private queued = -1;
	private since = NEVER;
	private now = 0;
	private died = NEVER;
	private filled = 0;

	constructor(
		store: Store,
		private readonly roles: () => Roles,
	) {
		super(store);
	}

	/**
	 * @param packet its number; @param parts where its records are, under @param slot; @param died when it ended, ns since the epoch, Infinity
	 * while it is alive; @param filled when the gap before it was filled, 0 where that is not known.
	 */
	read(packet: number, parts: Parts, slot: number, died: number, filled = 0): void {
		this.gather(packet, parts, slot);
		this.died = died;
		this.filled = filled;
		// Emptying an array that is empty takes time.
		if (this.waits.length > 0) this.waits.length = 0;
		this.opened = 0;
		this.leftCount = 0;
		this.queued = -1;
		this.since = NEVER;
		this.inFunctions = 0;
		this.inQueues = 0;
		this.between = 0;
		this.first = Math.min(this.begin[0] ?? 0, died);
		this.now = this.first;
		const roles = this.roles();
		for (let i = 0; i < this.count; i++) this.step(i, roles);
		this.finish();
	}

	private step(i: number, roles: Roles): void {
		const begin = Math.min(this.begin[i] as number, this.died);
		if (this.leftCount > 0 && this.isBehind(i, begin)) return;
		const waits = this.queued >= 0 && begin >= this.since;
		if (waits ? this.takes(i, roles) : this.queued >= 0 && this.entry[i] !== this.entry[this.queued]) {
			// Another stack may take it while the call that has put it in is still running: then it waits since now.
			if (waits) this.advance(this.since);
			this.wait(this.now, begin, i, roles);
			this.leaveAll(i);
			this.queued = -1;
			this.since = NEVER;
		} else {
			this.advance(begin);
			this.leave(i);
		}
		if (this.opened === this.open.length) this.open = enlarged(this.open, new Int32Array(2 * this.opened));
		this.open[this.opened++] = i;
		this.put(i, waits, roles);
	}

	/** Whether record `i` puts the packet into a queue. @param waits it was in one before, and may be still. */
	private put(i: number, waits: boolean, roles: Roles): void {
		const fn = this.fn[i] as number;
		const end = this.end[i] as number;
		const queue = (roles.puts[fn] ?? 0) - 1;
		const taken = queue >= 0 && this.kind[i] === Kind.CALL && roles.taken[fn]?.(this.ret[i] as number) === true;
		if (taken) {
			const same = this.queued >= 0 && roles.puts[this.fn[this.queued] as number] === queue + 1;
			if (!same || waits || end < this.since) {
				this.queued = i;
				this.since = end;
			}
		} else if (waits && this.queued >= 0) {
			this.since = Math.min(this.died, Math.max(this.since, end)); // handled once more before it is left alone
		}
	}

	private finish(): void {
		const {died} = this;
		if (this.queued >= 0 && this.since < died) {
			this.advance(this.since);
			this.wait(this.now, died, -1, this.roles());
			this.last = died === NEVER ? this.now : died;
			return;
		}
		let last = died;
		if (died === NEVER) {
			last = this.now;
			for (let k = 0; k < this.opened; k++) {
				const end = this.end[this.open[k] as number] as number;
				if (end < NEVER) last = Math.max(last, end);
			}
		}
		this.advance(last);
		this.last = this.now;
	}

	/** Whether record `i`, after the packet was put into a queue, has it out of there again. */
	private takes(i: number, roles: Roles): boolean {
		const {queued, open} = this;
		const put = roles.puts[this.fn[queued] as number] as number;
		if (this.entry[i] !== this.entry[queued]) return true;
		if (queueAt(put - 1).same === true) return true;
		// On the same stack: only what is not inside a call that was there when it was put in, and not the same once more.
		const fn = this.fn[i] as number;
		if (roles.puts[fn] === put && ((roles.marks[fn] as number) & Role.AGAIN) !== 0) return false;
		for (let k = 0; k < this.opened; k++) {
			const j = open[k] as number;
			if (this.entry[j] === this.entry[i] && (this.end[j] as number) > (this.begin[i] as number)) return false;
		}
		return true;
	}

	private wait(begin: number, end: number, next: number, roles: Roles): void {
		const {queued, filled} = this;
		const fn = this.fn[queued] as number;
		const queue = (roles.puts[fn] as number) - 1;
		if (end < NEVER) {
			this.inQueues += end - begin;
			this.now = end;
		}
		const one = {
			queue,
			begin,
			end,
			from: fn,
			to: next < 0 ? -1 : (this.fn[next] as number),
			dev: this.dev[queued] as number,
			length: this.length[queued] as number,
			fromEntry: this.entry[queued] as number,
			toEntry: next < 0 ? -1 : (this.entry[next] as number),
		};
		if (queue === OUT_OF_ORDER && filled > begin && filled < end) {
			this.waits.push({...one, end: filled, to: fn, toEntry: one.fromEntry});
			this.waits.push({...one, queue: TCP_RECEIVE, begin: filled});
		} else this.waits.push(one);
	}

	/** Gives the time up to `to` to the calls that have the packet, from the inside out. */
	private advance(to: number): void {
		const {open} = this;
		while (this.opened > 0 && this.now < to) {
			const i = open[this.opened - 1] as number;
			const until = Math.min(to, this.end[i] as number);
			if (until > this.now) {
				this.self[i] = (this.self[i] as number) + until - this.now;
				this.inFunctions += until - this.now;
				this.now = until;
			}
			if ((this.end[i] as number) > to) break;
			this.opened--;
		}
		if (this.now < to) {
			this.between += to - this.now;
			this.now = to;
		}
	}

	/** Before record `i`: calls that it is not inside of have nothing more to do with the packet. */
	private leave(i: number): void {
		const {open} = this;
		while (this.opened > 0) {
			const j = open[this.opened - 1] as number;
			const inside = this.entry[j] === this.entry[i] && (this.depth[j] as number) < (this.depth[i] as number);
			if (inside && (this.end[j] as number) >= (this.begin[i] as number)) return;
			this.left(j, i);
			this.opened--;
		}
	}

	private leaveAll(i: number): void {
		for (let k = 0; k < this.opened; k++) this.left(this.open[k] as number, i);
		this.opened = 0;
	}

	private left(j: number, i: number): void {
		const entry = this.entry[j] as number;
		const end = this.end[j] as number;
		if (entry === this.entry[i] || end <= (this.begin[i] as number)) return;
		let k = 0;
		while (k < this.leftCount && this.leftEntry[k] !== entry) k++;
		if (k === this.leftCount) this.leftEnd[this.leftCount++] = end;
		this.leftEntry[k] = entry;
		this.leftEnd[k] = Math.max(end, this.leftEnd[k] as number);
	}

	/** Whether record `i` is of a stack that the packet has left, while another one still has it: a look back, no more. */
	private isBehind(i: number, begin: number): boolean {
		const {leftEntry, leftEnd, open} = this;
		let behind = false;
		for (let k = this.leftCount - 1; k >= 0; k--) {
			if ((leftEnd[k] as number) <= begin) {
				const last = --this.leftCount;
				leftEntry[k] = leftEntry[last] as number;
				leftEnd[k] = leftEnd[last] as number;
			} else if (leftEntry[k] === this.entry[i]) behind = true;
		}
		if (!behind) return false;
		if (this.queued >= 0) return this.entry[this.queued] !== this.entry[i];
		for (let k = 0; k < this.opened; k++) {
			const j = open[k] as number;
			if (this.entry[j] !== this.entry[i] && (this.end[j] as number) > begin) return true;
		}
		return false;
	}
}
