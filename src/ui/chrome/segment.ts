/** Pieces of a line with a meaning each, and how many of them fit. */
import type {StyleName} from '../theme.js';

export interface Segment {
	readonly text: string;
	readonly style?: StyleName;
}

/** Something that is shown whole or not at all. */
export interface Item {
	readonly segments: readonly Segment[];
	/** The lower, the later it is left out. */
	readonly rank: number;
}

export const GAP = '  ';

export function width(segments: readonly Segment[]): number {
	return segments.reduce((sum, {text}) => sum + text.length, 0);
}

/** The items that fit, in their order, with gaps between them. */
export function fitting(items: readonly Item[], cells: number, gap = GAP): Segment[] {
	const chosen = new Set<Item>();
	let used = 0;
	for (const item of [...items].sort((a, b) => a.rank - b.rank)) {
		const more = width(item.segments) + (chosen.size === 0 ? 0 : gap.length);
		if (more === 0 || used + more > cells) continue;
		chosen.add(item);
		used += more;
	}
	return items
		.filter((item) => chosen.has(item))
		.flatMap(({segments}, index) => (index === 0 ? segments : [{text: gap}, ...segments]));
}

/** Cut at the right. */
export function cut(segments: readonly Segment[], cells: number): Segment[] {
	const out: Segment[] = [];
	let room = cells;
	for (const segment of segments) {
		if (room <= 0) break;
		out.push(segment.text.length <= room ? segment : {...segment, text: segment.text.slice(0, room)});
		room -= segment.text.length;
	}
	return out;
}
