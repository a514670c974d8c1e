/** The records of an entry in the order in which the kernel sends them: a call when it ends, so what is inside comes before. */
import {At, Kind, recordSize, SIZE_TASK, TaskAt} from '../trace/record.js';
import type {Entry} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';
import {copyRecord, RecordView} from '../trace/view.js';

/** Threads whose names are known to be written; of more all are written again. */
const THREADS = 65_536;

export class EntryRecords {
	private out = new RecordView(new Uint8Array(4096));
	private used = 0;
	/** Offsets of the calls that are open at the place in the entry. */
	private readonly calls: number[] = [];
	/** By thread: number of the name that was written last. */
	private readonly named = new Map<number, number>();

	constructor(private readonly tasks: Tasks) {}

	/** Valid until the next call. The name of the thread comes first, where it was not written before. */
	of(entry: Entry): Uint8Array {
		const {view} = entry;
		this.used = 0;
		this.room(entry.end - entry.at + SIZE_TASK);
		if (entry.kind === Kind.LOSS) this.copy(view, entry.at);
		else {
			this.task(view.tid(entry.at), entry.task);
			for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
				this.endCalls(view, view.depth(at));
				// One that has not ended was announced before what is inside.
				if (view.kind(at) !== Kind.CALL) this.copy(view, at);
				if (view.kind(at) === Kind.CALL || view.kind(at) === Kind.OPEN) this.calls.push(at);
			}
			this.endCalls(view, 0);
			// Of a call without its caller, which is a root here, that is no call below.
			if (entry.under === 0) this.clearUnder();
		}
		return this.out.bytes.subarray(0, this.used);
	}

	private endCalls(view: RecordView, depth: number): void {
		while (this.calls.length > depth) {
			const at = this.calls.pop() as number;
			if (view.kind(at) === Kind.CALL) this.copy(view, at);
		}
	}

	private copy(view: RecordView, at: number): void {
		const size = recordSize(view.bytes, at);
		copyRecord(view, at, size, this.out, this.used);
		this.used += size;
	}

	private task(tid: number, version: number): void {
		const task = this.tasks.get(version);
		if (task === undefined || this.named.get(tid) === version) return;
		if (this.named.size === THREADS) this.named.clear();
		this.named.set(tid, version);
		const {out, used} = this;
		out.bytes.fill(0, used, used + SIZE_TASK);
		out.bytes[used] = Kind.TASK;
		out.words[(used + TaskAt.tid) >>> 2] = tid;
		out.words[(used + TaskAt.pid) >>> 2] = task.pid;
		const name = new TextEncoder().encode(task.comm).subarray(0, SIZE_TASK - TaskAt.comm);
		out.bytes.set(name, used + TaskAt.comm);
		this.used += SIZE_TASK;
	}

	private clearUnder(): void {
		const {out} = this;
		for (let at = 0; at < this.used; at += recordSize(out.bytes, at)) {
			if (out.kind(at) <= Kind.DROP && out.depth(at) === 0) out.halves[(at + At.under) >>> 1] = 0;
		}
	}

	private room(bytes: number): void {
		if (this.out.bytes.length < bytes) this.out = new RecordView(new Uint8Array(2 * bytes));
	}
}
