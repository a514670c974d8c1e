/** Per function what the kernel's histograms say of a live session, counted from stored calls: for recordings. */
import {Kind, recordSize} from './record.js';
import {selfTimes} from './self.js';
import type {FunctionStat} from './session.js';
import {BUCKETS, bucketOf} from './statistics.js';
import type {Entry} from './store.js';

interface Sums {
	total: number;
	self: number;
	max: number;
	readonly bucket: number[];
}

const none = (): Sums => ({total: 0, self: 0, max: 0, bucket: new Array<number>(BUCKETS).fill(0)});

export class Tally {
	private sums: Sums[] = [];
	private self = new Float64Array(64);

	constructor(private readonly functions: number) {
		this.clear();
	}

	clear(): void {
		this.sums = Array.from({length: this.functions}, none);
	}

	/** Counts every finished call and every mark of the entry. Not losses. */
	add(entry: Entry): void {
		const {view} = entry;
		if (this.self.length < entry.records) this.self = new Float64Array(2 * entry.records);
		selfTimes(entry, this.self);
		for (let at = entry.at, index = 0; at < entry.end; at += recordSize(view.bytes, at), index++) {
			const kind = view.kind(at);
			const sums = this.sums[view.fn(at)];
			if (sums === undefined) continue;
			// As in the kernel a mark, which takes no time, counts in the first bucket.
			if (kind === Kind.MARK || kind === Kind.DROP) sums.bucket[0] = (sums.bucket[0] as number) + 1;
			if (kind !== Kind.CALL || !view.ended(at)) continue;
			const duration = view.duration(at);
			sums.total += duration;
			sums.self += Math.max(0, this.self[index] as number);
			sums.max = Math.max(sums.max, duration);
			const bucket = bucketOf(duration);
			sums.bucket[bucket] = (sums.bucket[bucket] as number) + 1;
		}
	}

	stats(): FunctionStat[] {
		return this.sums.map(({total, self, max, bucket}) => ({
			total: BigInt(total),
			self: BigInt(self),
			max: BigInt(max),
			bucket: bucket.map(BigInt),
		}));
	}
}
