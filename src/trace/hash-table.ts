/** Numbers by hash, in one typed array: open addressing, nothing allocated after the start, nothing removed but all. */
export class Table {
	/** A number plus 1, 0 for none. Where it is another's, the next places are tried. */
	private readonly places: Int32Array;
	private readonly mask: number;

	/** @param limit numbers at most; half of the places stay free. */
	constructor(limit: number) {
		this.mask = 2 ** Math.ceil(Math.log2(limit * 2)) - 1;
		this.places = new Int32Array(this.mask + 1);
	}

	/** The first number under this hash that is meant, -1 when there is none. */
	find(hash: number, isMeant: (number: number) => boolean): number {
		const {places, mask} = this;
		for (let place = start(hash) & mask; places[place] !== 0; place = (place + 1) & mask) {
			if (isMeant(places[place]! - 1)) return places[place]! - 1;
		}
		return -1;
	}

	add(hash: number, number: number): void {
		const {places, mask} = this;
		let place = start(hash) & mask;
		while (places[place] !== 0) place = (place + 1) & mask;
		places[place] = number + 1;
	}

	clear(): void {
		this.places.fill(0);
	}
}

/** Brings the differences of all bits into the low ones. */
const start = (hash: number): number => Math.imul(hash, 0x9e3779b1) >>> 8;
