/** A table on the screen: columns of one width, the least important ones left out where there is no room. */
import {Line} from '../line.js';
import type {ListRows} from '../reduce/world.js';
import {clip} from '../text.js';
import type {Theme} from '../theme.js';

export interface Column<Row> {
	readonly name: string;
	readonly title: string;
	readonly cells: number;
	/** The lower, the later it is left out. */
	readonly rank: number;
	readonly left?: boolean;
	/** Takes what is left of the width, and at least `cells`. */
	readonly grows?: boolean;
	text(row: Row): string;
	/** What it is sorted by: numbers the largest first, texts from a to z. */
	value(row: Row): number | string;
	style?(row: Row): string;
}

export interface TableLook {
	readonly width: number;
	/** Lines, heading included. */
	readonly rows: number;
	readonly top: number;
	readonly selected: string;
	readonly sort: string;
	readonly reversed: boolean;
	readonly shift: number;
}

type Order = Pick<TableLook, 'sort' | 'reversed'>;

function sort<Row>(
	rows: readonly Row[],
	columns: readonly Column<Row>[],
	placeOf: (row: Row) => number,
	{sort: name, reversed}: Order,
): Row[] {
	const column = columns.find((one) => one.name === name) ?? columns[0];
	if (column === undefined) return [...rows];
	const sign = reversed ? -1 : 1;
	return [...rows].sort((a, b) => {
		const place = placeOf(a) - placeOf(b);
		if (place !== 0) return place;
		const [x, y] = [column.value(a), column.value(b)];
		if (typeof x === 'number' && typeof y === 'number') return sign * (y - x);
		return sign * (String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0);
	});
}

/** The columns that fit, in their order, each with the cells it gets. */
function fitting<Row>(columns: readonly Column<Row>[], width: number): {column: Column<Row>; cells: number}[] {
	const chosen = new Set<Column<Row>>();
	let used = 0;
	for (const column of [...columns].sort((a, b) => a.rank - b.rank)) {
		if (chosen.size > 0 && used + column.cells + 1 > width) continue;
		chosen.add(column);
		used += column.cells + 1;
	}
	const growing = columns.filter((column) => chosen.has(column) && column.grows === true);
	const extra = growing.length === 0 ? 0 : Math.floor(Math.max(0, width - used) / growing.length);
	return columns
		.filter((column) => chosen.has(column))
		.map((column) => ({column, cells: column.cells + (column.grows === true ? Math.min(extra, 24) : 0)}));
}

export class Table<Row> {
	/** What was sorted last, and how. */
	private rows: readonly Row[] = [];
	private order: Order | undefined;
	private ordered: readonly Row[] = [];

	/** @param keyOf what `selected` names; @param placeOf what goes before every order: rows of the same place are sorted. */
	constructor(
		private readonly columns: readonly Column<Row>[],
		private readonly keyOf: (row: Row) => string,
		private readonly theme: Theme,
		private readonly placeOf: (row: Row) => number = () => 0,
	) {}

	/** The rows as they are shown; sorted once for rows that are the same object. */
	sorted(rows: readonly Row[], {sort: name, reversed}: Order): readonly Row[] {
		if (rows !== this.rows || name !== this.order?.sort || reversed !== this.order.reversed) {
			this.order = {sort: name, reversed};
			this.rows = rows;
			this.ordered = sort(rows, this.columns, this.placeOf, this.order);
		}
		return this.ordered;
	}

	/** The rows as they are shown, for the reducer. */
	list(rows: readonly Row[], order: Order): ListRows {
		const keys = this.sorted(rows, order).map(this.keyOf);
		return {
			count: keys.length,
			keyAt: (index) => keys[index] ?? '',
			indexOf: (key) => keys.indexOf(key),
			columns: this.columnNames,
		};
	}

	get columnNames(): readonly string[] {
		return this.columns.map(({name}) => name);
	}

	/** The heading and as many rows as there is room for. */
	paint(all: readonly Row[], look: TableLook): string[] {
		const {keyOf} = this;
		const rows = this.sorted(all, look);
		const selected = rows.some((row) => keyOf(row) === look.selected) ? look.selected : rows[0] && keyOf(rows[0]);
		return this.paintRows(rows.slice(look.top, look.top + Math.max(0, look.rows - 1)), {
			...look,
			selected: selected ?? '',
		});
	}

	/** The same for rows that are chosen and ordered already. */
	paintRows(shown: readonly Row[], look: TableLook): string[] {
		const {theme, keyOf} = this;
		const {ellipsis, down, up} = theme.glyphs;
		const fit = fitting(this.columns, look.width + look.shift);
		const line = new Line(look.width);
		const cell = (text: string, cells: number, left: boolean): string =>
			left ? clip(text, cells, ellipsis).padEnd(cells) : clip(text, cells, ellipsis).padStart(cells);
		line.start(look.width).scroll(look.shift);
		for (const {column, cells} of fit) {
			const here = column.name === look.sort;
			const title = here ? `${look.reversed ? up : down}${column.title}` : column.title;
			line.put(cell(title, cells, column.left === true), theme.style(here ? 'strong' : 'faint')).put(' ');
		}
		const lines = [line.finish()];
		for (const row of shown) {
			line.start(look.width, keyOf(row) === look.selected ? theme.style('selected') : '').scroll(look.shift);
			const texts = fit.map(({column}) => column.text(row));
			let next = 0;
			while (next < fit.length) {
				const {column, cells} = fit[next] as (typeof fit)[number];
				const text = texts[next++] as string;
				let room = cells;
				// A text that does not fit has the room of the empty columns behind it.
				if (column.left === true && text.length > cells) {
					while (texts[next] === '') room += 1 + (fit[next++]?.cells ?? 0);
					if (next === fit.length) room = Math.max(room, look.shift + look.width - line.at);
				}
				line.put(cell(text, room, column.left === true), column.style?.(row) ?? '').put(' ');
			}
			lines.push(line.finish());
		}
		while (lines.length < look.rows) lines.push('');
		return lines.slice(0, Math.max(0, look.rows));
	}
}
