/** How long packets and sockets waited, by queue and device: a histogram each, as the kernel has them for functions. */
import {BUCKETS, bucketOf} from '../statistics.js';
import {QUEUES, type QueueName} from './queues.js';
import type {Wait} from './trail.js';

export interface WaitStat {
	readonly queue: QueueName;
	/** Number of the device as in records, 0 where the queue has none. */
	readonly dev: number;
	count: number;
	/** ns. */
	total: number;
	max: number;
	/** Most packets that were there before one; -1: not known. */
	longest: number;
	/** bucket[b] counts waits of [2^b, 2^(b+1)) ns. */
	readonly bucket: Float64Array;
}

/** A wait, whoever waits. */
export type AnyWait = Omit<Wait, 'fromEntry' | 'toEntry'>;

export class WaitStats {
	/** Called with each wait of a connection, which is no packet's. */
	onSocket: ((wait: AnyWait) => void) | undefined;
	private readonly stats = new Map<number, WaitStat>();

	/** Counts a wait that is over. @param times -1 takes back one that was counted. */
	add({queue, dev, begin, end, length}: AnyWait, times = 1): void {
		const time = end - begin;
		if (!(time < Number.POSITIVE_INFINITY)) return;
		const key = queue * 65_536 + dev;
		let stat = this.stats.get(key);
		if (stat === undefined) {
			const name = (QUEUES[queue] as (typeof QUEUES)[number]).name;
			stat = {queue: name, dev, count: 0, total: 0, max: 0, longest: -1, bucket: new Float64Array(BUCKETS)};
			this.stats.set(key, stat);
		}
		const bucket = bucketOf(time);
		stat.bucket[bucket] = (stat.bucket[bucket] as number) + times;
		stat.count += times;
		stat.total += times * time;
		if (time > stat.max) stat.max = time;
		if (length > stat.longest) stat.longest = length;
	}

	/** Counts a wait of a connection. */
	addSocket(wait: AnyWait): void {
		this.add(wait);
		this.onSocket?.(wait);
	}

	/** In the order of QUEUES, then of devices. */
	rows(): readonly WaitStat[] {
		return [...this.stats.entries()].sort(([a], [b]) => a - b).flatMap(([, stat]) => (stat.count > 0 ? [stat] : []));
	}

	clear(): void {
		this.stats.clear();
	}
}
