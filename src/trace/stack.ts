/**
 * One kernel stack with the block in progress on it: a forest of records whose parents have not arrived yet.
 *
 * A node is four words and then the bytes of its record, all in one growable buffer; a node's number is the index of its
 * first word, 0 is none. Records arrive when calls end, so a node that arrives takes its children from the newest end of
 * the list of tops. Calls that were announced as open wait beside the list until their end arrives.
 */
import {At, Flag, Kind} from './record.js';
import {OnTop} from './self.js';
import {copyRecord, RecordView} from './view.js';

/** Words of a node: older sibling (or older top), newest child, bytes and records of the whole subtree. */
export const Node = {OLDER: 0, CHILD: 1, BYTES: 2, RECORDS: 3, WORDS: 4} as const;

const FIRST = 4;
const FIRST_WORDS = 256;

/** Bytes by which the buffers of all stacks have grown beyond what they begin with. */
export interface Memory {
	bytes: number;
}

export class Stack {
	view = new RecordView(new Uint8Array(FIRST_WORDS * 4));
	/** Words in use. */
	used = FIRST;
	/** Newest of the tops: subtrees without a parent so far. */
	top = 0;
	/** Number of the block in progress, 0 when none is known. */
	block = 0;
	/** Begin of the latest softirq that ran on top of the block in progress. */
	interrupted = Number.NEGATIVE_INFINITY;
	onTop = new OnTop();
	/** By depth: the node of the call announced as open. */
	private open = new Uint32Array(8);
	/** Whether a record was for it, since somebody last looked. */
	wanted = true;
	/** Depth of the deepest open call, -1 for none. */
	deepest = -1;

	constructor(
		readonly interrupt: boolean,
		private readonly epoch: number,
		private readonly memory: Memory,
	) {}

	/** Nothing of a block is here. */
	get idle(): boolean {
		return this.block === 0 && this.top === 0 && this.deepest < 0;
	}

	/** Bytes by which its buffers have grown. */
	get bytes(): number {
		return this.view.bytes.length - FIRST_WORDS * 4 + this.onTop.bytes;
	}

	/** Byte offset of a node's record in `view`. */
	at(node: number): number {
		return (node + Node.WORDS) * 4;
	}

	/** Copies the record at `from` in `source` into a new node, outside the forest. */
	add(source: RecordView, from: number, size: number): number {
		const node = this.used;
		const count = size >>> 2;
		if (node + Node.WORDS + count > this.view.words.length) this.grow(node + Node.WORDS + count);
		const words = this.view.words;
		this.used = node + Node.WORDS + count;
		words[node + Node.OLDER] = 0;
		words[node + Node.CHILD] = 0;
		words[node + Node.BYTES] = size;
		words[node + Node.RECORDS] = 1;
		copyRecord(source, from, size, this.view, (node + Node.WORDS) * 4);
		return node;
	}

	/** Makes a leaf the newest top. */
	push(node: number): void {
		this.view.words[node] = this.top;
		this.top = node;
	}

	/**
	 * Puts a call into the forest: the tops that began at or after `begin` and lie deeper than `depth` become its children.
	 * @param before newer tops, from this begin on, belong to a later call: they stay on top of it.
	 */
	attach(node: number, depth: number, begin: number, before: number): void {
		const {view, epoch} = this;
		const words = view.words;
		let above = 0;
		let top = this.top;
		while (top !== 0 && view.begin(this.at(top), epoch) >= before) {
			above = top;
			top = words[top] as number;
		}
		let bytes = words[node + Node.BYTES] as number;
		let records = 1;
		let oldest = 0;
		words[node + Node.CHILD] = 0;
		while (top !== 0 && view.depth(this.at(top)) > depth && view.begin(this.at(top), epoch) >= begin) {
			if (oldest === 0) words[node + Node.CHILD] = top;
			oldest = top;
			bytes += words[top + Node.BYTES] as number;
			records += words[top + Node.RECORDS] as number;
			top = words[top] as number;
		}
		if (oldest !== 0) words[oldest] = 0;
		words[node + Node.OLDER] = top;
		words[node + Node.BYTES] = bytes;
		words[node + Node.RECORDS] = records;
		if (above === 0) this.top = node;
		else words[above] = node;
	}

