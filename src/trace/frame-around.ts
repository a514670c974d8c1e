/** The calls around a record, while an entry's records are gone through: what their packets look like, and their frames. */

const NONE = -1;

export class CallsAround {
	/** By depth. */
	private readonly hashes: number[] = [];
	private readonly frames: number[] = [];

	/** What is at `depth` from now on. */
	enter(depth: number, hash: number, frame: number): void {
		this.hashes[depth] = hash;
		this.frames[depth] = frame;
	}

	/** At `depth` is nothing that has a frame. */
	enterOther(depth: number): void {
		this.frames[depth] = NONE;
	}

	/** The frame of the innermost call around `depth` whose packet has this hash, too. */
	frame(depth: number, hash: number): number | undefined {
		for (let around = depth - 1; around >= 0; around--) {
			const frame = this.frames[around] ?? NONE;
			if (frame !== NONE && this.hashes[around] === hash) return frame;
		}
		return undefined;
	}
}
