/** Waits of connections, which have no packet: what puts one into a queue and takes it out is joined by its flow. */
import {FlowIndex} from '../flow-index.js';
import {Kind} from '../record.js';
import type {RecordView} from '../view.js';
import {QUEUES, type Roles, TSQ} from './queues.js';
import type {Wait} from './trail.js';

/** Flows at a time; when there are more, all are forgotten, none is guessed. */
const LIMIT = 16_384;

interface Moment {
	readonly time: number;
	readonly fn: number;
	/** As in Wait. */
	readonly length: number;
}

export class SocketWaits {
	private readonly flows = new FlowIndex(LIMIT);
	/** By flow and queue: what was put in and not taken out; and what was taken out, its put not being seen yet. */
	private readonly puts = new Map<number, Moment>();
	private readonly takes = new Map<number, Moment>();

	/** @param over is called with each wait that is over; valid during the call. */
	constructor(private readonly over: (wait: Omit<Wait, 'fromEntry' | 'toEntry'>) => void) {}

	/** A record of a function that has a role here. */
	add(view: RecordView, at: number, roles: Roles, epoch: number): void {
		if (view.kind(at) !== Kind.CALL && view.kind(at) !== Kind.MARK) return;
		const fn = view.fn(at);
		const begin = view.begin(at, epoch);
		const end = begin + (view.ended(at) ? view.duration(at) : 0);
		const take = (roles.socketTakes[fn] as number) - 1;
		const put = (roles.socketPuts[fn] as number) - 1;
		const flow = this.flow(view, at) * QUEUES.length;
		// One call may find many frames of the socket sent; the last one before it is the one it was for.
		if (take >= 0) this.take(take, flow + take, {time: take === TSQ ? begin : end, fn, length: -1});
		if (put >= 0) this.put(put, flow + put, {time: end, fn, length: view.queueLength(at) ?? -1});
	}

	/** Records were lost: nothing that waits is sure any more. */
	forget(): void {
		this.flows.keep([]);
		this.puts.clear();
		this.takes.clear();
	}

	private flow(view: RecordView, at: number): number {
		const flow = this.flows.find(view, at);
		if (flow >= 0) return flow;
		this.forget();
		return this.flows.find(view, at);
	}

	private take(queue: number, key: number, take: Moment): void {
		const put = this.puts.get(key);
		this.puts.delete(key);
		if (put === undefined) this.takes.set(key, take);
		else this.end(queue, put, take);
	}

	/** The block of a softirq that has put one in may become complete after the call that took it out. */
	private put(queue: number, key: number, put: Moment): void {
		const take = this.takes.get(key);
		this.takes.delete(key);
		if (take !== undefined && take.time >= put.time) this.end(queue, put, take);
		else if (queue === TSQ || !this.puts.has(key)) this.puts.set(key, put);
	}

	private end(queue: number, put: Moment, take: Moment): void {
		if (put.time > take.time) return; // it took what was there before the session
		this.over({queue, dev: 0, begin: put.time, end: take.time, from: put.fn, to: take.fn, length: put.length});
	}
}
