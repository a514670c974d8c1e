/** The axis of a chart that begins at 0. */
import {count} from '../numbers.js';

/** Round numbers to end an axis with. */
const ROUND = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The least round number that is not below `value`, at least 1. */
export function roundUp(value: number): number {
	if (!(value > 1)) return 1;
	const power = 10 ** Math.floor(Math.log10(value));
	return (ROUND.find((step) => step * power >= value) ?? 10) * power;
}

/** Cells left of the axis: what `label` takes at most. */
export const LABEL = 4;

/** Label of a round number or half of it: `0`, `7.5`, `500`, `1.5k`. */
export function label(value: number): string {
	if (value < 10) return String(value);
	return count(value).replace(/\.0*(?=\D|$)|(?<=\.\d)0(?=\D|$)/, '');
}

/** What stands at a row of the axis: its end at the first, half of it in the middle where there is room, else ''. */
export function tickAt(row: number, height: number, end: number): string {
	if (row === 0) return label(end);
	return height >= 4 && row === Math.round(height / 2) ? label(end / 2) : '';
}
