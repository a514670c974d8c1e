/** Slots of packets by their numbers: a hash table in typed arrays, several times as fast as a Map that is full. */

const NONE = -1;

export class Slots {
	/** A slot, NONE where the place is free. Where a place is another's, the next ones are tried. */
	private readonly places: Int32Array;
	private readonly mask: number;
	/** By slot: its packet, 0 for none. */
	private readonly numbers: Uint32Array;
	/** The slot that was taken last. */
	private last = NONE;

	/** @param limit slots, 0 to limit - 1; they must be taken in turn. */
	constructor(private readonly limit: number) {
		this.mask = 2 ** Math.ceil(Math.log2(limit * 2)) - 1;
		this.places = new Int32Array(this.mask + 1).fill(NONE);
		this.numbers = new Uint32Array(limit);
	}

	get(number: number): number | undefined {
		const {places, mask, numbers} = this;
		for (let place = start(number) & mask; places[place] !== NONE; place = (place + 1) & mask) {
			const slot = places[place] as number;
			if (numbers[slot] === number) return slot;
		}
		return undefined;
	}

	/** @param number one that has no slot, not 0; @param slot one that has no packet. */
	set(number: number, slot: number): void {
		const {places, mask} = this;
		let place = start(number) & mask;
		while (places[place] !== NONE) place = (place + 1) & mask;
		places[place] = slot;
		this.numbers[slot] = number;
		this.last = slot;
	}

	delete(number: number): void {
		const {places, mask, numbers} = this;
		let hole = start(number) & mask;
		while (places[hole] !== NONE && numbers[places[hole] as number] !== number) hole = (hole + 1) & mask;
		if (places[hole] === NONE) return;
		numbers[places[hole] as number] = 0;
		// Those behind it that would not be found across the hole move into it.
		for (let place = (hole + 1) & mask; places[place] !== NONE; place = (place + 1) & mask) {
			const wanted = start(numbers[places[place] as number] as number) & mask;
			if (((place - wanted) & mask) < ((place - hole) & mask)) continue;
			places[hole] = places[place] as number;
			hole = place;
		}
		places[hole] = NONE;
	}

	/** In the order in which they were taken. What is deleted meanwhile is left out. */
	*values(): Generator<number> {
		const {limit, last, numbers} = this;
		for (let i = 1; i <= limit; i++) {
			const slot = (last + i) % limit;
			if (numbers[slot] !== 0) yield slot;
		}
	}

	clear(): void {
		this.places.fill(NONE);
		this.numbers.fill(0);
	}
}

const start = (number: number): number => Math.imul(number, 0x9e3779b1) >>> 8;
