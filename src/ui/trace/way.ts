/** Walking through the rows of the trace without ever counting them all. */

import type {Matches} from '../../trace/matches.js';
import type {Nest} from '../../trace/nest.js';
import {Kind, recordSize} from '../../trace/record.js';
import {Entry, type Store} from '../../trace/store.js';
import {type Layouts, type Row, RowKind, rootOf} from './layout.js';
import type {Position, Spot, TraceWay} from './position.js';
import {parseTime} from './seek.js';

export class Way implements TraceWay {
	/** Entries from here on are not shown: what came after pausing. */
	limit = Number.POSITIVE_INFINITY;
	folded: (id: number) => boolean = () => false;
	private readonly entry = new Entry();

	constructor(
		readonly store: Store,
		private readonly nest: Nest,
		private readonly matches: Matches,
		readonly layouts: Layouts,
		private readonly wallOffset: bigint,
	) {}

	get end(): number {
		return Math.min(this.limit, this.store.end);
	}

	/** Rows that an entry takes where it is shown. */
	height(id: number): number {
		return this.folded(id) ? 1 : this.layouts.rows(id).length;
	}

	/** False: the filter hides the block, which is shown nevertheless. */
	matchesFilter(id: number): boolean {
		return !this.layouts.dim || this.layouts.followed !== undefined || this.matches.has(id);
	}

	/** Undefined for the line of a folded block. */
	row({id, row}: Position): Row | undefined {
		return this.folded(id) ? undefined : this.layouts.rows(id)[row];
	}

	first(): Position | undefined {
		const id = this.next(this.store.first);
		return id < 0 ? undefined : {id, row: 0};
	}

	last(): Position | undefined {
		const id = this.previous(this.end - 1);
		return id < 0 ? undefined : {id, row: this.height(id) - 1};
	}

	move(from: Position, rows: number): Position {
		let {id, row} = from;
		row += rows;
		while (row < 0) {
			const before = this.previous(id - 1);
			if (before < 0) return {id, row: 0};
			id = before;
			row += this.height(id);
		}
		for (let height = this.height(id); row >= height; height = this.height(id)) {
			const after = this.next(id + 1);
			if (after < 0) return {id, row: height - 1};
			id = after;
			row -= height;
		}
		return {id, row};
	}

	distance(from: Position, to: Position, most: number): number {
		if (to.id < from.id) return -this.distance(to, from, most);
		let rows = to.row - from.row;
		for (let {id} = from; id !== to.id; ) {
			rows += this.height(id);
			id = this.next(id + 1);
			if (id < 0 || rows - to.row > most) return most;
		}
		return Math.max(-most, Math.min(most, rows));
	}

	resolve({id, row}: Position): Position | undefined {
		if (this.isTop(id)) return {id, row: Math.max(0, Math.min(row, this.height(id) - 1))};
		const inside = this.inside(id, row);
		if (inside !== undefined) return inside;
		const after = this.next(id);
		if (after >= 0) return {id: after, row: 0};
		return this.last();
	}

	event(from: Position, direction: 1 | -1): Position | undefined {
		for (let id = from.id; id >= 0; id = direction > 0 ? this.next(id + 1) : this.previous(id - 1)) {
			if (!this.hasEvent(id)) continue;
			const rows = this.layouts.rows(id);
			if (this.folded(id)) {
				if (id !== from.id) return {id, row: 0};
				continue;
			}
			let row = id === from.id ? from.row + direction : direction > 0 ? 0 : rows.length - 1;
			for (; row >= 0 && row < rows.length; row += direction) if (this.isEvent(rows[row] as Row)) return {id, row};
		}
		return undefined;
	}

	blockOf({id}: Position): Position {
		return {id, row: 0};
	}

	isHead({id, row}: Position): boolean {
		return row === 0 || row <= rootOf(this.layouts.rows(id));
	}

	locate({entry, offset}: Spot): Position | undefined {
		const top = this.topOf(entry);
		if (top < 0) return undefined;
		const rows = this.layouts.rows(top);
		const row = rows.findIndex((one) => one.entry === entry && one.offset === offset && one.kind !== RowKind.WAIT);
		return row < 0 ? undefined : {id: top, row};
	}

	/** The record of a row. */
	spotOf(position: Position): Spot {
		const row = this.row(position);
		return {entry: row?.entry ?? position.id, offset: row?.offset ?? 0};
	}

