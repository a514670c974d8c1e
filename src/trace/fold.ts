/**
 * From entries to stacks: each call's self time on the stack of the calls around it, below the name of its thread and its
 * context. What ran on top of a call waits until the block of that call is complete, which is later, and is then inside it.
 */
import {Kind, recordSize} from './record.js';
import {selfTimes} from './self.js';
import {ROOT, Stacks} from './stacks.js';
import type {Entry} from './store.js';

/** Calls that wait at most, in all blocks that ran on top of others; those that wait longest become roots. */
const WAITING = 1 << 19;
/** Names of threads at most; other threads share one. */
const NAMES = 4096;
const LEVELS = 257;

/** Labels below this are numbers of functions; then come the contexts, then the names of threads. */
const CONTEXTS = 1 << 16;
const THREADS = CONTEXTS + 4;

/** What a label stands for: the number of a function, the number of a context (record.ts), or the name of a thread. */
export type Label = {readonly fn: number} | {readonly context: number} | {readonly thread: string};

/** A block that ran on top of a call. */
interface OnTop {
	readonly thread: number;
	readonly context: number;
	/** ns since the epoch of the store. */
	readonly begin: number;
	/** Of each of its calls, in pre-order: number of the function, level, self time. */
	readonly calls: readonly number[];
}

type Visit = (fn: number, level: number, self: number, begin: number, end: number) => void;

export class Fold {
	readonly stacks: Stacks;
	private readonly threads: string[] = ['[other]'];
	private readonly threadNumbers = new Map<string, number>();
	/** By number of the block that they ran on top of, the oldest first. */
	private readonly waiting = new Map<number, OnTop[]>();
	private waitingCalls = 0;
	private readonly path = new Uint32Array(LEVELS);
	private readonly ends = new Float64Array(LEVELS);
	private self = new Float64Array(64);

	/** @param frames and @param mostWaiting calls on top of others that are remembered. */
	constructor(
		frames?: number,
		private readonly mostWaiting = WAITING,
	) {
		this.stacks = new Stacks(frames);
	}

	/**
	 * Takes an entry as it becomes complete.
	 * @param name of its thread; @param epoch of the store.
	 */
	add(entry: Entry, name: string, epoch: number): void {
		if (entry.kind !== Kind.CALL && entry.kind !== Kind.OPEN) return;
		const thread = this.numberOf(name);
		if (entry.under === 0) this.place(entry, thread, epoch);
		else this.wait(entry, thread, epoch);
	}

	/** After the last entry. */
	finish(): void {
		while (this.waiting.size > 0) this.giveUp();
	}

	label(label: number): Label {
		if (label < CONTEXTS) return {fn: label};
		if (label < THREADS) return {context: label - CONTEXTS};
		return {thread: this.threads[label - THREADS] ?? ''};
	}

	private wait(entry: Entry, thread: number, epoch: number): void {
		const {view, at, under} = entry;
		const calls: number[] = [];
		this.walk(entry, epoch, (fn, level, self) => void calls.push(fn, level, self));
		const block = {thread, context: view.context(at), begin: view.begin(at, epoch), calls};
		const others = this.waiting.get(under);
		if (others === undefined) this.waiting.set(under, [block]);
		else others.push(block);
		this.waitingCalls += calls.length / 3;
		while (this.waitingCalls > this.mostWaiting) this.giveUp();
	}

	/** What waits longest ran on top of a call whose block did not come: it is a root of its own. */
	private giveUp(): void {
		for (const block of this.waiting.keys()) {
			for (const onTop of this.take(block)) this.placeOnTop(onTop, this.threadFrame(onTop.thread));
			return;
		}
	}

	/** What ran on top of calls of that block, by begin. */
	private take(block: number): OnTop[] {
		const found = this.waiting.get(block);
		if (found === undefined) return [];
		this.waiting.delete(block);
		for (const {calls} of found) this.waitingCalls -= calls.length / 3;
		return found.sort((a, b) => a.begin - b.begin);
	}

	/** Adds the calls of a block, and what ran on top of them inside the innermost call that contains its begin. */
	private place(entry: Entry, thread: number, epoch: number): void {
		const {stacks, path, ends} = this;
		const onTop = this.take(entry.block);
		const base = this.contextFrame(this.threadFrame(thread), entry.view.context(entry.at));
		const placed: number[] = [];
		let deepest = -1;
		const placeUntil = (time: number): void => {
			for (let one = onTop[placed.length]; one !== undefined && one.begin < time; one = onTop[placed.length]) {
				while (deepest >= 0 && one.begin > (ends[deepest] as number)) deepest--;
				placed.push(deepest < 0 ? this.threadFrame(one.thread) : (path[deepest] as number));
			}
		};
		this.walk(entry, epoch, (fn, level, self, begin, end) => {
			placeUntil(begin);
			deepest = level;
			path[level] = stacks.child(level === 0 ? base : (path[level - 1] as number), fn);
			ends[level] = end;
			stacks.add(path[level] as number, self);
		});
		placeUntil(Number.POSITIVE_INFINITY);
		// Not before: they use the same path.
		onTop.forEach((one, i) => {
			this.placeOnTop(one, placed[i] as number);
		});
	}

	private placeOnTop({context, calls}: OnTop, parent: number): void {
		const {stacks, path} = this;
		const base = this.contextFrame(parent, context);
		for (let i = 0; i < calls.length; i += 3) {
			const [fn = 0, level = 0, self = 0] = calls.slice(i, i + 3);
			path[level] = stacks.child(level === 0 ? base : (path[level - 1] as number), fn);
			stacks.add(path[level] as number, self);
		}
	}

	/** Every call of an entry in pre-order. A call without a known end has no self time and goes on for ever. */
	private walk(entry: Entry, epoch: number, visit: Visit): void {
		const {view, records} = entry;
		if (this.self.length < records) this.self = new Float64Array(2 * records);
		selfTimes(entry, this.self);
		let level = -1;
		for (let at = entry.at, index = 0; at < entry.end; at += recordSize(view.bytes, at), index++) {
			const kind = view.kind(at);
			if (kind !== Kind.CALL && kind !== Kind.OPEN) continue;
			level = Math.min(level + 1, view.depth(at));
			const begin = view.begin(at, epoch);
			const end = view.ended(at) ? begin + view.duration(at) : Number.POSITIVE_INFINITY;
			visit(view.fn(at), level, Math.max(0, this.self[index] as number), begin, end);
		}
	}

	/** The frame of a thread. */
	private threadFrame(thread: number): number {
		return this.stacks.child(ROOT, THREADS + thread);
	}

	private contextFrame(parent: number, context: number): number {
		return this.stacks.child(parent, CONTEXTS + context);
	}

	private numberOf(thread: string): number {
		const known = this.threadNumbers.get(thread);
		if (known !== undefined) return known;
		if (this.threads.length > NAMES) return 0;
		this.threadNumbers.set(thread, this.threads.length);
		return this.threads.push(thread) - 1;
	}
}
