/** Where the columns of the trace stand, by the width of the screen. */

export interface TraceColumns {
	readonly width: number;
	/** Cells of the time; 0: none. */
	readonly time: number;
	/** Cells of CPU and context; 0: none. */
	readonly place: number;
	/** Where the tree begins. */
	readonly tree: number;
	/** Where duration, self time and bar of E rows begin. */
	readonly timing: number;
	readonly bar: number;
	/** Where the packet begins, unless the tree reaches further. */
	readonly packet: number;
	/** Timing and packet stand side by side; else the packet has the place of the timing on rows without one. */
	readonly wide: boolean;
	/** Cells of a level of the tree. */
	readonly step: number;
}

const CLOCK_CELLS = 15;
const SHORT_CELLS = 9;
const PLACE_CELLS = 4;
/** Duration, self time, and a blank before each. */
export const TIMING_CELLS = 16;

export function traceColumns(width: number): TraceColumns {
	const wide = width >= 130;
	const time = width >= 100 ? CLOCK_CELLS : width >= 40 ? SHORT_CELLS : 0;
	const place = width >= 56 ? PLACE_CELLS : 0;
	const tree = (time === 0 ? 0 : time + 1) + (place === 0 ? 0 : place + 1);
	const bar = width >= 72 ? 8 : 0;
	const treeCells = Math.max(16, Math.min(58, Math.floor((width - tree) * 0.46)));
	const timing = wide ? tree + treeCells : Math.max(tree, width - TIMING_CELLS - bar - (bar > 0 ? 1 : 0));
	const packet = wide ? timing + TIMING_CELLS + bar + 3 : tree + treeCells;
	return {width, time, place, tree, timing, bar, packet, wide, step: width < 100 ? 1 : 2};
}
