/** From state and model to the lines of a frame. */
import type {Narrowing} from '../trace/filter/expression.js';
import type {AppProps} from './chrome/app.js';
import {filterBar} from './chrome/filter-bar.js';
import {footer} from './chrome/footer.js';
import {FirstFrames, type Frames} from './chrome/frames.js';
import {fitting, type Segment} from './chrome/segment.js';
import {paneItems, statusItems} from './chrome/status.js';
import {completion} from './filter.js';
import {chromeRows, compose} from './frame.js';
import {type Geometry, geometry} from './geometry.js';
import {Meter} from './meter.js';
import type {Model} from './model.js';
import type {Content} from './panels/content.js';
import {explainContent, groupContent, queueContent} from './panels/explain.js';
import {helpContent} from './panels/help.js';
import {inspectContent, packetContent} from './panels/inspect.js';
import {Panes} from './panes.js';
import type {World} from './reduce/world.js';
import type {Cursor} from './screen.js';
import type {State} from './state.js';
import {NO_FUNCTION} from './tables/queues.js';
import type {Theme} from './theme.js';
import {worldOf} from './world.js';

interface Size {
	readonly columns: number;
	readonly rows: number;
}

export class Drawing {
	private readonly panes: Panes;
	private readonly meter: Meter;
	private frames: Frames;
	/** The last frame of Ink, and whether it must be made anew. */
	private drawn: readonly string[] = [];
	private cursor: Cursor | undefined;
	private stale = true;
	private size = '';
	private props = '';
	private loading = false;

	constructor(
		private readonly model: Model,
		private readonly theme: Theme,
		private readonly base: Narrowing,
	) {
		this.frames = new FirstFrames(theme);
		this.panes = new Panes(model, theme);
		this.meter = new Meter(model);
	}

	/** A key may have changed anything. */
	touched(): void {
		this.stale = true;
	}

	/** The figures of the header. @param now ms. */
	refresh(now: number): void {
		this.meter.sample(now);
		this.panes.views.refresh();
		this.stale = true;
	}

	/** Where everything is, and what the reducer may know. */
	look(state: State, size: Size): {shape: Geometry; content: Content | undefined; world: World} {
		const content = this.content(state, size.columns);
		const typing = state.filter.field !== undefined;
		const shape = geometry(size.columns, size.rows, state.panel, content?.lines.length ?? 0, typing);
		const lines = content?.lines.length ?? 0;
		return {shape, content, world: worldOf(state, this.model, this.panes, shape, this.base, lines)};
	}

	frame(state: State, size: Size): {lines: string[]; cursor: Cursor | undefined} {
		const {shape, content} = this.look(state, size);
		const shown = `${shape.columns} ${shape.rows} ${shape.height} ${shape.width}`;
		if (this.stale || shown !== this.size) {
			this.drawChrome(state, shape, content);
			this.size = shown;
			this.stale = false;
		}
		return {lines: compose(this.drawn, this.panes.paint(state, shape), shape), cursor: this.cursor};
	}

	/** Loads what draws the frame. */
	async load(): Promise<void> {
		const {Chrome} = await import('./chrome/chrome.js');
		this.frames = new Chrome();
		this.props = '';
		this.touched();
	}

	/** The charts are loaded when they are seen for the first time. */
	loadCharts(state: State, done: () => void): void {
		if (state.pane !== 'functions' || this.loading) return;
		this.loading = true;
		void import('./charts/charts.js').then(async ({loadCharts}) => {
			this.panes.charts = await loadCharts();
			done();
		});
	}

	stop(): void {
		this.frames.stop();
	}

	/** Ink draws when something of it has changed: it takes ten times as long as all the rest. */
	private drawChrome(state: State, shape: Geometry, content: Content | undefined): void {
		const {columns, rows} = shape;
		const {theme, model} = this;
		const status = this.meter.status();
		const head: Segment[][] = [];
		this.cursor = undefined;
		if (shape.status) head.push(fitting(statusItems(status, theme), columns));
		if (shape.panes) head.push(fitting(paneItems(state, status), columns, '   '));
		if (shape.filter) {
			const {field, lines} = state.filter;
			const ghost =
				field === undefined
					? ''
					: completion(field, lines[field].text, lines[field].at, model.source.names.deviceNames());
			const bar = filterBar(state.filter, model.filter.text, ghost, columns, theme);
			if (bar.cursor !== undefined) this.cursor = {row: head.length, column: bar.cursor};
			head.push([...bar.segments]);
		}
		const foot = footer(state, columns, theme);
		if (shape.foot && foot.cursor !== undefined) this.cursor = {row: rows - 1, column: foot.cursor};
		const {panel} = shape;
		const props: AppProps = {
			columns,
			rows: chromeRows(shape),
			head,
			foot: shape.foot ? [foot.segments] : [],
			panel: panel === undefined || content === undefined ? undefined : {content, top: state.panelTop, ...panel},
			color: theme.color,
			ascii: theme.ascii,
		};
		const text = JSON.stringify(props);
		if (text === this.props) return;
		this.props = text;
		this.drawn = this.frames.lines(props);
	}

	private content(state: State, columns: number): Content | undefined {
		const {model, theme} = this;
		const {names, tasks} = model.source;
		const cells = (columns >= 140 ? 62 : columns) - 4;
		if (state.panel === 'none') return undefined;
		if (state.panel === 'help') return helpContent(columns - 4);
		if (state.pane === 'packets') return packetContent(this.panes.packet(state), theme, cells);
		const group = state.pane === 'groups' ? this.panes.groupRow(state, state.groups.selected) : undefined;
		if (group?.fn === undefined && group !== undefined) return groupContent(group.name, cells);
		const queue = state.pane === 'functions' ? this.selectedQueue(state) : '';
		if (queue !== '') return queueContent(queue, cells);
		const fn = group?.fn ?? this.selectedFunction(state);
		const row = this.selectedRow(state);
		if (state.panel === 'explain' || state.pane !== 'trace' || row === undefined) {
			return explainContent(fn === undefined ? undefined : names.session.functions[fn], cells);
		}
		const stat = model.functions.rows.find((one) => one.fn === fn)?.stat;
		const {store} = this.panes.way(state);
		const packet = (number: number) => model.packets.row(number);
		return inspectContent({store, row, stat, packet}, names, tasks, theme, cells);
	}

	private selectedRow(state: State) {
		const way = this.panes.way(state);
		const at = state.trace.cursor && way.resolve(state.trace.cursor);
		if (at === undefined) return undefined;
		return way.row(at) ?? way.layouts.rows(at.id)[0];
	}

	/** Name of the row that is selected among the functions and is a queue, '' where it is none. */
	private selectedQueue(state: State): string {
		const {rows} = this.model.functions;
		const first = this.panes.list(state, 'functions').keyAt(0);
		const row = rows.find(({name}) => name === state.functions.selected) ?? rows.find(({name}) => name === first);
		return row?.fn === NO_FUNCTION ? row.name : '';
	}

	/** Number of the function that is selected in the pane. */
	private selectedFunction(state: State): number | undefined {
		const {rows} = this.model.functions;
		if (state.pane === 'functions') {
			const first = this.panes.list(state, 'functions').keyAt(0);
			return (rows.find(({name}) => name === state.functions.selected) ?? rows.find(({name}) => name === first))?.fn;
		}
		const row = this.selectedRow(state);
		const way = this.panes.way(state);
		return row === undefined ? undefined : way.functionOf(row);
	}
}
