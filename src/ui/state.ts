/** What the person at the terminal has chosen: everything that a key can change, and nothing else. */
import type {Edit} from './edit.js';
import {edit} from './edit.js';
import {type Compiled, type Field, type FieldError, type Fields, NO_FIELDS} from './filter.js';
import type {Folding} from './folding.js';
import type {Pane, Place, View} from './keys.js';
import type {Position, Spot} from './trace/position.js';

export const TIME_FORMATS = ['clock', 'block', 'delta'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];
export type Panel = 'none' | 'help' | 'explain' | 'inspect';

/** By the number of a block's entry. */
export interface TraceState extends Folding<number> {
	/** Undefined while there is nothing. */
	readonly cursor: Position | undefined;
	readonly top: Position | undefined;
	readonly follow: boolean;
	readonly time: TimeFormat;
	/** Calls that are open now instead of the trace. */
	readonly open: boolean;
	/** Number of the packet that is followed, 0 for none. */
	readonly packet: number;
	/** A record that the cursor is to go to as soon as rows are there. */
	readonly goal: Spot | undefined;
}

export interface ListState {
	/** Key of the selected row, '' for the first. */
	readonly selected: string;
	readonly top: number;
	/** Name of the column, and whether the other way round than usual. */
	readonly sort: string;
	readonly reversed: boolean;
}

/** Lines of a view, with a cursor. */
export interface ViewState {
	readonly line: number;
	readonly top: number;
}

export interface PacketsState extends ListState {
	/** What is shown by fate and time, as typed; '' for all. */
	readonly only: string;
	/** Number of the packet that the next one is compared with, 0 for none. */
	readonly marked: number;
	/** The packet whose journey is open, and the pane to go back to. */
	readonly journey: (ViewState & {readonly packet: number; readonly back: Pane}) | undefined;
	readonly comparison: (ViewState & {readonly first: number; readonly second: number}) | undefined;
}

/** By the name of a group. */
export interface GroupsState extends ListState, Folding<string> {}

export interface FilterState {
	/** What is in force, as typed. */
	readonly inForce: Fields;
	/** Undefined: the bar is closed. */
	readonly field: Field | undefined;
	readonly lines: Readonly<Record<Field, Edit>>;
	readonly error: FieldError | undefined;
	/** What was in force when the bar was opened. */
	readonly before: Fields;
	/** Older expressions, the newest last. */
	readonly history: readonly string[];
	/** Place in the history; its length for the line that is being typed. */
	readonly place: number;
	/** What was being typed when the history was opened. */
	readonly draft: string;
}

export interface State {
	readonly pane: Pane;
	readonly panel: Panel;
	/** First line of the panel that is shown. */
	readonly panelTop: number;
	readonly paused: boolean;
	/** Show what the filter hides. */
	readonly dim: boolean;
	/** Cells scrolled to the left. */
	readonly shift: number;
	readonly trace: TraceState;
	readonly functions: ListState;
	readonly packets: PacketsState;
	readonly flows: ListState;
	readonly groups: GroupsState;
	readonly filter: FilterState;
	readonly prompt:
		| {readonly kind: 'find' | 'seek' | 'packets'; readonly line: Edit; readonly error: string}
		| undefined;
	readonly message: {readonly text: string; readonly bad: boolean} | undefined;
}

/** What a key asks of the world. */
export type Effect =
	| {readonly type: 'quit'}
	| {readonly type: 'suspend'}
	| {readonly type: 'redraw'}
	| {readonly type: 'clear'}
	| {readonly type: 'pause'; readonly on: boolean}
	/** A recording that is played goes on from there, ns since the epoch of the store. */
	| {readonly type: 'skip'; readonly time: number}
	| {readonly type: 'save'; readonly force: boolean}
	| {readonly type: 'filter'; readonly filter: Compiled}
	/** Of functions by number. */
	| {readonly type: 'switch'; readonly functions: readonly number[]; readonly on: boolean};

export function linesOf(fields: Fields): Readonly<Record<Field, Edit>> {
	const {expression, protocol, address, port, device} = fields;
	return {
		expression: edit(expression),
		protocol: edit(protocol),
		address: edit(address),
		port: edit(port),
		device: edit(device),
	};
}

export function initialState(fields: Fields = NO_FIELDS): State {
	const list = {selected: '', top: 0, reversed: false};
	return {
		pane: 'trace',
		panel: 'none',
		panelTop: 0,
		paused: false,
		dim: false,
		shift: 0,
		trace: {
			cursor: undefined,
			top: undefined,
			follow: true,
			foldAll: false,
			exceptions: new Set(),
			time: 'clock',
			open: false,
			packet: 0,
			goal: undefined,
		},
		functions: {...list, sort: 'total'},
		packets: {...list, sort: 'first', only: '', marked: 0, journey: undefined, comparison: undefined},
		flows: {...list, sort: 'time'},
		groups: {...list, sort: 'name', foldAll: false, exceptions: new Set()},
		filter: {
			inForce: fields,
			field: undefined,
			lines: linesOf(fields),
			error: undefined,
			before: fields,
			history: fields.expression === '' ? [] : [fields.expression],
			place: 0,
			draft: '',
		},
		prompt: undefined,
		message: undefined,
	};
}

/** What covers the pane. */
export function viewOf({pane, packets}: State): View | undefined {
	if (pane !== 'packets') return undefined;
	return packets.comparison !== undefined ? 'comparison' : packets.journey !== undefined ? 'journey' : undefined;
}

/** Where the next key is going to. */
export function placeOf(state: State): Place {
	if (state.filter.field !== undefined) return 'filter';
	return state.prompt === undefined ? (viewOf(state) ?? state.pane) : 'prompt';
}
