/** What is known of a captured frame: its blocks and the lines of the log that they became. */

/** Numbers or ranges that are kept of one frame. */
const MOST = 256;

export class FrameNotes {
	private blocks: number[] = [];
	/** First and last line in turn. */
	private lines: number[] = [];
	/** Marks outside any block. */
	private marks = 0;

	/** @param block 0 for a mark outside any. */
	addBlock(block: number): void {
		if (block === 0) this.marks++;
		else if (this.blocks.length < MOST && this.blocks.at(-1) !== block) this.blocks.push(block);
	}

	/** Numbered lines of the log, in their order. */
	addLines(first: number, last: number): void {
		const {lines} = this;
		if (lines.at(-1) === first - 1) lines[lines.length - 1] = last;
		else if (lines.length < 2 * MOST) lines.push(first, last);
	}

	/** Another log is saved. */
	forgetLines(): void {
		this.lines = [];
	}

	/** pkttop: blocks 12 14, clean_log lines 35-40 61-88 */
	text(): string {
		const parts: string[] = [];
		if (this.blocks.length > 0) parts.push(`blocks ${some(this.blocks)}`);
		const ranges: string[] = [];
		for (let i = 0; i < this.lines.length; i += 2) {
			const [first, last] = this.lines.slice(i, i + 2);
			ranges.push(first === last ? `${first}` : `${first}-${last}`);
		}
		if (ranges.length > 0) parts.push(`clean_log lines ${some(ranges)}`);
		if (parts.length === 0) parts.push(`marks ${this.marks}`);
		return `pkttop: ${parts.join(', ')}`;
	}
}

const some = (list: readonly (number | string)[]): string => `${list.join(' ')}${list.length === MOST ? ' …' : ''}`;
