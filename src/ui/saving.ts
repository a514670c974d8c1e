/** What is saved when somebody presses s. */
import type {Lookup, Predicate} from '../trace/filter/predicate.js';
import type {Names} from '../trace/session.js';
import type {Counters} from '../trace/statistics.js';
import type {Store} from '../trace/store.js';

export interface Saving {
	readonly store: Store;
	/** Blocks with calls that are open now. */
	readonly open: Store;
	/** Entries before this one are what is shown. */
	readonly limit: number;
	/** Undefined: all is shown. */
	readonly predicate: Predicate | undefined;
	readonly lookup: Lookup;
	readonly names: Names;
	readonly counters: Counters;
	/** CLOCK_MONOTONIC, ns. */
	readonly now: bigint;
}
