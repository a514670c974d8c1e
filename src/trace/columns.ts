/** The index of the store: one row of numbers for each entry, in typed arrays, addressed by the entry's number. */

/** Bytes that a row takes. */
export const ROW_BYTES = 8 * 4 + 8;

/** Rows `first` to `end - 1` exist; row `id` lives in slot `id & mask`. Grows by doubling. */
export class Columns {
	first = 0;
	end = 0;
	private mask = 1023;
	segment = new Uint32Array(1024);
	at = new Uint32Array(1024);
	bytes = new Uint32Array(1024);
	records = new Uint32Array(1024);
	onTop = new Uint32Array(1024);
	block = new Uint32Array(1024);
	under = new Uint32Array(1024);
	task = new Uint32Array(1024);
	begin = new Float64Array(1024);

	slot(id: number): number {
		return id & this.mask;
	}

	/** Adds a row and returns its slot. */
	add(): number {
		if (this.end - this.first > this.mask) this.grow();
		return this.end++ & this.mask;
	}

	private grow(): void {
		const mask = this.mask * 2 + 1;
		const move = <T extends Uint32Array | Float64Array>(from: T, to: T): T => moved(from, to, this.first, this.end);
		const words = () => new Uint32Array(mask + 1);
		this.segment = move(this.segment, words());
		this.at = move(this.at, words());
		this.bytes = move(this.bytes, words());
		this.records = move(this.records, words());
		this.onTop = move(this.onTop, words());
		this.block = move(this.block, words());
		this.under = move(this.under, words());
		this.task = move(this.task, words());
		this.begin = move(this.begin, new Float64Array(mask + 1));
		this.mask = mask;
	}
}

/**
 * The values of the entries `first` to `end - 1` in a larger ring; both have 2^n places, and entry `id` has `id` modulo that.
 * In runs: one by one, rows of millions of entries take seconds.
 */
export function moved<T extends Uint32Array | Float64Array>(from: T, to: T, first: number, end: number): T {
	for (let id = first; id < end; ) {
		const source = id & (from.length - 1);
		const target = id & (to.length - 1);
		const run = Math.min(end - id, from.length - source, to.length - target);
		to.set(from.subarray(source, source + run), target);
		id += run;
	}
	return to;
}
