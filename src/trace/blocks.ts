/**
 * From the stream of records to blocks.
 *
 * A record arrives when its call ends, so children come before their parent, and many stacks are interleaved. Records wait
 * in the stack they belong to (stack.ts); when a root arrives, its block is written to the store in pre-order.
 *
 * Records may be missing. A call whose parent never arrived becomes a block of its own, a mark an entry of its own; a call
 * between two others that is missing leaves its children to the call around it. No stream makes the builder throw, and what
 * it holds is bounded: a block that grows too long is cut (its finished calls become blocks of their own), and when too many
 * calls wait for their end, the stacks that are known longest give what they have as blocks with open calls.
 */
import {BEHIND} from './losses.js';
import {At, Flag, Kind, LossAt, recordSize} from './record.js';
import {type Memory, Node, Stack} from './stack.js';
import {ON_TOP_BYTES, type Store} from './store.js';
import type {Tasks} from './tasks.js';
import {writeTree} from './tree.js';
import {alignedView, copyRecord, RecordView} from './view.js';

export interface BlockLimits {
	/** Bytes that may wait on one stack. */
	readonly block: number;
	/** Stacks that are known at a time. */
	readonly stacks: number;
	/** Bytes that all stacks together may take, beyond what each begins with. */
	readonly waiting: number;
}

const LIMITS: BlockLimits = {block: 1 << 20, stacks: 16_384, waiting: 64 << 20};
/** So many stacks are not worth a look. */
const FEW = 64;

export class BlockBuilder {
	/** Bytes that were no records: a stream is left at the first of them. */
	damaged = 0;
	/** Calls and marks that were never looked at: more came at once than memory keeps. */
	skipped = 0;
	/** Blocks that were cut because they grew too long. */
	cuts = 0;
	/** Stacks that had to give up the block in progress. */
	evicted = 0;
	/** Called with each RECORD_LIFE, valid during the call. */
	onLife: ((view: RecordView, at: number) => void) | undefined;

	private readonly stacks = new Map<number, Stack>();
	private readonly grown: Memory = {bytes: 0};
	private lastKey = Number.NaN;
	private last: Stack | undefined;
	private input = new RecordView(new Uint8Array(0));
	private numbers = 0;
	/** So many stacks may be known before those that nobody uses any more are looked for. */
	private most = FEW;

	constructor(
		private readonly store: Store,
		private readonly tasks: Tasks,
		private readonly limits: BlockLimits = LIMITS,
	) {}

	/**
	 * Takes whole records, in the order in which they left the kernel. Copies what it keeps.
	 * @param bytes buffer; fastest when it is the same one each time and `offset` is a multiple of 4.
	 */
	push(bytes: Uint8Array, offset = 0, length = bytes.length - offset): void {
		let at = offset;
		if (this.input.bytes !== bytes || offset % 4 !== 0) {
			const aligned = alignedView(bytes, offset, length);
			this.input = aligned.view;
			at = aligned.start;
		}
		const end = at + length;
		const view = this.input;
		while (at < end) {
			const size = recordSize(view.bytes, at);
			if (size === 0 || at + size > end) {
				this.damaged += end - at;
				return;
			}
			this.take(view, at, size);
			at += size;
		}
	}

	/** End of the session: everything that waits becomes blocks, with the calls that are open, or without their roots. */
	flush(): void {
		for (const stack of this.stacks.values()) this.finish(stack, this.store);
		this.stacks.clear();
		this.grown.bytes = 0;
		this.lastKey = Number.NaN;
	}

	/** Writes the blocks that have a call announced as open to another, new store, and goes on waiting for their ends here. */
	snapshot(into: Store): void {
		into.epoch = this.store.epoch;
		for (const stack of this.stacks.values()) if (stack.deepest >= 0) this.finish(stack.clone(), into);
	}

	/** What waits: stacks known, and bytes their buffers have grown by. */
	memory(): {stacks: number; bytes: number} {
		return {stacks: this.stacks.size, bytes: this.grown.bytes};
	}

