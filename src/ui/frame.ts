/** Puts what Ink drew and what the painters drew together. */
import type {Geometry} from './geometry.js';

/** Rows that Ink draws: those of header, panel and footer. */
export function chromeRows({top, panel, foot}: Geometry): number {
	return top + (panel?.height ?? 0) + Number(foot);
}

/** @param chrome Ink's lines; @param pane lines of the pane, its heading first. One line for each row of the screen. */
export function compose(chrome: readonly string[], pane: readonly string[], geometry: Geometry): string[] {
	const {rows, top, width, height, panel} = geometry;
	const beside = panel?.side === 'right';
	return Array.from({length: rows}, (_, row) => {
		if (row < top) return chrome[row] ?? '';
		if (row >= top + height) return chrome[beside ? row : row - height] ?? '';
		const line = pane[row - top] ?? '';
		if (!beside) return line;
		// Left of the panel Ink left blanks without any colour.
		return `${line}\x1b[${width + 1}G${(chrome[row] ?? '').slice(width)}`;
	});
}
