/** Waits of connections, which have no packet: what puts one into a queue and takes it out is joined by its flow. */
import {FlowIndex} from '../flow-index.js';
import {Kind} from '../record.js';
import type {RecordView} from '../view.js';
import {QUEUES, type Roles} from './queues.js';

/** Connections that may wait at a time; when there are more, all are forgotten and none is guessed. */
const LIMIT = 16_384;

export class SocketWaits {
	private readonly flows = new FlowIndex(LIMIT);
	/** By flow and queue: when it was put in, ns since the epoch plus 1; 0: it does not wait. */
	private readonly since = new Float64Array(LIMIT * QUEUES.length);
	private readonly put = new Int32Array(LIMIT * QUEUES.length);

	/** @param over is called with each wait that is over; valid during the call. */
	constructor(
		private readonly over: (wait: {
			queue: number;
			dev: number;
			begin: number;
			end: number;
			from: number;
			to: number;
		}) => void,
	) {}

	/** A record of a function that has a role here. */
	add(view: RecordView, at: number, roles: Roles, epoch: number): void {
		if (view.kind(at) !== Kind.CALL && view.kind(at) !== Kind.MARK) return;
		let flow = this.flows.find(view, at);
		if (flow < 0) {
			this.flows.keep([]);
			this.since.fill(0);
			flow = this.flows.find(view, at);
		}
		const fn = view.fn(at);
		const end = view.begin(at, epoch) + (view.ended(at) ? view.duration(at) : 0);
		const taken = (roles.socketTakes[fn] as number) - 1;
		if (taken >= 0) {
			const place = flow * QUEUES.length + taken;
			const begin = this.since[place] as number;
			if (begin > 0 && begin - 1 <= end) {
				this.since[place] = 0;
				this.over({queue: taken, dev: 0, begin: begin - 1, end, from: this.put[place] as number, to: fn});
			}
		}
		const put = (roles.socketPuts[fn] as number) - 1;
		if (put < 0) return;
		const place = flow * QUEUES.length + put;
		if (this.since[place] !== 0) return;
		this.since[place] = end + 1;
		this.put[place] = fn;
	}
}
