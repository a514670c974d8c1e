/**
 * What a session's functions, groups and layers consume, counted from its entries one after the other.
 *
 * The unit that time is related to is the block, a kernel stack that handled a packet: records do not say which blocks
 * belong to one packet, so that packets cannot be counted exactly, and blocks can.
 */
import {knownFunction, layerOf} from '../catalogue/knowledge.js';
import {LOSS_CAUSES} from './losses.js';
import {type Part, Parts} from './parts.js';
import {Kind, LossAt, recordSize} from './record.js';
import {selfTimes} from './self.js';
import type {FunctionStat, TracedFunction} from './session.js';
import {callCount, percentile} from './statistics.js';
import type {Entry} from './store.js';
import {Tally} from './tally.js';

/** Of a function: of its calls. Of a group or layer: of its self times in each block. ns. */
export interface Times {
	/** Time in which it was on the stack; of a function that calls itself, the sum of its calls. */
	readonly total: bigint;
	readonly self: bigint;
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	readonly max: bigint;
	readonly mean: number;
	/** Of the self time of all functions, 0 to 1. */
	readonly share: number;
	/** Self time over the number of all timed blocks. */
	readonly perBlock: number;
}

interface Usage {
	readonly name: string;
	/** Calls whose end was seen; of a mark, how often it was passed. */
	readonly calls: number;
}

export interface FunctionUsage extends Usage {
	readonly type: 'function';
	readonly group: string;
	readonly layer: string;
	/** It may wait: its time may contain that. */
	readonly sleeps: boolean;
	/** Calls that are in no other figure: still open at the end of the session, or their end was lost. */
	readonly open: number;
	readonly unknown: number;
	/** Undefined of a mark, which takes no time. */
	readonly times: Times | undefined;
}

export interface PartUsage extends Usage {
	readonly type: 'group' | 'layer';
	readonly marks: number;
	/** Blocks that have one of its calls: those that the mean and the percentiles are of. */
	readonly blocks: number;
	readonly times: Times;
}

/** Of the whole session. */
export interface Totals {
	/** Blocks with a call whose time is known. */
	readonly blocks: number;
	readonly calls: number;
	readonly marks: number;
	readonly open: number;
	readonly unknown: number;
	/** ns, and ns a block. */
	readonly self: bigint;
	readonly perBlock: number;
}

export class Consumption {
	/** Entries that are no losses, and their records. */
	blocks = 0;
	events = 0;
	private timed = 0;
	/** Lost records in the order of LOSS_CAUSES, as the records of losses say. */
	readonly lost = LOSS_CAUSES.map(() => 0n);
	/** By number of the function. */
	private readonly open: number[];
	private readonly unknown: number[];
	private readonly tally: Tally;
	private readonly parts: Readonly<Record<PartUsage['type'], Parts>>;
	private self = new Float64Array(64);

	constructor(private readonly traced: readonly TracedFunction[]) {
		this.open = traced.map(() => 0);
		this.unknown = traced.map(() => 0);
		this.tally = new Tally(traced.length);
		this.parts = {group: new Parts(traced.map(({group}) => group)), layer: new Parts(traced.map(layer))};
	}

	/** Counts an entry as it becomes complete. */
	add(entry: Entry): void {
		const {view} = entry;
		if (entry.kind === Kind.LOSS) {
			const cause = view.halves[(entry.at + LossAt.cause) >>> 1] as number;
			const before = this.lost[cause];
			if (before !== undefined) this.lost[cause] = before + view.u64(entry.at + LossAt.count);
			return;
		}
		this.blocks++;
		this.events += entry.records;
		this.tally.add(entry);
		if (this.self.length < entry.records) this.self = new Float64Array(2 * entry.records);
		selfTimes(entry, this.self);
		this.parts.group.add(entry, this.self);
		this.parts.layer.add(entry, this.self);
		let timed = false;
		for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
			if (view.ended(at)) timed = true;
			else if (view.kind(at) === Kind.OPEN) increment(this.open, view.fn(at));
			else if (view.kind(at) === Kind.CALL) increment(this.unknown, view.fn(at));
		}
		if (timed) this.timed++;
	}

	totals(): Totals {
		const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
		const layers = this.parts.layer.list();
		const self = layers.reduce((all, {stat}) => all + stat.self, 0n);
		return {
			blocks: this.timed,
			calls: sum(layers.map(({calls}) => calls)),
			marks: sum(layers.map(({marks}) => marks)),
			open: sum(this.open),
			unknown: sum(this.unknown),
			self,
			perBlock: over(self, this.timed),
		};
	}

	/** Every function that was traced, called or not, the largest self time first, marks last. */
	functions(): FunctionUsage[] {
		const stats = this.tally.stats();
		const {self: all} = this.totals();
		const rows = this.traced.flatMap((fn, index): FunctionUsage[] => {
			const stat = stats[index];
			if (stat === undefined || fn.why !== undefined) return [];
			const calls = Number(callCount(stat));
			return [
				{
					type: 'function',
					name: fn.name,
					group: fn.group,
					layer: layer(fn),
					sleeps: knownFunction(fn.name, fn.mark)?.sleeps === true,
					calls,
					open: this.open[index] ?? 0,
					unknown: this.unknown[index] ?? 0,
					times: fn.mark ? undefined : this.times(stat, stat.total, calls, all),
				},
			];
		});
		return rows.sort((a, b) => bySelf(a.times, b.times) || b.calls - a.calls || byName(a, b));
	}

	/** Every group or layer that has a traced function, the largest self time first. */
	partsOf(type: PartUsage['type']): PartUsage[] {
		const attached = this.traced.filter(({why}) => why === undefined);
		const names = new Set(attached.map((fn) => (type === 'group' ? fn.group : layer(fn))));
		const {self: all} = this.totals();
		const rows = this.parts[type].list().flatMap((part: Part): PartUsage[] => {
			const {name, calls, marks, blocks, stat} = part;
			if (!names.has(name)) return [];
			return [{type, name, calls, marks, blocks, times: this.times(stat, stat.self, blocks, all)}];
		});
		return rows.sort((a, b) => bySelf(a.times, b.times) || b.calls - a.calls || byName(a, b));
	}

	/** @param sum what the mean is of, over `count`. */
	private times(stat: FunctionStat, sum: bigint, count: number, all: bigint): Times {
		return {
			total: stat.total,
			self: stat.self,
			p50: percentile(stat, 0.5),
			p90: percentile(stat, 0.9),
			p99: percentile(stat, 0.99),
			max: stat.max,
			mean: over(sum, count),
			share: all > 0n ? Number(stat.self) / Number(all) : 0,
			perBlock: over(stat.self, this.timed),
		};
	}
}

const layer = ({name, group}: TracedFunction): string => layerOf(name, group);

function increment(counts: number[], fn: number): void {
	const count = counts[fn];
	if (count !== undefined) counts[fn] = count + 1;
}

const over = (sum: bigint, count: number): number => (count > 0 ? Math.round(Number(sum) / count) : 0);

const bySelf = (a: Times | undefined, b: Times | undefined): number => Number((b?.self ?? -1n) - (a?.self ?? -1n));
const byName = (a: Usage, b: Usage): number => (a.name < b.name ? -1 : 1);
