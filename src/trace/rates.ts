/** Calls a second by layer, over the last minute. */
import type {Layer} from '../catalogue/knowledge.js';

const SECONDS = 60;

export class LayerRates {
	private last: {now: number; sums: Map<Layer, number>} | undefined;
	private readonly values = new Map<Layer, number[]>();

	/** @param now ms; @param calls per function, cumulative. */
	sample(now: number, calls: readonly bigint[], layers: readonly Layer[]): void {
		const sums = new Map<Layer, number>();
		calls.forEach((count, fn) => {
			const layer = layers[fn] ?? 'other';
			sums.set(layer, (sums.get(layer) ?? 0) + Number(count));
		});
		if (this.last !== undefined && now - this.last.now < 1000) return;
		for (const [layer, sum] of sums) {
			const list = this.values.get(layer) ?? [];
			if (this.last !== undefined) {
				list.push((Math.max(0, sum - (this.last.sums.get(layer) ?? 0)) * 1000) / (now - this.last.now));
			}
			if (list.length > SECONDS) list.shift();
			this.values.set(layer, list);
		}
		this.last = {now, sums};
	}

	series(): readonly {name: Layer; values: readonly number[]}[] {
		return [...this.values].map(([name, values]) => ({name, values}));
	}
}
