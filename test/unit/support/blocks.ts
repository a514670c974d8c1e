/** Builds blocks from records and reads them back as trees. */
import {expect} from 'vitest';
import {BlockBuilder} from '../../../src/trace/blocks.js';
import {Kind, recordSize} from '../../../src/trace/record.js';
import {selfTimes} from '../../../src/trace/self.js';
import {Entry, Store} from '../../../src/trace/store.js';
import {Tasks} from '../../../src/trace/tasks.js';
import {join} from './records.js';

export interface Seen {
	kind: number;
	fn: number;
	begin: bigint;
	duration: number;
	self: number;
	ended: boolean;
	children: Seen[];
}

/** All entries as trees, from depths alone, as every reader sees them. */
export function read(store: Store): {entry: Entry; root: Seen}[] {
	const all: {entry: Entry; root: Seen}[] = [];
	for (let id = store.first; id < store.end; id++) {
		const entry = new Entry();
		expect(store.read(id, entry)).toBe(true);
		const {view} = entry;
		if (entry.kind === Kind.LOSS) continue;
		const self = new Float64Array(entry.records);
		selfTimes(entry, self);
		const path: Seen[] = [];
		let index = 0;
		for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
			const depth = view.depth(at);
			const ended = view.ended(at);
			const seen: Seen = {
				kind: view.kind(at),
				fn: view.fn(at),
				begin: view.u64(at + 8),
				duration: ended ? view.duration(at) : -1,
				self: self[index++] as number,
				ended,
				children: [],
			};
			expect(depth).toBeLessThanOrEqual(path.length);
			expect(depth === 0).toBe(index === 1);
			path.length = depth;
			path[depth - 1]?.children.push(seen);
			path.push(seen);
		}
		expect(index).toBe(entry.records);
		all.push({entry, root: path[0] as Seen});
	}
	return all;
}

export function build(records: Uint8Array[], pieces: number): {store: Store; builder: BlockBuilder} {
	const store = new Store(1 << 24);
	const builder = new BlockBuilder(store, new Tasks());
	// Whole records, but any number of them at a time.
	for (let i = 0; i < records.length; i += pieces) builder.push(join(records.slice(i, i + pieces)));
	return {store, builder};
}
