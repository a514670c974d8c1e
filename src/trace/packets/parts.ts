/** Which entries have records of which packets: a list for each packet, all lists in one set of columns. */
/** Parts that there is room for, for each packet on average. */
const SHARE = 6;
/** Parts of one packet at most, and a quarter of the room: one that goes round in a loop does not take it all. */
const MOST = 4096;
const NONE = -1;

export class Parts {
	private readonly heads: Int32Array;
	private readonly tails: Int32Array;
	private readonly counts: Uint16Array;
	private readonly most: number;
	private readonly next: Int32Array;
	private readonly entry: Float64Array;
	private readonly from: Uint32Array;
	private readonly to: Uint32Array;
	private free = NONE;
	private used = 0;
	/** Parts that there was no room for. */
	lost = 0;

	/** @param packets slots. */
	constructor(packets: number) {
		const room = packets * SHARE;
		this.heads = new Int32Array(packets).fill(NONE);
		this.tails = new Int32Array(packets).fill(NONE);
		this.counts = new Uint16Array(packets);
		this.most = Math.min(MOST, room >>> 2);
		this.next = new Int32Array(room);
		this.entry = new Float64Array(room);
		this.from = new Uint32Array(room);
		this.to = new Uint32Array(room);
	}

	has(slot: number): boolean {
		return this.heads[slot] !== NONE;
	}

	/** The packet has as many as one may have. */
	isCut(slot: number): boolean {
		return this.counts[slot] === this.most;
	}

	/** There is no room for one more. */
	get full(): boolean {
		return this.free === NONE && this.used === this.next.length;
	}

	/** A record of a packet, `offset` bytes behind the begin of an entry. True: it is the packet's first. */
	add(slot: number, entry: number, offset: number): boolean {
		const tail = this.tails[slot] as number;
		if (tail !== NONE && this.entry[tail] === entry) {
			this.to[tail] = offset;
			return false;
		}
		const part = this.isCut(slot) ? NONE : this.take();
		if (part === NONE) {
			this.lost++;
			return false;
		}
		this.counts[slot]!++;
		this.next[part] = NONE;
		this.entry[part] = entry;
		this.from[part] = offset;
		this.to[part] = offset;
		this.tails[slot] = part;
		if (tail === NONE) this.heads[slot] = part;
		else this.next[tail] = part;
		return tail === NONE;
	}

	/** The first part of a packet, in the order in which the entries became complete; -1: it has none. */
	head(slot: number): number {
		return this.heads[slot] as number;
	}

	/** The part behind a part, -1 for none. */
	after(part: number): number {
		return this.next[part] as number;
	}

	/** Its entry, and its first and last record there, in bytes from the begin of the entry. */
	entryOf(part: number): number {
		return this.entry[part] as number;
	}
	fromOf(part: number): number {
		return this.from[part] as number;
	}
	toOf(part: number): number {
		return this.to[part] as number;
	}

	/** The entries of a packet. */
	*entries(slot: number): Generator<number> {
		for (let part = this.heads[slot] as number; part !== NONE; part = this.next[part] as number) {
			yield this.entry[part] as number;
		}
	}

	forget(slot: number): void {
		const head = this.heads[slot] as number;
		if (head === NONE) return;
		this.next[this.tails[slot] as number] = this.free;
		this.free = head;
		this.heads[slot] = NONE;
		this.tails[slot] = NONE;
		this.counts[slot] = 0;
	}

	clear(): void {
		this.heads.fill(NONE);
		this.tails.fill(NONE);
		this.counts.fill(0);
		this.free = NONE;
		this.used = 0;
	}

	private take(): number {
		if (this.free !== NONE) {
			const part = this.free;
			this.free = this.next[part] as number;
			return part;
		}
		return this.used < this.next.length ? this.used++ : NONE;
	}
}
