/** Puts the numbers of captured frames into a log, and the log's blocks and lines into notes of the frames. */
import type {Beside} from '../trace/beside.js';
import type {FrameMatcher} from '../trace/frame-match.js';
import type {FrameNotes} from '../trace/frame-notes.js';
import {Kind, recordSize} from '../trace/record.js';
import type {Entry} from '../trace/store.js';

export class FrameComments implements Beside {
	private block = 0;
	/** Frames of the entry, in the order of its records. */
	private readonly found = new Set<number>();
	/** By the offset of the first record that has them. */
	private readonly comments = new Map<number, string>();

	/**
	 * @param epoch of the entries' times; @param blocks whether numbers of blocks are noted: in a log that is saved they are
	 * not those of the session; @param note finds or makes the notes of a frame.
	 */
	constructor(
		private readonly matcher: FrameMatcher,
		private readonly epoch: () => number,
		private readonly blocks: boolean,
		private readonly note: (frame: number) => FrameNotes,
	) {}

	entry(entry: Entry): void {
		const {found, comments} = this;
		found.clear();
		comments.clear();
		this.block = entry.block;
		if (entry.kind === Kind.LOSS) return;
		const {view} = entry;
		const epoch = this.epoch();
		for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
			const before = found.size;
			this.matcher.match(view, at, epoch, found);
			if (found.size > before) comments.set(at, commentOf([...found].slice(before)));
		}
	}

	before(at: number): string {
		return this.comments.get(at) ?? '';
	}

	written(first: number, last: number): void {
		for (const frame of this.found) {
			const note = this.note(frame);
			if (this.blocks) note.addBlock(this.block);
			if (last > 0 && last >= first) note.addLines(first, last);
		}
	}
}

/** Frames are numbered from 1, as in the file. */
const commentOf = (frames: readonly number[]): string => `# frame ${frames.map((frame) => frame + 1).join(' ')}\n`;