	private take(view: RecordView, at: number, size: number): void {
		const kind = view.kind(at);
		if (kind === Kind.TASK) {
			this.tasks.update(view, at);
			return;
		}
		const store = this.store;
		if (store.epoch < 0) store.epoch = view.timeHigh(at);
		if (kind === Kind.LIFE) {
			this.onLife?.(view, at);
			return;
		}
		if (kind === Kind.LOSS) {
			if (view.halves[(at + LossAt.cause) >>> 1] === BEHIND) this.skipped += Number(view.u64(at + LossAt.count));
			const time = view.begin(at, store.epoch);
			const to = store.reserve(size);
			copyRecord(view, at, size, store.target, to);
			store.commit(size, 1, 0, 0, 0, 0, time);
			return;
		}
		const depth = view.depth(at);
		const stack = this.stackOf(view, at, (view.flags(at) & Flag.IRQ_STACK) !== 0);
		if (kind === Kind.CALL) this.call(stack, view, at, size, depth);
		else if (kind === Kind.OPEN) {
			if (stack.announce(view, at, size, depth)) this.number(stack);
		} else if (depth === 0) this.single(stack, view, at, size, 0, store);
		else {
			if (stack.deepest >= depth) stack.closeStale(depth, view.begin(at, store.epoch), -1);
			stack.push(stack.add(view, at, size));
			this.number(stack);
		}
		if (stack.used * 4 > this.limits.block) this.cut(stack);
		if (this.stacks.size > this.limits.stacks || this.grown.bytes > this.limits.waiting) this.sweep();
		else if (this.stacks.size > this.most) this.forget();
	}

	private call(stack: Stack, view: RecordView, at: number, size: number, depth: number): void {
		const begin = view.begin(at, this.store.epoch);
		if (stack.deepest >= depth) stack.closeStale(depth, begin, view.fn(at));
		if (depth === 0 && stack.top === 0) {
			stack.onTop.rewind();
			this.single(stack, view, at, size, this.numberOfRoot(stack, begin), this.store);
			stack.endBlock();
			return;
		}
		stack.attach(stack.add(view, at, size), depth, begin, Number.POSITIVE_INFINITY);
		this.number(stack);
		if (depth > 0) return;
		this.settle(stack, this.store, true);
		stack.endBlock();
	}

	/** Makes entries of all tops of a stack, oldest first. @param root whether the newest is the block in progress. */
	private settle(stack: Stack, store: Store, root: boolean): void {
		const {view} = stack;
		stack.onTop.rewind();
		for (let node = stack.takeTops(), next = 0; node !== 0; node = next) {
			next = view.words[node] as number;
			const at = stack.at(node);
			const kind = view.kind(at);
			const isRoot = root && next === 0;
			if (kind === Kind.MARK || kind === Kind.DROP) {
				this.single(stack, view, at, recordSize(view.bytes, at), 0, store);
			} else {
				const begin = view.begin(at, store.epoch);
				this.block(stack, node, begin, isRoot ? this.numberOfRoot(stack, begin) : ++this.numbers, store);
			}
		}
	}

	/** An entry of one record. @param block its number, 0 for a mark. */
	private single(stack: Stack, view: RecordView, at: number, size: number, block: number, store: Store): void {
		const begin = view.begin(at, store.epoch);
		const under = stack.interrupt ? this.interrupted(view, at, begin) : 0;
		const left = block === 0 ? 0 : stack.onTop.left;
		const to = store.reserve(size + left * ON_TOP_BYTES);
		const target = store.target;
		copyRecord(view, at, size, target, to);
		target.bytes[to + At.depth] = 0;
		const onTop = left === 0 ? 0 : stack.onTop.resolve(target, to, to + size, store.epoch);
		store.commit(size, 1, onTop, block, under, this.tasks.version(view.tid(at)), begin);
	}

