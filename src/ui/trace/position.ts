/** A row of the trace: an entry and a row of it. */
export interface Position {
	readonly id: number;
	readonly row: number;
}

/** A record: its entry, and where in it, bytes. */
export interface Spot {
	readonly entry: number;
	readonly offset: number;
}

/** Ways through the trace as it is shown now: folded, filtered, what ran on top inside what it ran on top of. */
export interface TraceWay {
	first(): Position | undefined;
	last(): Position | undefined;
	/** `rows` further down, negative up; stops at the ends. */
	move(from: Position, rows: number): Position;
	/** Rows from `from` down to `to`, at most `most`; negative when it lies above, at least -most. */
	distance(from: Position, to: Position, most: number): number;
	/** The same row where it is shown now, or the nearest that is; undefined when nothing is. */
	resolve(position: Position): Position | undefined;
	/** The next drop or loss after (1) or before (-1) a row; undefined when there is none. */
	event(from: Position, direction: 1 | -1): Position | undefined;
	/** First row of the block that the row belongs to. */
	blockOf(position: Position): Position;
	/** Where a record is shown, as if its block was not folded; undefined where it is not shown. */
	locate(spot: Spot): Position | undefined;
	/** Whether the row is all there is of a folded block, or its first row, or a wait above that. */
	isHead(position: Position): boolean;
	/**
	 * First row at or after what was typed (a clock, or +seconds since the beginning), the last one when there is none yet,
	 * and the time in ns since the epoch of the store; or what is wrong with the text.
	 */
	seek(text: string): {readonly position: Position; readonly time: number} | string;
}
