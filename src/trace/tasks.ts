/** Threads and the names they had: a block keeps the name its thread had when the block ended. */
import {TaskAt} from './record.js';
import type {Task} from './session.js';
import {readName} from './text.js';
import type {RecordView} from './view.js';

/** How many threads, and how many names they ever had, are remembered; the oldest are forgotten. */
const THREADS = 65_536;
const VERSIONS = 65_536;

export class Tasks {
	private readonly versions: Task[] = [];
	private readonly current = new Map<number, number>();
	private count = 0;

	/** Takes a RECORD_TASK. */
	update(view: RecordView, at: number): void {
		const tid = view.words[(at + TaskAt.tid) >>> 2] as number;
		const pid = view.words[(at + TaskAt.pid) >>> 2] as number;
		const comm = readName(view.bytes, at + TaskAt.comm, 16);
		const known = this.task(tid);
		if (known?.pid === pid && known.comm === comm) return;
		this.count++;
		this.versions[this.count % VERSIONS] = {pid, comm};
		this.current.delete(tid);
		this.current.set(tid, this.count);
		if (this.current.size > THREADS) for (const oldest of this.current.keys()) return void this.current.delete(oldest);
	}

	/** Number of the name that thread `tid` has now; 0 when none is known. */
	version(tid: number): number {
		return this.current.get(tid) ?? 0;
	}

	/** The name with that number, undefined for 0 and for one that was forgotten. */
	get(version: number): Task | undefined {
		return version > 0 && version > this.count - VERSIONS ? this.versions[version % VERSIONS] : undefined;
	}

	task(tid: number): Task | undefined {
		return this.get(this.version(tid));
	}
}
