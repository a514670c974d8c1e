/** Puts what Ink drew and what the painters drew together. */
import type {Geometry} from './geometry.js';

/** @param chrome Ink's lines; @param pane lines of the pane, its heading first. One line for each row of the screen. */
export function compose(chrome: readonly string[], pane: readonly string[], geometry: Geometry): string[] {
	const {rows, top, width, height, panel} = geometry;
	return Array.from({length: rows}, (_, row) => {
		const drawn = chrome[row] ?? '';
		if (row < top || row >= top + height) return drawn;
		const line = pane[row - top] ?? '';
		if (panel?.side !== 'right') return line;
		// Left of the panel Ink left blanks without any colour.
		return `${line}\x1b[${width + 1}G${drawn.slice(width)}`;
	});
}
