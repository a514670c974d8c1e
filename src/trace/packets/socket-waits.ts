/** Waits of connections, which have no packet: what puts one into a queue and takes it out is joined by its flow. */
import {FlowIndex} from '../flow-index.js';
import {Sides, sidesOf} from '../flow-sides.js';
import {Kind, recordSize} from '../record.js';
import type {Entry} from '../store.js';
import type {RecordView} from '../view.js';
import {ACCEPT, type Roles, SYN, TSQ} from './queues.js';
import type {Wait} from './trail.js';

/** Flows, and connections of all listeners, that may wait at a time; when there are more, all are forgotten, none is guessed. */
const LIMIT = 16_384;

interface Put {
	readonly time: number;
	readonly fn: number;
}

/** A listening socket: what waits for accept, and calls of accept whose connection has not been seen yet. */
interface Listener {
	readonly puts: Put[];
	readonly takes: Put[];
}

export class SocketWaits {
	private readonly flows = new FlowIndex(LIMIT);
	private readonly syns = new Map<number, Put>();
	private readonly tsqs = new Map<number, Put>();
	private readonly listeners = new Map<number, Listener>();
	private count = 0;

	/** @param over is called with each wait that is over; valid during the call. */
	constructor(private readonly over: (wait: Omit<Wait, 'fromEntry' | 'toEntry'>) => void) {}

	/** A record of an entry, of a function that has a role here. */
	add(entry: Entry, at: number, roles: Roles, epoch: number): void {
		const {view} = entry;
		if (view.kind(at) !== Kind.CALL && view.kind(at) !== Kind.MARK) return;
		const fn = view.fn(at);
		const begin = view.begin(at, epoch);
		const end = begin + (view.ended(at) ? view.duration(at) : 0);
		const put = (roles.socketPuts[fn] as number) - 1;
		const take = (roles.socketTakes[fn] as number) - 1;
		// The socket of these is the listener: which connection it is says the call around that has the packet.
		if (take === SYN || put === SYN) {
			const flow = this.flow(view, around(entry, at));
			if (take === SYN) this.take(SYN, this.syns, flow, end, fn);
			else if (!this.syns.has(flow)) this.syns.set(flow, {time: end, fn});
		}
		if (take === ACCEPT || put === ACCEPT) {
			const listener = this.listener(this.flow(view, at));
			// Without a connection it returns 0, as a pointer and as the flag whether it has added one.
			if (view.ret(at) === 0 && view.ended(at) && take === ACCEPT) return;
			(take === ACCEPT ? listener.takes : listener.puts).push({time: end, fn});
			this.count++;
			this.accept(listener);
		}
		// One call may find many frames of the socket sent; the last one before it is the one it was for.
		if (take === TSQ) this.take(TSQ, this.tsqs, this.flow(view, at), begin, fn);
		if (put === TSQ) this.tsqs.set(this.flow(view, at), {time: end, fn});
	}

	/** Records were lost: nothing that waits is sure any more. */
	forget(): void {
		this.flows.keep([]);
		this.syns.clear();
		this.tsqs.clear();
		this.listeners.clear();
		this.count = 0;
	}

	private flow(view: RecordView, at: number): number {
		if (this.count > LIMIT) this.forget();
		const flow = this.flows.find(view, at);
		if (flow >= 0) return flow;
		this.forget();
		return this.flows.find(view, at);
	}

	private take(queue: number, puts: Map<number, Put>, flow: number, end: number, to: number): void {
		const put = puts.get(flow);
		if (put === undefined || put.time > end) return;
		puts.delete(flow);
		this.over({queue, dev: 0, begin: put.time, end, from: put.fn, to});
	}

	private listener(flow: number): Listener {
		const listener = this.listeners.get(flow) ?? {puts: [], takes: []};
		this.listeners.set(flow, listener);
		return listener;
	}

	/** First in, first out. The softirq that has put one in may become complete after the accept that took it out. */
	private accept({puts, takes}: Listener): void {
		for (let put = puts[0], take = takes[0]; put !== undefined && take !== undefined; put = puts[0], take = takes[0]) {
			takes.shift();
			this.count--;
			if (put.time > take.time) continue; // it took one that was there before the session
			puts.shift();
			this.count--;
			this.over({queue: ACCEPT, dev: 0, begin: put.time, end: take.time, from: put.fn, to: take.fn});
		}
	}
}

/** The innermost call around a record, in its entry, that knows both sides; itself where there is none. */
function around(entry: Entry, at: number): number {
	const {view} = entry;
	const path: number[] = [];
	for (let one = entry.at; one < at; one += recordSize(view.bytes, one)) {
		if (view.kind(one) === Kind.CALL || view.kind(one) === Kind.OPEN) path[view.depth(one)] = one;
	}
	for (let depth = view.depth(at) - 1; depth >= 0; depth--) {
		const one = path[depth];
		if (one !== undefined && sidesOf(view, one) === Sides.BOTH) return one;
	}
	return at;
}
