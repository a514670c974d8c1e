/** What is noted beside a log while it is written: comments in it, and where the entries went. */
import type {Entry} from './store.js';

export interface Beside {
	/** The entry that is written next. */
	entry(entry: Entry): void;
	/** Comment lines, '' for none, before the line of that entry's record at `at`. */
	before(at: number): string;
	/** The numbered lines that it became, `first` to `last`; 0 and 0 where lines have no numbers. */
	written(first: number, last: number): void;
}
