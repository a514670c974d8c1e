/** Flows of packets that were kept, and when these were on their way: what calls without a packet belong to them. */
import {FlowIndex} from '../flow-index.js';
import {Sides, sidesOf} from '../flow-sides.js';
import {recordSize} from '../record.js';
import type {Entry} from '../store.js';
import type {RecordView} from '../view.js';

const FLOWS = 16_384;
/** Times of a flow that are known, the latest ones. */
const TIMES = 64;

interface Times {
	readonly first: number;
	readonly last: number;
}

export class KeptFlows {
	private readonly flows = new FlowIndex(FLOWS);
	private times: Times[][] = [];

	/** A packet was kept; the record at `at` is one of its that knows both sides. Times are ns since the epoch. */
	add(view: RecordView, at: number, first: number, last: number): void {
		let flow = this.flows.find(view, at);
		if (flow < 0) {
			this.flows.keep([]);
			this.times = [];
			flow = this.flows.find(view, at);
		}
		const times = this.times[flow] ?? [];
		this.times[flow] = times;
		times.push({first, last});
		if (times.length > TIMES) times.shift();
	}

	/** Whether a packet of an entry's flow was on its way between `from` and `to`. */
	has(entry: Entry, from: number, to: number): boolean {
		const {view} = entry;
		for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
			const sides = sidesOf(view, at);
			if (sides !== Sides.BOTH && sides !== Sides.ENOUGH) continue;
			const flow = this.flows.findByOne(view, at);
			if (flow >= 0 && this.times[flow]?.some(({first, last}) => first <= to && last >= from)) return true;
		}
		return false;
	}
}
