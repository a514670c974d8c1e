/** An open file (or pipe) of binary records, read from its beginning through a window. */
import {RecordView} from '../trace/view.js';
import {Window} from './window.js';

/** `at` is always a multiple of 8. */
export class Input extends Window {
	readonly view = new RecordView(this.bytes);

	/** Goes on `count` bytes that are there. */
	skip(count: number): void {
		this.at += count;
	}

	u32(offset: number): number {
		return this.view.words[(this.at + offset) >>> 2] as number;
	}
}
