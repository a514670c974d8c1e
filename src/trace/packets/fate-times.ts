/** What became of the packets of a session and how long they took: a histogram for each fate, in constant memory. */
import type {FunctionStat} from '../session.js';
import {BUCKETS, bucketOf} from '../statistics.js';
import {FATES, type Fate, FateCode} from './fate.js';
import type {PacketTable} from './packet-table.js';

/** Times in ns. */
export interface Times {
	readonly count: number;
	readonly total: number;
	readonly max: number;
	/** bucket[b] counts times of [2^b, 2^(b+1)) ns. */
	readonly bucket: Float64Array;
}

export interface FateStat extends Times {
	readonly fate: Fate;
}

/** Packets that are merged into packets that are merged: so many are followed, as in the table. */
const CHAIN = 8;

export class FateTimes {
	private readonly stats = FATES.map((fate) => ({
		fate,
		count: 0,
		total: 0,
		max: 0,
		bucket: new Float64Array(BUCKETS),
	}));
	/** By number of the reason. */
	private readonly dropped = new Map<number, number>();
	/** By slot of the table: the packet that is counted there, and as what. */
	private readonly number: Uint32Array;
	private readonly fate: Uint8Array;
	private readonly time: Float64Array;
	private readonly reason: Uint32Array;

	/** Counts from now on what is settled. */
	constructor(private readonly table: PacketTable) {
		this.number = new Uint32Array(table.limit);
		this.fate = new Uint8Array(table.limit);
		this.time = new Float64Array(table.limit);
		this.reason = new Uint32Array(table.limit);
		table.onSettled = (packet) => this.count(packet, CHAIN);
	}

	/** The fates that packets had, those that ask for attention first. */
	rows(): FateStat[] {
		return this.stats.filter(({count}) => count > 0);
	}

	/** Packets by the number of the reason for which they were dropped, the most frequent one first. */
	reasons(): [reason: number, count: number][] {
		return [...this.dropped].filter(([, count]) => count > 0).sort(([a, m], [b, n]) => n - m || a - b);
	}

	/** Also those whose bytes went on in it, which have its fate. */
	private count(packet: number, deep: number): void {
		const {table} = this;
		const slot = table.slot(packet);
		if (slot === undefined || !table.isSettled(slot)) return;
		if (this.number[slot] === packet) this.add(slot, -1);
		const {columns} = table;
		this.number[slot] = packet;
		this.fate[slot] = columns.fate[slot] as number;
		this.time[slot] = (columns.last[slot] as number) - (columns.first[slot] as number);
		this.reason[slot] = columns.reason[slot] as number;
		this.add(slot, 1);
		if (deep > 0) for (const merged of table.mergedInto(packet)) this.count(merged, deep - 1);
	}

	/** Counts what stands in a slot. @param times -1 takes it back. */
	private add(slot: number, times: number): void {
		const stat = this.stats[this.fate[slot] as number] as (typeof this.stats)[number];
		const time = this.time[slot] as number;
		stat.count += times;
		stat.total += times * time;
		if (time > stat.max) stat.max = time;
		stat.bucket[bucketOf(time)]! += times;
		if (this.fate[slot] !== FateCode.DROPPED) return;
		const reason = this.reason[slot] as number;
		this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + times);
	}
}

/** For `percentile`. */
export function asStat({total, max, bucket}: Times): FunctionStat {
	return {total: BigInt(total), self: 0n, max: BigInt(max), bucket: Array.from(bucket, BigInt)};
}