	/** Remembers a call that was announced as open. False when it is already known. */
	announce(source: RecordView, from: number, size: number, depth: number): boolean {
		const known = this.open[depth] ?? 0;
		const begin = source.begin(from, this.epoch);
		if (known !== 0 && this.isCall(known, begin, source.fn(from))) return false;
		this.closeStale(depth, begin, -1);
		const node = this.add(source, from, size);
		if (depth >= this.open.length) {
			const larger = new Uint32Array(Math.max(depth + 1, 2 * this.open.length));
			larger.set(this.open);
			this.open = larger;
		}
		this.open[depth] = node;
		this.deepest = depth;
		return true;
	}

	/**
	 * Before a call or mark at `depth` is added: open calls at that depth or deeper cannot be open any more. One that is the
	 * call itself is superseded; the end of any other was lost: it stays in the block as a call without a known end.
	 * @param fn function of the call, -1 when what comes supersedes nothing.
	 */
	closeStale(depth: number, begin: number, fn: number): void {
		for (; this.deepest >= depth; this.deepest--) {
			const node = this.open[this.deepest] as number;
			if (node === 0) continue;
			this.open[this.deepest] = 0;
			if (this.deepest === depth && this.isCall(node, begin, fn)) continue;
			const at = this.at(node);
			this.view.bytes[at] = Kind.CALL;
			this.view.bytes[at + At.flags] = this.view.flags(at) | Flag.END_UNKNOWN;
			const began = this.view.begin(at, this.epoch);
			this.attach(node, this.deepest, began, began >= begin ? Number.POSITIVE_INFINITY : begin);
		}
		while (this.deepest >= 0 && this.open[this.deepest] === 0) this.deepest--;
	}

	/** Puts the calls that are open now into the forest, as open calls. */
	attachOpen(): void {
		for (; this.deepest >= 0; this.deepest--) {
			const node = this.open[this.deepest] as number;
			if (node === 0) continue;
			this.open[this.deepest] = 0;
			this.attach(node, this.deepest, this.view.begin(this.at(node), this.epoch), Number.POSITIVE_INFINITY);
		}
	}

	/** Takes all tops out of the forest, linked from the oldest to the newest; returns the oldest. */
	takeTops(): number {
		const words = this.view.words;
		let newer = 0;
		for (let top = this.top; top !== 0; ) {
			const older = words[top] as number;
			words[top] = newer;
			newer = top;
			top = older;
		}
		this.top = 0;
		return newer;
	}

	/** Frees the space of everything but the open calls. The forest must be empty. */
	compact(): void {
		this.used = FIRST;
		// Opens of a deeper call are announced later, so they lie in the buffer in the order of their depths.
		for (let depth = 0; depth <= this.deepest; depth++) {
			const node = this.open[depth] as number;
			if (node === 0) continue;
			const end = node + Node.WORDS + ((this.view.words[node + Node.BYTES] as number) >>> 2);
			this.view.words.copyWithin(this.used, node, end);
			this.open[depth] = this.used;
			this.used += end - node;
		}
	}

	/** After the root has ended: nothing is left. */
	endBlock(): void {
		this.used = FIRST;
		this.top = 0;
		this.block = 0;
		this.interrupted = Number.NEGATIVE_INFINITY;
		this.onTop.clear();
	}

	/** A copy that can be taken apart while the stack goes on. */
	clone(): Stack {
		const copy = new Stack(this.interrupt, this.epoch, {bytes: 0});
		copy.view = new RecordView(this.view.bytes.slice());
		copy.used = this.used;
		copy.top = this.top;
		copy.block = this.block;
		copy.interrupted = this.interrupted;
		copy.onTop = this.onTop.clone();
		copy.open = this.open.slice();
		copy.deepest = this.deepest;
		return copy;
	}

	private isCall(node: number, begin: number, fn: number): boolean {
		const at = this.at(node);
		return this.view.fn(at) === fn && this.view.begin(at, this.epoch) === begin;
	}

	private grow(least: number): void {
		const bytes = new Uint8Array(4 * Math.max(least, 2 * this.view.words.length));
		bytes.set(this.view.bytes);
		this.memory.bytes += bytes.length - this.view.bytes.length;
		this.view = new RecordView(bytes);
	}
}
