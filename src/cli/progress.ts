/** How far a long file has been read, on stderr, where that is a terminal and it takes longer than somebody likes to wait. */

/** ms. */
const PATIENCE = 2000;
const STEP = 250;
const MEGABYTE = 1e6;

export class Progress {
	private done = 0;
	private shown = false;
	private due: number;

	/**
	 * @param total bytes, 0 where that is not known; @param silent lines of the file itself go to the terminal.
	 * @param stderr where it is written; @param clock ms.
	 */
	constructor(
		private readonly total: number,
		silent: boolean,
		private readonly stderr: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
		private readonly clock: () => number = () => performance.now(),
	) {
		this.due = silent || !stderr.isTTY ? Number.POSITIVE_INFINITY : clock() + PATIENCE;
	}

	add(bytes: number): void {
		this.done += bytes;
		const now = this.clock();
		if (now < this.due) return;
		this.due = now + STEP;
		this.shown = true;
		const done = Math.floor(this.done / MEGABYTE);
		const share = Math.min(100, Math.floor((100 * this.done) / this.total));
		const of = this.total > 0 ? ` of ${Math.floor(this.total / MEGABYTE)} MB, ${share} %` : ' MB';
		this.stderr.write(`\rpkttop: ${done}${of}`);
	}

	/** Takes its line away. */
	end(): void {
		if (this.shown) this.stderr.write('\r\x1b[K');
		this.shown = false;
	}
}
