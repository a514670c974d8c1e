/** How the screen is divided: header, pane, panel, footer. Whatever the size, nothing is negative. */
import type {Panel} from './state.js';

export interface Geometry {
	readonly columns: number;
	readonly rows: number;
	/** Which lines the header has. */
	readonly status: boolean;
	readonly panes: boolean;
	readonly filter: boolean;
	readonly foot: boolean;
	/** Row and size of the pane, its heading included. */
	readonly top: number;
	readonly width: number;
	readonly height: number;
	readonly heading: boolean;
	readonly panel: {readonly side: 'right' | 'bottom'; readonly width: number; readonly height: number} | undefined;
}

const RIGHT_CELLS = 62;

/** @param lines of the panel's content; @param typing the filter bar must be seen. */
export function geometry(columns: number, rows: number, panel: Panel, lines: number, typing: boolean): Geometry {
	const foot = rows >= 3;
	const status = rows >= 4 || (rows >= 2 && !typing);
	const filter = rows >= 6 || typing;
	const panes = rows >= 10;
	const top = Math.min(rows, Number(status) + Number(filter) + Number(panes));
	const body = Math.max(0, rows - top - Number(foot));
	const common = {columns, rows, status, panes, filter, foot, top};
	const sheet = (height: number) => ({side: 'bottom' as const, width: columns, height});
	const rest = (height: number, width = columns) => ({width, height, heading: height >= 4});
	if (panel === 'none') return {...common, ...rest(body), panel: undefined};
	if (panel === 'help') return {...common, ...rest(0), panel: sheet(body)};
	if (columns >= 140 && body >= 12) {
		const side = {side: 'right' as const, width: RIGHT_CELLS, height: body};
		return {...common, ...rest(body, columns - RIGHT_CELLS), panel: side};
	}
	const height = body < 8 ? body : Math.min(lines + 3, Math.floor(body * 0.6));
	return {...common, ...rest(body - height), panel: sheet(height)};
}
