/** Numbers of packets by the number of another one: what came out of it, or went on in it. */

/** Of one packet: those beyond are not known. */
const MOST = 16_384;

export class Relations {
	private readonly lists = new Map<number, number[]>();

	/** @param limit packets that have such others; when there are more, those known longest are forgotten. */
	constructor(private readonly limit: number) {}

	add(of: number, number: number): void {
		const list = this.lists.get(of);
		if (list === undefined) this.lists.set(of, [number]);
		else if (list.length < MOST) list.push(number);
		if (this.lists.size > this.limit) for (const oldest of this.lists.keys()) return void this.lists.delete(oldest);
	}

	/** In the order in which they were added. */
	of(number: number): readonly number[] {
		return this.lists.get(number) ?? NONE;
	}

	forget(number: number): void {
		this.lists.delete(number);
	}

	clear(): void {
		this.lists.clear();
	}
}

const NONE: readonly number[] = [];
