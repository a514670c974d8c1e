/** What somebody may have meant. */
import {editDistance} from '../trace/filter/words.js';

/** Names offered in the place of one that is not known, how far they may be from it, and how much of it is looked at. */
const OFFERED = 3;
const FARTHEST = 6;
const WIDTH = 80;

/** ` (did you mean A, B?)`, or nothing where no name is near. */
export function didYouMean(name: string, names: readonly string[]): string {
	const near = names
		.map((known) => ({known, distance: nearness(name.toLowerCase(), known.toLowerCase())}))
		.filter(({distance}) => distance <= FARTHEST && distance < name.length)
		.sort((a, b) => a.distance - b.distance)
		.slice(0, OFFERED)
		.map(({known}) => known);
	return near.length === 0 ? '' : ` (did you mean ${near.join(', ')}?)`;
}

/** Letters to change; a name that holds all of the other counts as near. */
function nearness(name: string, known: string): number {
	return name.length > 2 && known.includes(name) ? 1 : editDistance(name.slice(0, WIDTH), known);
}
