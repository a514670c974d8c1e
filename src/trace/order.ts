/** The order of a saved log. */
import {Entry, type Store} from './store.js';

/**
 * Entries of several stores (the session and a snapshot of its open calls) in the order of their begin. The stores must
 * have one epoch. What a store drops meanwhile is left out. The entry is one object, filled anew each time.
 */
export function* inOrder(...stores: readonly Store[]): Generator<Entry, void, undefined> {
	const sources = stores.map((store) => ({store, ids: store.byBegin().values(), id: Number.NaN}));
	const advance = (source: (typeof sources)[number]) => {
		do source.id = source.ids.next().value ?? Number.NaN;
		while (source.id < source.store.first);
	};
	sources.forEach(advance);
	const entry = new Entry();
	for (;;) {
		let first: (typeof sources)[number] | undefined;
		for (const source of sources) {
			if (Number.isNaN(source.id)) continue;
			if (first === undefined || source.store.begin(source.id) < first.store.begin(first.id)) first = source;
		}
		if (first === undefined) return;
		if (first.store.read(first.id, entry)) yield entry;
		advance(first);
	}
}
