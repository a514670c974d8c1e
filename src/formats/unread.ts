/** What of a text could not be read. */
export class Unread {
	private lines = 0;
	private firstLine = 0;
	private strays = 0;
	private firstStray = 0;

	/** A line that is none of a log. @param number from 1. */
	line(number: number): void {
		if (this.lines++ === 0) this.firstLine = number;
	}

	/** An E whose B is not there. */
	stray(number: number): void {
		if (this.strays++ === 0) this.firstStray = number;
	}

	/** One line; '' for nothing. */
	get problem(): string {
		const parts: string[] = [];
		if (this.lines > 0) parts.push(`${counted(this.lines, 'line')} could not be read, first line ${this.firstLine}`);
		if (this.strays > 0) parts.push(`${counted(this.strays, 'end')} without a begin, first in line ${this.firstStray}`);
		return parts.join('; ');
	}
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
