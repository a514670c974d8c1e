/** One line of the screen as text with SGR sequences, built from the left and never longer than its width. */

/** Gaps longer than this are a cursor movement: the screen erases a line before it is written. */
const SHORT_GAP = 5;

export class Line {
	private text = '';
	private style = '';
	private column = 0;
	private base = '';
	/** Cells that are still to be scrolled away, and those that have been. */
	private skip = 0;
	private hidden = 0;

	private limit: number;

	constructor(private width: number) {
		this.limit = width;
	}

	/** Starts anew. @param base SGR parameters of the whole line, '' for none; then those of its parts do not count. */
	start(width: number, base = ''): this {
		this.width = width;
		this.limit = width;
		this.base = base;
		this.text = '';
		this.style = '';
		this.column = 0;
		this.skip = 0;
		this.hidden = 0;
		return this;
	}

	/** Cells written so far, those scrolled away included from `scroll` on. */
	get at(): number {
		return this.column + this.hidden;
	}

	/** From here on the line is scrolled to the left by `count` cells. */
	scroll(count: number): this {
		this.skip = count;
		this.hidden = 0;
		return this;
	}

	/** Nothing is written at or behind this column; undefined: up to the width. */
	until(column?: number): this {
		this.limit = Math.min(this.width, column ?? this.width);
		return this;
	}

	/** What follows is not scrolled. */
	fixed(): this {
		this.skip = 0;
		this.hidden = 0;
		return this;
	}

	/** @param text of characters that are one cell wide each; @param style SGR parameters. */
	put(text: string, style = ''): this {
		let shown = text;
		if (this.skip > 0) {
			const gone = Math.min(this.skip, shown.length);
			this.skip -= gone;
			this.hidden += gone;
			shown = shown.slice(gone);
		}
		const room = this.limit - this.column;
		if (room <= 0 || shown === '') return this;
		if (shown.length > room) shown = shown.slice(0, room);
		this.switchTo(this.base === '' ? style : this.base);
		this.text += shown;
		this.column += shown.length;
		return this;
	}

	/** Blanks up to a column, at least `least` of them. */
	to(column: number, least = 0): this {
		const gap = Math.max(least, column - this.at);
		if (gap <= 0) return this;
		if (gap <= SHORT_GAP || this.base !== '' || this.skip > 0) return this.put(' '.repeat(Math.min(gap, 4096)));
		const room = Math.min(gap, this.limit - this.column);
		if (room <= 0) return this;
		this.switchTo('');
		this.text += `\x1b[${room}C`;
		this.column += room;
		return this;
	}

	finish(): string {
		if (this.base !== '') this.to(this.width);
		this.switchTo('');
		return this.text;
	}

	private switchTo(style: string): void {
		if (style === this.style) return;
		this.text += style === '' ? '\x1b[m' : this.style === '' ? `\x1b[${style}m` : `\x1b[0;${style}m`;
		this.style = style;
	}
}
