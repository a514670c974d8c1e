/** What the reducer may look at while it decides: never changed by it. */
import type {Compiled, Field, FieldError, Fields} from '../filter.js';
import type {ListPane} from '../keys.js';
import type {GroupRow} from '../tables/groups.js';
import type {TraceWay} from '../trace/position.js';

export interface World {
	/** Rows of the pane that can be seen. */
	readonly rows: number;
	/** Lines that the open panel has, and how many of them can be seen. */
	readonly panel: {readonly lines: number; readonly rows: number};
	readonly trace: TraceWay;
	/** Keys of the rows of a list, in the order in which they are shown, and the names of its columns. */
	list(pane: ListPane): {readonly keys: readonly string[]; readonly columns: readonly string[]};
	/** Fields of the filter that select a flow. */
	flowFilter(key: string): string | undefined;
	/** A row of the groups pane; of '' the first. */
	groupRow(key: string): GroupRow | undefined;
	/** Key of the first row from `after` on whose name has the text in it; those of folded groups are found, too. */
	find(pane: 'functions' | 'groups', text: string, after: string): string | undefined;
	compile(fields: Fields): Compiled | FieldError;
	/** What would complete the word before the cursor. */
	completion(field: Field, text: string, at: number): string;
}
