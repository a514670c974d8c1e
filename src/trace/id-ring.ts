/** Small numbers for the entries of a store, by the entry's number, in a typed array that grows by doubling. */
import {moved} from './columns.js';

export class IdRing {
	private mask = 1023;
	private values = new Uint32Array(1024);

	get(id: number): number {
		return this.values[id & this.mask] as number;
	}

	set(id: number, value: number): void {
		this.values[id & this.mask] = value;
	}

	/** Makes room for the entries `first` to `end - 1`, which are those that keep their values. */
	fit(first: number, end: number): void {
		if (end - first <= this.mask + 1) return;
		let mask = this.mask;
		while (end - first > mask + 1) mask = mask * 2 + 1;
		this.values = moved(this.values, new Uint32Array(mask + 1), Math.max(first, end - this.values.length - 1), end);
		this.mask = mask;
	}
}
