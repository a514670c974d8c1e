/** A journey as lines: the tree of its steps, what came out of the packet indented below, and where each is in the trace. */

import type {CallStep, Journey, Step} from '../../trace/packets/journey.js';
import {BIRTHS} from '../../trace/packets/packet-row.js';
import {Life} from '../../trace/record.js';
import type {Names} from '../../trace/session.js';
import {Entry, type Store} from '../../trace/store.js';
import type {Spot} from '../trace/position.js';

export interface JourneyLine {
	readonly step: Step;
	readonly journey: Journey;
	/** Levels of the tree. */
	readonly level: number;
	/** ns since the store's epoch; the end is Infinity where it is not known. */
	readonly begin: number;
	readonly end: number;
	/** ns of a call itself or of a wait. */
	readonly time: number;
	/** CPU and context (Context) of a call; -1 where there is none. */
	readonly cpu: number;
	readonly context: number;
	/** Device that is another one than before, 0 for none. */
	readonly dev: number;
	/** Of the first call of a block: number of the task, for Tasks.get; 0 for none. */
	readonly task: number;
	/** How a branch came out of the packet. */
	readonly branch: string;
	readonly spot: Spot | undefined;
}

/** Lines that are made at most: a packet that has more goes in circles. */
const MOST = 20_000;

export class JourneyLines {
	private readonly entry = new Entry();
	private lines: JourneyLine[] = [];
	/** Calls around the packets' own that have a line already: what came out of a packet is in the same ones. */
	private readonly around = new Set<string>();

	constructor(
		private readonly store: Store,
		private readonly names: Names,
	) {}

	of(journey: Journey): readonly JourneyLine[] {
		this.lines = [];
		this.around.clear();
		this.add(journey, 0);
		return this.lines;
	}

	private add(journey: Journey, level: number): void {
		const facts = {journey, cpu: -1, context: -1, dev: 0, task: 0, branch: '', time: 0};
		let dev = 0;
		let block = -1;
		let inside = level;
		/** How many calls around are left out in the block. */
		let left = 0;
		const steps = waitsFirst(journey.steps);
		steps.forEach((step, index) => {
			if (this.lines.length >= MOST) return;
			if (step.type === 'branch') {
				const branch = this.birthOf(step.journey, journey, step.begin);
				const spot = spotOf(step.journey.steps, 0);
				const end = step.journey.packet.last;
				this.lines.push({...facts, step, level: inside + 1, begin: step.begin, end, branch, spot});
				this.add(step.journey, inside + 2);
				return;
			}
			if (step.type === 'wait' || step.type === 'end') {
				const end = step.type === 'wait' ? step.end : step.begin;
				const time = step.type === 'wait' ? end - step.begin : 0;
				this.lines.push({...facts, step, level, begin: step.begin, end, time, spot: spotOf(steps, index)});
				if (step.type === 'wait') inside = level;
				return;
			}
			const {begin, end, self: time, entry, offset} = step;
			const first = entry !== block;
			if (first) left = 0;
			if (isAround(step)) {
				const key = `${entry} ${offset}`;
				if (this.around.has(key)) {
					block = entry;
					left++;
					return;
				}
				this.around.add(key);
			}
			inside = level + Math.max(0, step.depth - left);
			const spot = {entry, offset};
			const known = this.store.read(entry, this.entry);
			const {view, at, task} = this.entry;
			if (!known) {
				block = entry;
				this.lines.push({...facts, step, level: inside, begin, end, time, spot});
				return;
			}
			const here = view.dev(at + offset);
			const other = here !== 0 && here !== dev;
			if (other) dev = here;
			block = entry;
			this.lines.push({
				...facts,
				...{step, level: inside, begin, end, time, spot},
				cpu: view.cpu(at + offset),
				context: view.context(at + offset),
				dev: other ? here : 0,
				task: first ? task : 0,
			});
		});
	}

	/** In a word; a clone that is made to send the data again is a retransmission. */
	private birthOf({packet}: Journey, parent: Journey, born: number): string {
		const {functions} = this.names.session;
		const again = parent.steps.some(
			(step) =>
				isCall(step) && step.begin <= born && step.end >= born && /retransmit_skb/.test(functions[step.fn]?.name ?? ''),
		);
		return again && packet.birth === BIRTHS[Life.CLONE] ? 'retransmission' : packet.birth;
	}
}

/** A wait stands above the block that ended it, and not inside the calls there that are around the packet's own. */
function waitsFirst(steps: readonly Step[]): readonly Step[] {
	const ordered: Step[] = [];
	for (const step of steps) {
		let place = ordered.length;
		if (step.type === 'wait') while (isAround(ordered[place - 1])) place--;
		ordered.splice(place, 0, step);
	}
	return ordered;
}

const isAround = (step: Step | undefined): boolean => step?.type === 'call' && step.around;

export const isCall = (step: Step): step is CallStep =>
	step.type === 'call' || step.type === 'mark' || step.type === 'drop';

/** The record of a step, of a wait that which ends it; else the nearest before. */
function spotOf(steps: readonly Step[], index: number): Spot | undefined {
	const after = steps[index]?.type === 'end' ? undefined : steps.slice(index).find(isCall);
	const step = after ?? steps.slice(0, index).findLast(isCall);
	return step === undefined ? undefined : {entry: step.entry, offset: step.offset};
}

/** The line whose own time is the longest, of the packet itself; -1 for none. */
export function slowestLine(lines: readonly JourneyLine[], journey: Journey): number {
	let best = -1;
	lines.forEach((line, index) => {
		const known = line.journey === journey && line.time > 0 && line.time < Number.POSITIVE_INFINITY;
		if (known && line.time > (lines[best]?.time ?? 0)) best = index;
	});
	return best;
}
