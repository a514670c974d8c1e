/** A picture of characters, each with one of the 16 colours of the terminal's theme, or none. */

/** SGR parameters that are used; the foreground of the terminal where there is none. */
export const Color = {
	red: 31,
	green: 32,
	yellow: 33,
	blue: 34,
	magenta: 35,
	cyan: 36,
	brightRed: 91,
	brightGreen: 92,
	brightYellow: 93,
	brightBlue: 94,
	brightMagenta: 95,
	brightCyan: 96,
	plain: 0,
} as const;

export class Grid {
	private readonly chars: string[];
	private readonly colors: Uint8Array;

	readonly columns: number;
	readonly rows: number;

	constructor({columns, rows}: {readonly columns: number; readonly rows: number}) {
		this.columns = Math.max(0, columns);
		this.rows = Math.max(0, rows);
		this.chars = new Array<string>(this.columns * this.rows).fill(' ');
		this.colors = new Uint8Array(this.chars.length);
	}

	/** Writes a text of characters that take one cell each; what lies outside is left out. */
	put(x: number, y: number, text: string, color: number = Color.plain): void {
		if (y < 0 || y >= this.rows) return;
		let column = x;
		for (const char of text) {
			if (column >= 0 && column < this.columns) {
				this.chars[y * this.columns + column] = char;
				this.colors[y * this.columns + column] = color;
			}
			column++;
		}
	}

	/** The rows, with SGR where colours are wanted; each ends without one. */
	lines(color: boolean): string[] {
		return Array.from({length: this.rows}, (_, row) => {
			let line = '';
			let current: number = Color.plain;
			for (let at = row * this.columns; at < (row + 1) * this.columns; at++) {
				const wanted = this.colors[at]!;
				if (color && wanted !== current && this.chars[at] !== ' ') {
					line += `\x1b[${wanted === Color.plain ? '' : wanted}m`;
					current = wanted;
				}
				line += this.chars[at];
			}
			return current === Color.plain ? line : `${line}\x1b[m`;
		});
	}
}

/** The characters of the pictures. */
export interface Glyphs {
	readonly vertical: string;
	readonly horizontal: string;
	readonly corner: string;
	readonly tick: string;
	/** A cell filled from below, by eighths: 0 to 8. */
	readonly fill: readonly string[];
	/** A cell with dots, for a character of the braille block. */
	dots(char: string): string;
}

const UNICODE: Glyphs = {
	vertical: '│',
	horizontal: '─',
	corner: '└',
	tick: '┤',
	fill: [...' ▁▂▃▄▅▆▇█'],
	dots: (char) => char,
};

/** Braille dots by row from above, both columns. */
const DOT_ROWS = [0x09, 0x12, 0x24, 0xc0] as const;
/** By which rows of dots are set: upper pair, lower pair. */
const PAIRS = [' ', '.', "'", ':'] as const;

const ASCII: Glyphs = {
	vertical: '|',
	horizontal: '-',
	corner: '+',
	tick: '+',
	fill: [' ', '_', '_', '.', '.', ':', ':', '#', '#'],
	dots(char) {
		const dots = char.codePointAt(0)! - 0x2800;
		const row = (index: number): boolean => (dots & DOT_ROWS[index]!) !== 0;
		return PAIRS[(row(0) || row(1) ? 2 : 0) + (row(2) || row(3) ? 1 : 0)]!;
	},
};

export const glyphs = (ascii: boolean): Glyphs => (ascii ? ASCII : UNICODE);
