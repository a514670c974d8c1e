/** The tree of a block, from the forest of a stack to bytes in the order of the store. */
import {At, recordSize} from './record.js';
import {Node, type Stack} from './stack.js';
import {copyRecord, type RecordView} from './view.js';

const LEVELS = 257;
/** The way from the root to where it is writing: one for all, since a tree is written in one go. */
const path = new Uint32Array(LEVELS);

/** Writes a tree in pre-order, from its end at `end` backwards: the newest child and what is in it first. */
export function writeTree(stack: Stack, root: number, target: RecordView, end: number): void {
	const {view} = stack;
	const words = view.words;
	let to = end;
	let level = 0;
	let node = root;
	path[0] = root;
	for (;;) {
		for (let child = words[node + Node.CHILD] as number; child !== 0; child = words[node + Node.CHILD] as number) {
			node = child;
			path[++level] = node;
		}
		for (;;) {
			const at = stack.at(node);
			const size = recordSize(view.bytes, at);
			to -= size;
			copyRecord(view, at, size, target, to);
			target.bytes[to + At.depth] = level;
			if (level === 0) return;
			const older = words[node] as number;
			if (older !== 0) {
				node = older;
				path[level] = node;
				break;
			}
			node = path[--level] as number;
		}
	}
}
