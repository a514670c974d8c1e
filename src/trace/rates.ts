/** Events a second over the last minute, by layer, from counters that are read now and then. */
import {LAYERS, type Layer} from '../catalogue/row.js';

/** Seconds that are shown; one more is in progress. */
const SECONDS = 60;
const SLOTS = SECONDS + 1;

interface Sample {
	readonly now: number;
	readonly calls: readonly number[];
}

export class LayerRates {
	private last: Sample | undefined;
	/** First second that was watched from its beginning, and the one in progress; of the clock of `sample`. */
	private first = 0;
	private current = 0;
	/** Events of each second, in slot `second % SLOTS`. */
	private readonly events = new Map<Layer, Float64Array>();

	/**
	 * Takes what the counters say. How often does not matter: what happened since the last time is spread evenly over the
	 * time since then. The first sample and those of functions new since the last are where counting begins.
	 * @param now ms, of a clock that does not jump; when it does go back, all begins anew.
	 * @param calls of each function since it was reset; @param layers of each function.
	 */
	sample(now: number, calls: readonly bigint[], layers: readonly Layer[]): void {
		const before = this.last;
		if (before?.now === now) return;
		this.last = {now, calls: calls.map(Number)};
		if (before === undefined || now < before.now) {
			this.events.clear();
			this.current = Math.floor(now / 1000);
			this.first = Math.ceil(now / 1000);
			return;
		}
		this.advance(Math.floor(now / 1000));
		const sums = new Map<Layer, number>(layers.map((layer) => [layer, 0]));
		this.last.calls.forEach((count, fn) => {
			const layer = layers[fn];
			const old = before.calls[fn];
			if (layer === undefined || old === undefined) return;
			// A counter that went back was reset: it has counted from 0 since.
			sums.set(layer, (sums.get(layer) ?? 0) + (count < old ? count : count - old));
		});
		for (const [layer, sum] of sums) this.spread(layer, sum, before.now, now);
	}

	/**
	 * By layer, from the application to the wire: events of each whole second, oldest first, at most 60, all of the same
	 * length. Layers without functions are left out.
	 */
	series(): readonly {name: Layer; values: readonly number[]}[] {
		const first = Math.max(this.first, this.current - SECONDS);
		return LAYERS.flatMap((name) => {
			const events = this.events.get(name);
			if (events === undefined) return [];
			return [
				{name, values: Array.from({length: Math.max(0, this.current - first)}, (_, i) => events[(first + i) % SLOTS]!)},
			];
		});
	}

	/** Makes room for the seconds up to `second`. */
	private advance(second: number): void {
		for (let next = Math.max(this.current + 1, second - SECONDS); next <= second; next++) {
			for (const events of this.events.values()) events[next % SLOTS] = 0;
		}
		this.current = second;
	}

	/** Adds events that happened between two times (ms). */
	private spread(layer: Layer, sum: number, from: number, to: number): void {
		const events = this.events.get(layer) ?? new Float64Array(SLOTS);
		this.events.set(layer, events);
		for (let second = Math.max(Math.floor(from / 1000), this.current - SECONDS); second <= this.current; second++) {
			const share = Math.min(to, (second + 1) * 1000) - Math.max(from, second * 1000);
			events[second % SLOTS]! += (sum * share) / (to - from);
		}
	}
}
