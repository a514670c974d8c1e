/** Packets that are over, in the order of their ends, until they are old enough. */
export class Ends {
	private numbers: number[] = [];
	private at = 0;

	get count(): number {
		return this.numbers.length - this.at;
	}

	add(number: number): void {
		this.numbers.push(number);
	}

	/** The oldest one, undefined where there is none. */
	peek(): number | undefined {
		return this.numbers[this.at];
	}

	/** The oldest one goes. */
	drop(): void {
		if (++this.at <= 4096) return;
		this.numbers = this.numbers.slice(this.at);
		this.at = 0;
	}

	clear(): void {
		this.numbers = [];
		this.at = 0;
	}
}