	/** An entry of a call and all that is nested in it. */
	private block(stack: Stack, root: number, begin: number, block: number, store: Store): void {
		const {view} = stack;
		const at = stack.at(root);
		const under = stack.interrupt ? this.interrupted(view, at, begin) : 0;
		const bytes = view.words[root + Node.BYTES] as number;
		const left = stack.onTop.left;
		const to = store.reserve(bytes + left * ON_TOP_BYTES);
		writeTree(stack, root, store.target, to + bytes);
		const onTop = left === 0 ? 0 : stack.onTop.resolve(store.target, to, to + bytes, store.epoch);
		const records = view.words[root + Node.RECORDS] as number;
		store.commit(bytes, records, onTop, block, under, this.tasks.version(view.tid(at)), begin);
	}

	/** The root of an interrupt stack ran on top of a call: returns the number of that call's block. */
	private interrupted(view: RecordView, at: number, begin: number): number {
		// Of a call whose caller is missing it is the length of a queue.
		if (view.under(at) === 0 || view.depth(at) > 0) return 0;
		const stack = this.stackOf(view, at, false);
		this.number(stack);
		stack.interrupted = begin;
		if (view.ended(at)) this.grown.bytes += stack.onTop.add(begin, view.duration(at));
		return stack.block;
	}

	private number(stack: Stack): void {
		if (stack.block === 0) stack.block = ++this.numbers;
	}

	/** What ran on top referred to the number of the block in progress: a root that began later is another block. */
	private numberOfRoot(stack: Stack, begin: number): number {
		const other = stack.interrupted !== Number.NEGATIVE_INFINITY && begin > stack.interrupted;
		return other || stack.block === 0 ? ++this.numbers : stack.block;
	}

	/** The interrupt stack of the record's CPU, or the stack of its thread; the idle task has one on each CPU. */
	private stackOf(view: RecordView, at: number, interrupt: boolean): Stack {
		const tid = view.tid(at);
		const key = interrupt ? -1 - 2 * view.cpu(at) : tid === 0 ? -2 - 2 * view.cpu(at) : tid;
		if (key === this.lastKey) return this.last as Stack;
		let stack = this.stacks.get(key);
		if (stack === undefined) {
			stack = new Stack(interrupt, this.store.epoch, this.grown);
			this.stacks.set(key, stack);
		}
		stack.wanted = true;
		this.lastKey = key;
		this.last = stack;
		return stack;
	}

	private finish(stack: Stack, store: Store): void {
		stack.attachOpen();
		this.settle(stack, store, true);
		stack.endBlock();
	}

	/** The calls that leave a block too early still count as time that was not spent in the calls around them. */
	private cut(stack: Stack): void {
		this.cuts++;
		const {view} = stack;
		const gone: number[] = [];
		for (let node = stack.top; node !== 0; node = view.words[node] as number) {
			if (view.ended(stack.at(node))) gone.push(node);
		}
		const times = gone.map((node) => [view.begin(stack.at(node), this.store.epoch), view.duration(stack.at(node))]);
		this.settle(stack, this.store, false);
		for (const [begin, duration] of times) this.grown.bytes += stack.onTop.add(begin as number, duration as number);
		stack.compact();
	}

	/** Most threads end: of their stacks those go that have nothing and that nobody wanted since the last time. */
	private forget(): void {
		const {stacks} = this;
		let grown = 0;
		for (const [key, stack] of stacks) {
			if (stack.idle && !stack.wanted) stacks.delete(key);
			else grown += stack.bytes;
			stack.wanted = false;
		}
		this.most = Math.max(FEW, 1.5 * stacks.size);
		this.grown.bytes = grown;
		this.lastKey = Number.NaN;
	}

	/** Makes room: stacks without a block in progress go, then the oldest ones, until a quarter is free. */
	private sweep(): void {
		const {limits, stacks} = this;
		let grown = 0;
		for (const [key, stack] of stacks) {
			if (stack.idle) stacks.delete(key);
			else grown += stack.bytes;
		}
		for (const [key, stack] of stacks) {
			if (stacks.size <= limits.stacks * 0.75 && grown <= limits.waiting * 0.75) break;
			grown -= stack.bytes;
			this.evicted++;
			stacks.delete(key);
			this.finish(stack, this.store);
		}
		this.grown.bytes = grown;
		this.lastKey = Number.NaN;
	}
}