	/** Number of the packet of a row: that of its record, else the first in its entry; 0 where there is none. */
	packetOf(position: Position): number {
		const {entry} = this;
		const spot = this.spotOf(position);
		if (!this.store.read(spot.entry, entry)) return 0;
		const {view} = entry;
		if (entry.kind === Kind.LOSS) return 0;
		const own = view.packet(entry.at + spot.offset);
		if (own !== 0) return own;
		for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
			const packet = view.packet(at);
			if (packet !== 0) return packet;
		}
		return 0;
	}

	seek(text: string): {position: Position; time: number} | string {
		const first = this.first();
		const last = this.last();
		if (first === undefined || last === undefined) return 'there is nothing yet';
		const {store} = this;
		const time = parseTime(text, store.begin(first.id), store.epoch, this.wallOffset);
		if (typeof time === 'string') return time;
		let {id} = first;
		while (id >= 0 && store.begin(id) < time) id = this.next(id + 1);
		return {position: id < 0 ? last : {id, row: 0}, time};
	}

	/** Number of the function of a row; undefined for a loss. */
	functionOf(row: Row): number | undefined {
		if (row.kind === RowKind.LOSS || !this.store.read(row.entry, this.entry)) return undefined;
		return this.entry.view.fn(this.entry.at + row.offset);
	}

	/** What cannot be seen at the place of another entry. */
	isTop(id: number): boolean {
		if (id >= this.end || !this.layouts.shows(id)) return false;
		const parent = this.nest.parent(id);
		return parent < 0 || parent >= this.end || !this.layouts.shows(parent);
	}

	/** The nearest entry at the top level at or after `id`, -1 for none. */
	next(id: number): number {
		for (let at = this.following(id); at >= 0 && at < this.end; at = this.following(at + 1))
			if (this.isTop(at)) return at;
		return -1;
	}

	/** The nearest entry at the top level at or before `id`, -1 for none. */
	previous(id: number): number {
		for (let at = this.preceding(Math.min(id, this.end - 1)); at >= 0; at = this.preceding(at - 1)) {
			if (this.isTop(at)) return at;
		}
		return -1;
	}

	private following(id: number): number {
		const {followed} = this.layouts;
		if (followed !== undefined) return followed.next(Math.max(id, this.store.first));
		if (!this.layouts.dim) return this.matches.next(id);
		const at = Math.max(id, this.store.first);
		return at < this.end ? at : -1;
	}

	private preceding(id: number): number {
		const {followed} = this.layouts;
		if (followed !== undefined) {
			const at = followed.previous(id);
			return at >= this.store.first ? at : -1;
		}
		if (!this.layouts.dim) return this.matches.previous(id);
		return id >= this.store.first ? id : -1;
	}

	/** Where the rows of an entry are that ran on top of another. */
	private inside(id: number, row: number): Position | undefined {
		const top = this.topOf(id);
		if (top === id || top < 0) return undefined;
		if (this.folded(top)) return {id: top, row: 0};
		const rows = this.layouts.rows(top);
		const first = rows.findIndex(({entry}) => entry === id);
		return {id: top, row: first < 0 ? 0 : Math.min(first + row, rows.length - 1)};
	}

	/** The entry at whose place another one is seen, which may be itself; -1 where it is not. */
	private topOf(id: number): number {
		let top = id;
		for (let below = this.nest.parent(top); below >= 0 && below < this.end; below = this.nest.parent(top)) {
			if (!this.layouts.shows(below)) break;
			top = below;
		}
		return this.isTop(top) ? top : -1;
	}

	private isEvent(row: Row): boolean {
		if (row.kind === RowKind.LOSS) return true;
		if (row.kind !== RowKind.POINT || !this.store.read(row.entry, this.entry)) return false;
		return this.entry.view.kind(this.entry.at + row.offset) === Kind.DROP;
	}

	/** Looks at the bytes first: most blocks have none, and their rows need not be made. */
	private hasEvent(id: number): boolean {
		const {entry} = this;
		if (!this.store.read(id, entry)) return false;
		const {bytes} = entry.view;
		for (let at = entry.at; at < entry.end; at += recordSize(bytes, at)) {
			if (bytes[at] === Kind.DROP || bytes[at] === Kind.LOSS) return true;
		}
		return this.nest.children(id).some((child) => this.hasEvent(child));
	}
}
