/** An open file (or pipe) of binary records, read from its beginning through a window. */
import {RecordView} from '../trace/view.js';
import {readSome} from './lines.js';

/** What is read at a time. */
const BUFFER = 256 * 1024;

/** A window of the file. */
export class Input {
	readonly bytes = new Uint8Array(BUFFER);
	readonly view = new RecordView(this.bytes);
	/** Where the next byte stands in `bytes`. A multiple of 8. */
	at = 0;
	private end: number;
	/** Bytes read from the file. */
	total: number;

	constructor(
		private readonly fd: number,
		head: Uint8Array,
	) {
		this.bytes.set(head);
		this.end = head.length;
		this.total = head.length;
	}

	/** Offset in the file of the next byte. */
	get position(): number {
		return this.total - (this.end - this.at);
	}

	/** Reads until `least` bytes are there (at most BUFFER) or the file ends; returns how many are there. */
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

	skip(count: number): void {
		this.at += count;
	}

	u32(offset: number): number {
		return this.view.words[(this.at + offset) >>> 2] as number;
	}
}
