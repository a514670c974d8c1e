/** Time as cells of a line: where functions had a packet, and where it waited. */
import type {JourneyLine} from './lines.js';

export const Cell = {EMPTY: 0, SOLID: 1, DOTTED: 2, SLOWEST: 3, SLOWEST_DOTTED: 4} as const;

export interface Axis {
	/** ns since the store's epoch. */
	readonly begin: number;
	readonly end: number;
	readonly cells: number;
}

/** First and last cell of a time; something short has one cell. */
export function span({begin, end, cells}: Axis, from: number, to: number): {first: number; last: number} {
	const scale = end > begin ? cells / (end - begin) : 0;
	const place = (time: number): number => Math.max(0, Math.min(cells - 1, Math.floor((time - begin) * scale)));
	const until = Math.max(from, Math.min(to, end));
	const first = place(from);
	const exact = (until - begin) * scale;
	return {first, last: Math.max(first, Math.min(cells - 1, Math.ceil(exact) - 1))};
}

/** What is in each cell. @param slowest the line of the part that took longest. */
export function timeline(axis: Axis, lines: readonly JourneyLine[], slowest: JourneyLine | undefined): Uint8Array {
	const cells = new Uint8Array(Math.max(0, axis.cells));
	if (cells.length === 0) return cells;
	const journey = lines[0]?.journey;
	for (const line of lines) {
		const {step} = line;
		if (
			line.journey !== journey ||
			(step.type !== 'call' && step.type !== 'mark') ||
			(step.type === 'call' && step.around)
		)
			continue;
		const {first, last} = span(axis, line.begin, line.end);
		const shown = line === slowest ? Cell.SLOWEST : Cell.SOLID;
		for (let cell = first; cell <= last; cell++) if (cells[cell] !== Cell.SLOWEST) cells[cell] = shown;
	}
	for (const line of lines) {
		if (line.journey !== journey || line.step.type !== 'wait') continue;
		const {first, last} = span(axis, line.begin, line.end);
		const shown = line === slowest ? Cell.SLOWEST_DOTTED : Cell.DOTTED;
		// The functions at its two ends are seen, where the wait has other cells.
		for (let cell = first; cell <= last; cell++) {
			const edge = last > first + 1 && (cell === first || cell === last);
			if (!edge || cells[cell] === Cell.EMPTY) cells[cell] = shown;
		}
	}
	return cells;
}
