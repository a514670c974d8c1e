/** Paints the pane that is open, and what the reducer may know of it. */
import type {FlowRow} from '../trace/flows.js';
import type {PacketRow} from '../trace/packets/packet-row.js';
import type {Charts} from './charts/charts.js';
import {isFolded} from './folding.js';
import type {Geometry} from './geometry.js';
import type {ListPane} from './keys.js';
import type {Model} from './model.js';
import type {ListRows} from './reduce/world.js';
import type {GroupsState, State} from './state.js';
import {flowColumns, flowKey} from './tables/flows.js';
import {type FunctionRow, functionColumns} from './tables/functions.js';
import {type GroupRow, groupColumns, unfolded} from './tables/groups.js';
import {type PacketItem, packetColumns, packetKey} from './tables/packets.js';
import {NO_FUNCTION} from './tables/queues.js';
import {Table} from './tables/table.js';
import type {Theme} from './theme.js';
import {TracePainter} from './trace/paint.js';
import type {Way} from './trace/way.js';
import {Views} from './views.js';

/** Lines of the charts below the functions, their titles included. */
export function chartLines(height: number): number {
	return height < 15 ? 0 : Math.min(16, Math.floor(height * 0.42));
}

export class Panes {
	charts: Charts | undefined;
	readonly views: Views;
	private readonly painter: TracePainter;
	private readonly functions: Table<FunctionRow>;
	private readonly packets: Table<PacketItem>;
	private readonly flows: Table<FlowRow>;
	/** Number of the packet that is marked where the rows are painted. */
	private marked = 0;
	private readonly groups: Table<GroupRow>;
	/** Rows of the groups that are not folded away, and of which rows and state that is so. */
	private shown:
		| {readonly all: readonly GroupRow[]; readonly state: GroupsState; readonly rows: readonly GroupRow[]}
		| undefined;

	constructor(
		private readonly model: Model,
		private readonly theme: Theme,
	) {
		const {names, tasks} = model.source;
		this.painter = new TracePainter(names, tasks, theme, model.functions.layers);
		this.functions = new Table(
			functionColumns(theme, (fn) => fn >= 0 && !model.source.isOn(fn)),
			({name}) => name,
			theme,
		);
		this.packets = new Table(
			packetColumns(
				theme,
				names.session,
				() => model.source.store.epoch,
				() => this.marked,
			),
			packetKey,
			theme,
		);
		this.views = new Views(model, theme);
		this.flows = new Table(flowColumns(theme), flowKey, theme);
		const folded = (group: string): boolean => this.shown !== undefined && isFolded(this.shown.state, group);
		this.groups = new Table(
			groupColumns(theme, folded),
			({key}) => key,
			theme,
			({place}) => place,
		);
	}

	/** Rows of the pane that can be scrolled. */
	rows({pane}: State, {height, heading}: Geometry): number {
		if (pane === 'trace') return Math.max(1, height - Number(heading));
		if (pane === 'functions') return Math.max(1, height - chartLines(height) - 1);
		return Math.max(1, height - 1);
	}

	way(state: State): Way {
		const way = state.trace.open ? this.model.open : this.model.way;
		way.folded = (id) => isFolded(state.trace, id);
		return way;
	}

	list(state: State, pane: ListPane): ListRows {
		if (pane === 'packets') {
			const {list} = this.model.packets;
			list.want(state.packets);
			return list.list(this.packets.columnNames);
		}
		if (pane === 'functions') return this.functions.list(this.model.functions.rows, state.functions);
		if (pane === 'flows') return this.flows.list(this.model.flowRows, state.flows);
		return this.groups.list(this.groupRows(state), state.groups);
	}

	/** Keys and names of all rows, folded away or not, in their order. */
	names(state: State, pane: 'functions' | 'groups'): {key: string; name: string}[] {
		const {functions, groups} = this.model;
		if (pane === 'groups') return this.groups.sorted(groups.rows, state.groups).map(({key, name}) => ({key, name}));
		return this.functions.sorted(functions.rows, state.functions).map(({name}) => ({key: name, name}));
	}

	/** The row of the groups pane with that key, folded away or not; the first one for a key that no row has. */
	groupRow(state: State, key: string): GroupRow | undefined {
		const {rows} = this.model.groups;
		return rows.find((row) => row.key === key) ?? this.groups.sorted(this.groupRows(state), state.groups)[0];
	}

	/** The same object as long as nothing has changed. */
	private groupRows({groups: state}: State): readonly GroupRow[] {
		const {rows: all} = this.model.groups;
		if (
			this.shown?.all !== all ||
			this.shown.state.foldAll !== state.foldAll ||
			this.shown.state.exceptions !== state.exceptions
		)
			this.shown = {all, state, rows: unfolded(all, state)};
		return this.shown.rows;
	}

