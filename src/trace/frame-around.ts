/** The calls around a record, while an entry's records are gone through: what their packets look like, and their frames. */

const NONE = -1;

export class CallsAround {
	/** By depth: the hash of what the packet looks like, its frame, the function. */
	private readonly hashes: number[] = [];
	private readonly frames: number[] = [];
	private readonly fns: number[] = [];

	/** What is at `depth` from now on. @param frame -1: it has none. */
	enter(depth: number, hash: number, frame: number, fn: number): void {
		this.hashes[depth] = hash;
		this.frames[depth] = frame;
		this.fns[depth] = fn;
	}

	/** Nothing that has a frame is at `depth`. */
	enterOther(depth: number): void {
		this.frames[depth] = NONE;
	}

	/** Depth of the innermost call around `depth` with a frame that has such a packet, too; -1: there is none. */
	innermost(depth: number, hash: number): number {
		let around = depth - 1;
		while (around >= 0 && (this.frames[around] === NONE || this.hashes[around] !== hash)) around--;
		return around;
	}

	frameAt(depth: number): number {
		return this.frames[depth] ?? NONE;
	}

	fnAt(depth: number): number {
		return this.fns[depth] ?? 0;
	}
}
