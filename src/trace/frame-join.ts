/** Captured frames beside a session: which blocks each frame's packet went through, and what the other side lacks. */
import {isPacket} from './frame-facts.js';
import type {FrameMatcher} from './frame-match.js';
import {inOrder} from './order.js';
import {Kind, recordSize} from './record.js';
import type {Store} from './store.js';

export interface Joined {
	/** By the number of a frame: the numbers of the entries that have its packet, by their begin. */
	readonly entries: ReadonlyMap<number, readonly number[]>;
	/** Entries that have a packet and no frame, by their begin: the number of each, and which record (its offset from the first). */
	readonly alone: readonly {readonly id: number; readonly record: number}[];
	/** Entries that have a packet. */
	readonly withPacket: number;
}

/** Asks for every record of the store; what `matcher` knows are the frames. */
export function joinFrames(store: Store, matcher: FrameMatcher): Joined {
	const entries = new Map<number, number[]>();
	const alone: {id: number; record: number}[] = [];
	const found = new Set<number>();
	let withPacket = 0;
	for (const entry of inOrder(store)) {
		if (entry.kind === Kind.LOSS) continue;
		const {view} = entry;
		let record = -1;
		found.clear();
		for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
			if (record < 0 && isPacket(view, at)) record = at - entry.at;
			matcher.match(view, at, store.epoch, found);
		}
		if (record < 0) continue;
		withPacket++;
		if (found.size === 0) alone.push({id: entry.id, record});
		for (const frame of found) {
			const known = entries.get(frame);
			if (known === undefined) entries.set(frame, [entry.id]);
			else known.push(entry.id);
		}
	}
	return {entries, alone, withPacket};
}
