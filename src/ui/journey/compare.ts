/** Two journeys side by side: steps that both have stand in one row, in the order of both. */
import type {JourneyLine} from './lines.js';

export interface Pair {
	readonly left: JourneyLine | undefined;
	readonly right: JourneyLine | undefined;
	/** ns that the right one took longer, 0 where one is missing or has no time. */
	readonly difference: number;
}

/** Steps of each that are compared; the table of the longest common subsequence has so many rows and columns. */
const MOST = 1500;
/** Rows with the largest differences that are highlighted. */
const LARGEST = 3;

/** @param left and @param right calls, marks, drops and waits; see `comparable`. */
export function align(left: readonly JourneyLine[], right: readonly JourneyLine[]): readonly Pair[] {
	const a = left.slice(0, MOST);
	const b = right.slice(0, MOST);
	const keys = (lines: readonly JourneyLine[]): string[] => lines.map(keyOf);
	const pairs: Pair[] = [];
	let i = 0;
	let j = 0;
	for (const [x, y] of [...common(keys(a), keys(b)), [a.length, b.length] as const]) {
		while (i < x) pairs.push(pair(a[i++], undefined));
		while (j < y) pairs.push(pair(undefined, b[j++]));
		if (x < a.length) pairs.push(pair(a[i++], b[j++]));
	}
	return pairs;
}

/** What can be compared of a journey: its own steps, without those that only are around it. */
export function comparable(lines: readonly JourneyLine[]): readonly JourneyLine[] {
	const journey = lines[0]?.journey;
	return lines.filter(({journey: own, step}) => {
		if (own !== journey || step.type === 'branch' || step.type === 'end') return false;
		return step.type !== 'call' || !step.around;
	});
}

/** Rows whose times differ most, of those that differ at all. */
export function largest(pairs: readonly Pair[]): ReadonlySet<Pair> {
	const differing = pairs.filter(({difference}) => difference !== 0);
	return new Set(differing.sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference)).slice(0, LARGEST));
}

function pair(left: JourneyLine | undefined, right: JourneyLine | undefined): Pair {
	const [before, after] = [
		left === undefined ? Number.NaN : timeOf(left),
		right === undefined ? Number.NaN : timeOf(right),
	];
	const difference = after - before;
	return {left, right, difference: Number.isFinite(difference) ? difference : 0};
}

/** ns of a wait or of a call itself: what is around a step that takes longer does not differ because of it. */
export function timeOf({step, time}: JourneyLine): number {
	return step.type === 'call' || step.type === 'wait' ? time : 0;
}

function keyOf({step, level}: JourneyLine): string {
	if (step.type === 'wait') return `wait ${step.queue}`;
	return step.type === 'branch' || step.type === 'end' ? step.type : `${level} ${step.fn} ${step.type}`;
}

/** Places of a longest common subsequence in both. */
function common(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
	const width = b.length + 1;
	// How long the longest is of what is left from both places on.
	const longest = new Uint16Array((a.length + 1) * width);
	for (let i = a.length - 1; i >= 0; i--) {
		for (let j = b.length - 1; j >= 0; j--) {
			const at = i * width + j;
			longest[at] =
				a[i] === b[j]
					? 1 + (longest[at + width + 1] as number)
					: Math.max(longest[at + width] as number, longest[at + 1] as number);
		}
	}
	const found: [number, number][] = [];
	let i = 0;
	let j = 0;
	while (i < a.length && j < b.length) {
		const at = i * width + j;
		if (a[i] === b[j]) found.push([i++, j++]);
		else if ((longest[at + width] as number) >= (longest[at + 1] as number)) i++;
		else j++;
	}
	return found;
}