	/** Lines of the pane, as many as it is high. */
	paint(state: State, geometry: Geometry): string[] {
		const {width, height, heading} = geometry;
		if (height === 0) return [];
		if (state.pane === 'functions') return this.paintFunctions(state, width, height);
		if (state.pane === 'packets') return this.views.paint(state, width, height) ?? this.paintPackets(state, geometry);
		if (state.pane === 'flows') {
			const look = {...state.flows, width, rows: height, shift: state.shift};
			const lines = this.flows.paint(this.model.flowRows, look);
			return this.model.flowRows.length === 0 ? withNote(lines, 'no packet yet', width, this.theme) : lines;
		}
		if (state.pane === 'groups') {
			return this.groups.paint(this.groupRows(state), {...state.groups, width, rows: height, shift: state.shift});
		}
		const {cursor, top, time} = state.trace;
		const rows = height - Number(heading);
		const look = {width, rows, shift: state.shift, top, cursor, time, now: this.model.source.now()};
		const lines = this.painter.paint(this.way(state), look);
		const noted = cursor === undefined ? withNote(lines, this.emptiness(state), width, this.theme) : lines;
		return heading ? [this.painter.heading(width, time), ...noted] : noted;
	}

	/** The packet that is selected among the packets. */
	packet(state: State): PacketRow | undefined {
		const {list} = this.model.packets;
		const rows = this.list(state, 'packets');
		return list.item(Math.max(0, rows.indexOf(state.packets.selected)))?.row;
	}

	private paintPackets(state: State, {width, height}: Geometry): string[] {
		const {list, table} = this.model.packets;
		const {top} = state.packets;
		this.marked = state.packets.marked;
		const items = Array.from({length: Math.max(0, height - 1)}, (_, row) => list.item(top + row));
		const shown = items.filter((item) => item !== undefined);
		const all = list.list(this.packets.columnNames);
		const selected = all.indexOf(state.packets.selected) < 0 ? all.keyAt(0) : state.packets.selected;
		const look = {...state.packets, selected, width, rows: height, shift: state.shift};
		const lines = this.packets.paintRows(shown, look);
		if (shown.length > 0) return lines;
		const {source} = this.model;
		const {identity} = source.names.session;
		const why = identity === '' ? '' : ` (${identity})`;
		const none = !list.complete
			? 'looking for packets…'
			: table.seen > 0
				? 'no packet is shown (x takes the filters away)'
				: source.store.blocks > 0
					? `no packet has a number here${why}: 5 shows them by flow`
					: 'no packet yet';
		return withNote(lines, none, width, this.theme);
	}

	private emptiness(state: State): string {
		const {source, filter, matches} = this.model;
		if (state.trace.open) return 'no call is open';
		if (!matches.complete) return 'looking for what the filter shows…';
		if (filter.predicate !== undefined && source.store.blocks > 0) return 'the filter shows nothing (x takes it away)';
		return source.live ? 'no packet yet' : source.done ? 'the recording is empty' : 'reading…';
	}

	private paintFunctions(state: State, width: number, height: number): string[] {
		const {functions, rates} = this.model;
		const charts = chartLines(height);
		const look = {...state.functions, width, rows: height - charts, shift: state.shift};
		const lines = this.functions.paint(functions.rows, look);
		if (charts === 0) return lines;
		const rows = this.functions.sorted(functions.rows, state.functions);
		const chosen = rows.find(({name}) => name === state.functions.selected) ?? rows[0];
		const left = width < 100 ? width : Math.floor(width / 2);
		const size = {columns: Math.max(0, left - 2), rows: charts - 1};
		const what = chosen?.fn === NO_FUNCTION ? 'wait' : 'call';
		const options = {ascii: this.theme.ascii, color: this.theme.color, what} as const;
		const histogram = chosen === undefined ? [] : (this.charts?.histogram(size, chosen.stat, options) ?? []);
		const right = {columns: Math.max(0, width - left - 1), rows: charts - 1};
		const series = width < 100 ? [] : (this.charts?.rates(right, rates.series(), options) ?? []);
		const title = this.chartTitle(chosen?.name ?? '', left, width);
		return [
			...lines,
			title,
			...Array.from({length: charts - 1}, (_, row) => beside(histogram[row], series[row], left)),
		];
	}

	private chartTitle(name: string, left: number, width: number): string {
		const style = (text: string): string => `\x1b[${this.theme.style('strong')}m${text}\x1b[m`;
		const first = `${name} latency`.slice(0, Math.max(0, left - 1));
		if (width < 100) return style(first);
		return `${style(first)}\x1b[${left + 1}G${style('events a second, by layer'.slice(0, width - left))}`;
	}
}

function beside(left = '', right = '', column = 0): string {
	return right === '' ? left : `${left}\x1b[m\x1b[${column + 1}G${right}`;
}

/** A sentence in the middle of an empty pane. */
function withNote(lines: readonly string[], text: string, width: number, theme: Theme): string[] {
	const row = Math.min(lines.length - 1, Math.max(1, Math.floor(lines.length / 3)));
	const shown = theme.ascii ? text.replace('…', '...') : text;
	const indent = Math.max(0, Math.floor((width - shown.length) / 2));
	const note = `${' '.repeat(indent)}\x1b[${theme.style('faint')}m${shown.slice(0, width)}\x1b[m`;
	return lines.map((line, index) => (index === row ? note : line));
}
