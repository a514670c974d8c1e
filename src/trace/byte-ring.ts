/** Pieces of bytes in one ring, oldest first out. */
import {IdRing} from './id-ring.js';

export class ByteRing {
	/** Pieces `first` to `end - 1` are there. */
	first = 0;
	end = 0;
	private readonly bytes: Uint8Array;
	private readonly places = new IdRing();
	private readonly lengths = new IdRing();
	/** Where the next piece goes, if it fits. */
	private head = 0;

	/** @param size bytes; memory is taken as it is used. */
	constructor(size: number) {
		this.bytes = new Uint8Array(size);
	}

	/** Copies the bytes from `at` to `to`. False: the oldest piece has to go first. One piece must be shorter than the ring. */
	add(bytes: Uint8Array, at: number, to: number): boolean {
		const place = this.room(to - at);
		if (place === undefined) return false;
		this.bytes.set(bytes.subarray(at, to), place);
		const id = this.end++;
		this.places.fit(this.first, this.end);
		this.lengths.fit(this.first, this.end);
		this.places.set(id, place);
		this.lengths.set(id, to - at);
		this.head = place + to - at;
		return true;
	}

	/** Valid until something is added. */
	get(id: number): Uint8Array {
		const place = this.places.get(id);
		return this.bytes.subarray(place, place + this.lengths.get(id));
	}

	drop(): void {
		this.first++;
	}

	private room(length: number): number | undefined {
		const size = this.bytes.length;
		if (this.first === this.end) return length < size ? 0 : undefined;
		const tail = this.places.get(this.first);
		if (this.head < tail) return this.head + length < tail ? this.head : undefined;
		if (this.head + length <= size) return this.head;
		return length < tail ? 0 : undefined;
	}
}
