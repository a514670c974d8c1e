/** What the reducer may look at while it decides: never changed by it. */
import type {Compiled, Field, FieldError, Fields} from '../filter.js';
import type {ListPane} from '../keys.js';
import type {GroupRow} from '../tables/groups.js';
import type {Position, Spot, TraceWay} from '../trace/position.js';

/** The rows of a list in the order in which they are shown. */
export interface ListRows {
	readonly count: number;
	/** '' where there is no such row. */
	keyAt(index: number): string;
	/** -1 for a key that no row has. */
	indexOf(key: string): number;
	/** Names of the columns. */
	readonly columns: readonly string[];
}

/** What the reducer may know of packets. */
export interface PacketsWorld {
	/** Of a row of the trace, else of its block; 0 for none. */
	at(position: Position): number;
	/** The record of a row. */
	spot(position: Position): Spot;
	/** Where the packet's first record is in its next block (1) or in the one before (-1). */
	block(packet: number, from: Position, direction: 1 | -1): Spot | undefined;
	/** The same for the packets of one flow, both directions; '' where nothing is known of it. */
	flow(packet: number): string;
	/** What is wrong with a filter by fate and time, '' for nothing. */
	check(text: string): string;
	/** Lines of the journey or comparison that is open, and the record that a line is of. */
	readonly lines: number;
	line(index: number): Spot | undefined;
	/** Lines of the view that can be seen. */
	readonly rows: number;
}

export interface World {
	/** Rows of the pane that can be seen. */
	readonly rows: number;
	/** Lines that the open panel has, and how many of them can be seen. */
	readonly panel: {readonly lines: number; readonly rows: number};
	readonly trace: TraceWay;
	list(pane: ListPane): ListRows;
	readonly packets: PacketsWorld;
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
