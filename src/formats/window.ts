/** A window of an open file (or pipe) that is read from where it stands. */
import {readSome} from './lines.js';

/** What is read at a time, and so the most that is looked at together. */
export const WINDOW_BYTES = 256 * 1024;

export class Window {
	readonly bytes = new Uint8Array(WINDOW_BYTES);
	/** Where the next byte stands in `bytes`. */
	at = 0;
	private end: number;
	/** Bytes read from the file. */
	total: number;

	/** @param head what has been read already. */
	constructor(
		private readonly fd: number,
		head = new Uint8Array(0),
	) {
		this.bytes.set(head);
		this.end = head.length;
		this.total = head.length;
	}

	/** Offset in the file of the next byte. */
	get position(): number {
		return this.total - (this.end - this.at);
	}

	/** Reads until `least` bytes are there (at most WINDOW_BYTES) or the file ends; returns how many are there. */
	fill(least: number): number {
		while (this.end - this.at < least) {
			if (this.at > 0) {
				this.bytes.copyWithin(0, this.at, this.end);
				this.end -= this.at;
				this.at = 0;
			}
			const count = readSome(this.fd, this.bytes, this.end);
			if (count === 0) break;
			this.end += count;
			this.total += count;
		}
		return this.end - this.at;
	}
}
