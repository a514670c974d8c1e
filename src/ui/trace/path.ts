/** Where a block spent its time, in one line: from its root to the longest call inside, and so on. */
import {Kind, recordSize} from '../../trace/record.js';
import type {Entry} from '../../trace/store.js';

const LEVELS = 257;

/** Numbers of the functions on the way, root first. */
export function longestPath(entry: Entry): number[] {
	const {view} = entry;
	const longest = new Float64Array(LEVELS).fill(-1);
	const path: number[] = [];
	/** Whether the calls that are open at a depth are all on the way. */
	const onWay = new Uint8Array(LEVELS);
	for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
		const kind = view.kind(at);
		if (kind !== Kind.CALL && kind !== Kind.OPEN) continue;
		const depth = view.depth(at);
		const duration = view.ended(at) ? view.duration(at) : 0;
		const around = depth === 0 || onWay[depth - 1] === 1;
		const longer = around && duration > (longest[depth] as number);
		onWay[depth] = longer ? 1 : 0;
		if (!longer) continue;
		longest[depth] = duration;
		longest.fill(-1, depth + 1);
		path.length = depth;
		path[depth] = view.fn(at);
	}
	return path;
}
