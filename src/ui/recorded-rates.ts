/** Rates of a recording, by its own clock: there are no counters that could be read while it happened. */
import type {Layer} from '../catalogue/knowledge.js';
import type {LayerRates} from '../trace/rates.js';
import {Kind, recordSize} from '../trace/record.js';
import type {Entry} from '../trace/store.js';

/** Functions that counting is ready for before they are met: what was never counted has no rate yet. */
const AHEAD = 256;
/** How often the clock of the recording is looked at, ms. */
const STEP = 250;

export class RecordedRates {
	/** Calls of each function so far, and of some more. */
	private readonly calls: bigint[] = [];
	private sampled = Number.NEGATIVE_INFINITY;

	constructor(
		private readonly rates: LayerRates,
		/** Layers of the functions known so far, by number. */
		private readonly functions: {readonly layers: readonly Layer[]},
	) {}

	/** Counts an entry. @param begin ns since some beginning. */
	add({view, at, end, kind}: Entry, begin: number): void {
		if (kind === Kind.LOSS) return;
		const {layers} = this.functions;
		while (this.calls.length < layers.length + AHEAD) this.calls.push(0n);
		const now = (begin + (view.ended(at) ? view.duration(at) : 0)) / 1e6;
		if (now >= this.sampled + STEP) {
			this.rates.sample(now, this.calls, layers);
			this.sampled = now;
		}
		for (let offset = at; offset < end; offset += recordSize(view.bytes, offset)) {
			const fn = view.fn(offset);
			if (fn < layers.length) this.calls[fn] = (this.calls[fn] as bigint) + 1n;
		}
	}
}
