/// <reference path="./blessed.d.ts" />
/**
 * blessed-contrib without a terminal: its widgets draw on a blessed screen whose streams lead nowhere, and the cells are
 * read from it. Neither the terminal nor the process is touched.
 */
import {EventEmitter} from 'node:events';
import type {Cell, Screen, Widget} from 'blessed';
import type {Context} from 'blessed-contrib/lib/widget/canvas.js';

/** Cells that are drawn, by row and column; valid until the next picture. */
export type Cells = readonly (readonly Cell[])[];

/** Names of colours for lines, in the order of the numbers that the cells then have; blessed-contrib knows no others. */
export const PENS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

export interface Line {
	readonly pen: (typeof PENS)[number];
	/** In dots from the left and from above, two and four a cell. */
	readonly points: readonly (readonly [number, number])[];
}

export interface Offscreen {
	/** Lines of dots, `columns` by `rows` cells. */
	lines(columns: number, rows: number, lines: readonly Line[]): Cells;
	/** Bars of whole cells from below: cells that have a background. @param pitch from one bar to the next. */
	bars(columns: number, rows: number, heights: readonly number[], width: number, pitch: number): Cells;
}

/** Loads blessed and the two widgets, and no more of blessed-contrib: its index takes six times as long. */
export async function loadOffscreen(): Promise<Offscreen> {
	const {default: blessed} = await import('blessed');
	blessed.Program._bound = true;
	blessed.Screen._bound = true;
	const [{default: Canvas}, {default: Bar}] = await Promise.all([
		import('blessed-contrib/lib/widget/canvas.js'),
		import('blessed-contrib/lib/widget/charts/bar.js'),
	]);
	const screen = withoutTmux(() => {
		const tty = nowhere();
		return blessed.screen({input: tty, output: tty, terminal: 'xterm-256color', forceUnicode: true});
	});
	// The cells are all that is wanted, not the bytes that would bring them to a terminal.
	screen.draw = () => {};
	const canvas = new Canvas({screen});
	const bar = new Bar({screen, showText: false, barBgColor: 'blue', xOffset: 0});
	return {
		lines: (columns, rows, lines) => draw(screen, canvas, columns + 6, rows, () => stroke(canvas.ctx, lines)),
		bars(columns, rows, heights, width, pitch) {
			const cells = draw(screen, bar, columns + 2, rows + 5, () => {
				// The rectangles it fills are one cell wider and higher than asked for: the row below is not for the picture.
				Object.assign(bar.options, {barWidth: width - 1, barSpacing: pitch, maxHeight: rows});
				bar.setData({titles: heights.map(() => ''), data: heights});
			});
			return cells.slice(1, rows + 1);
		},
	};
}

/** blessed keeps half a megabyte for every screen that ever was, so there is one, and it changes its size. */
function draw(screen: Screen, widget: Widget, columns: number, rows: number, paint: () => void): Cells {
	// A widget that leaves wipes its cells, so the one before leaves now.
	for (const child of [...screen.children]) child.detach();
	Object.assign(screen.program, {cols: columns, rows});
	screen.alloc();
	widget.width = columns;
	widget.height = rows;
	screen.append(widget);
	paint();
	screen.render();
	return screen.lines.slice(0, rows);
}

function stroke(context: Context, lines: readonly Line[]): void {
	for (const {pen, points} of lines) {
		context.strokeStyle = pen;
		context.beginPath();
		for (const [i, [x, y]] of points.entries()) {
			if (i === 0) context.moveTo(x, y);
			context.lineTo(x, y);
		}
		context.stroke();
	}
}

/** What blessed takes for a terminal. */
function nowhere(): object {
	const streams = {columns: 1, rows: 1, isTTY: true, write: () => true, resume: () => {}, pause: () => {}};
	return Object.assign(new EventEmitter(), streams);
}

/** Inside tmux blessed would run a program of that name, found by $PATH. */
function withoutTmux<T>(make: () => T): T {
	const {TMUX} = process.env;
	delete process.env.TMUX;
	try {
		return make();
	} finally {
		if (TMUX !== undefined) process.env.TMUX = TMUX;
	}
}
