/**
 * The session in memory: entries (blocks, marks outside any call, losses) as bytes in one ring of segments, oldest first out.
 *
 * A block is contiguous and in pre-order: by begin, a call before what is nested in it, marks at their time. Record.depth is
 * the depth in that tree (0 is the root), so that the tree follows from the depths alone. After the records of a block
 * stand ON_TOP_BYTES for each of its calls that softirqs ran on top of (self.ts).
 */
import {Columns, ROW_BYTES} from './columns.js';
import {Kind} from './record.js';
import {RecordView} from './view.js';

const SMALLEST_SEGMENT = 64 * 1024;
const LARGEST_SEGMENT = 4 * 1024 * 1024;

interface Segment {
	readonly view: RecordView;
	used: number;
	/** Number of its first entry. */
	first: number;
	blocks: number;
	events: number;
}

/** One entry, filled in by `Store.read`; a reader makes one and uses it again. Valid until the next push to the builder. */
export class Entry {
	/** Number of the entry, counted from 0 in order of arrival. */
	id = -1;
	view: RecordView = new RecordView(new Uint8Array(0));
	/** Byte offsets in `view` of the first record and behind the last one. */
	at = 0;
	end = 0;
	records = 0;
	/** How many words of time on top (self.ts) follow behind `end`. */
	onTop = 0;
	/** Number of the block, from 1; 0 for a mark outside any call and for a loss. */
	block = 0;
	/** Number of the block it ran on top of, 0 none. The function's number is `under - 1` of the first record. */
	under = 0;
	/** Number of the thread's name when the entry was made, for Tasks.get. */
	task = 0;
	/** Kind of the first record: CALL or OPEN of a block; MARK, DROP, LOSS of an entry that is that record alone. */
	get kind(): number {
		return this.view.kind(this.at);
	}
}

export class Store {
	/** High word of the first time seen; times are compared relative to it (view.ts). Set by the builder. */
	epoch = -1;
	/** Entries ever made that are no losses: blocks and marks outside any call. What `-c` counts. */
	blocks = 0;
	/** Calls and marks ever stored. */
	events = 0;
	/** Blocks and events that had to go because of the limit. */
	droppedBlocks = 0;
	droppedEvents = 0;
	/** Called with the number of each entry as soon as it is complete; must not push. */
	onEntry: ((id: number) => void) | undefined;

	private readonly columns = new Columns();
	private readonly segments: Segment[] = [];
	/** Number of segments[0], counted from the beginning of the session. */
	private firstSegment = 0;
	private held = 0;
	private spare: RecordView | undefined;
	private readonly segmentBytes: number;

	/** @param limit bytes to keep; what is least is two segments of 64 KiB. Memory is taken as it is needed. */
	constructor(private readonly limit: number) {
		const share = 2 ** Math.floor(Math.log2(Math.max(1, limit / 16)));
		this.segmentBytes = Math.min(LARGEST_SEGMENT, Math.max(SMALLEST_SEGMENT, share));
	}

	/** Entries `first` to `end - 1` are there. */
	get first(): number {
		return this.columns.first;
	}
	get end(): number {
		return this.columns.end;
	}
	/** Bytes in use, index included. */
	get size(): number {
		return this.held + (this.end - this.first) * ROW_BYTES;
	}

	/** Finds room for `bytes` contiguous bytes: write them to `target` at the offset returned, then `commit`. */
	reserve(bytes: number): number {
		const last = this.segments[this.segments.length - 1];
		if (last !== undefined && last.used + bytes <= last.view.bytes.length) return last.used;
		this.addSegment(bytes);
		return 0;
	}

	/** Where `reserve` found room. */
	get target(): RecordView {
		return (this.segments[this.segments.length - 1] as Segment).view;
	}

	/**
	 * Makes what was written after `reserve` an entry.
	 * @param bytes of its records; @param onTop how many times on top follow them; @param begin ns since `epoch`.
	 */
	commit(
		bytes: number,
		records: number,
		onTop: number,
		block: number,
		under: number,
		task: number,
		begin: number,
	): void {
		const segment = this.segments[this.segments.length - 1] as Segment;
		const columns = this.columns;
		const slot = columns.add();
		columns.segment[slot] = this.firstSegment + this.segments.length - 1;
		columns.at[slot] = segment.used;
		columns.bytes[slot] = bytes;
		columns.records[slot] = records;
		columns.onTop[slot] = onTop;
		columns.block[slot] = block;
		columns.under[slot] = under;
		columns.task[slot] = task;
		columns.begin[slot] = begin;
		if (segment.view.kind(segment.used) !== Kind.LOSS) {
			this.blocks++;
			this.events += records;
			segment.blocks++;
			segment.events += records;
		}
		segment.used += bytes + onTop * ON_TOP_BYTES;
		if (this.onEntry !== undefined) this.onEntry(columns.end - 1);
	}

	/** Fills `entry`; false when it is not there (dropped, or not yet made). */
	read(id: number, entry: Entry): boolean {
		const columns = this.columns;
		if (!(id >= columns.first && id < columns.end)) return false;
		const slot = columns.slot(id);
		entry.id = id;
		entry.view = (this.segments[(columns.segment[slot] as number) - this.firstSegment] as Segment).view;
		entry.at = columns.at[slot] as number;
		entry.end = entry.at + (columns.bytes[slot] as number);
		entry.records = columns.records[slot] as number;
		entry.onTop = columns.onTop[slot] as number;
		entry.block = columns.block[slot] as number;
		entry.under = columns.under[slot] as number;
		entry.task = columns.task[slot] as number;
		return true;
	}

	/** Begin of the entry in ns since `epoch`. */
	begin(id: number): number {
		return this.columns.begin[this.columns.slot(id)] as number;
	}

	/** Numbers of all entries in the order of their begin: the order of a saved log. */
	byBegin(): Float64Array {
		const ids = Float64Array.from({length: this.end - this.first}, (_, i) => this.first + i);
		return ids.sort((a, b) => this.begin(a) - this.begin(b) || a - b);
	}

	private addSegment(least: number): void {
		const bytes = Math.max(least, this.segmentBytes);
		while (this.segments.length > 1 && this.size + bytes > this.limit) this.dropSegment();
		let view = this.spare;
		this.spare = undefined;
		if (view === undefined || view.bytes.length < bytes) view = new RecordView(new Uint8Array(bytes));
		this.segments.push({view, used: 0, first: this.columns.end, blocks: 0, events: 0});
		this.held += view.bytes.length;
	}

	private dropSegment(): void {
		const gone = this.segments.shift() as Segment;
		this.columns.first = (this.segments[0] as Segment).first;
		this.droppedBlocks += gone.blocks;
		this.droppedEvents += gone.events;
		this.firstSegment++;
		this.held -= gone.view.bytes.length;
		if (gone.view.bytes.length === this.segmentBytes) this.spare = gone.view;
	}
}

/** A record's index in its block (u32), 4 bytes of padding, ns on top of it (u64). */
export const ON_TOP_BYTES = 16;
