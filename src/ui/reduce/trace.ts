/** Keys of the trace pane. */
import {isFolded, turned, withFolded} from '../folding.js';
import type {CommandName} from '../keys.js';
import {type State, TIME_FORMATS, type TraceState} from '../state.js';
import type {Position, Spot} from '../trace/position.js';
import type {World} from './world.js';

/** The state after a command of the trace pane; undefined when it is none of them. */
export function reduceTrace(state: State, command: CommandName, world: World): State | undefined {
	const {trace} = state;
	const half = Math.max(1, Math.floor(world.rows / 2));
	const page = Math.max(1, world.rows - 1);
	switch (command) {
		case 'down':
			return by(state, 1, world);
		case 'up':
			return by(state, -1, world);
		case 'page-down':
			return by(state, page, world);
		case 'page-up':
			return by(state, -page, world);
		case 'half-down':
			return by(state, half, world);
		case 'half-up':
			return by(state, -half, world);
		case 'first':
			return to(state, world.trace.first(), world);
		case 'last':
			return withTrace(state, follow(trace, world));
		case 'next-event':
		case 'previous-event': {
			const direction = command === 'next-event' ? 1 : -1;
			const found = trace.cursor && world.trace.event(trace.cursor, direction);
			if (found) return to(state, found, world);
			const where = direction === 1 ? 'after' : 'before';
			return {...state, message: {text: `no drop and no loss ${where} this row`, bad: false}};
		}
		case 'fold':
		case 'unfold':
			return trace.cursor ? fold(state, trace.cursor, command === 'fold', world) : state;
		case 'fold-all':
			return withTrace(state, turned(trace));
		case 'enter': {
			if (!trace.cursor) return state;
			const folded = isFolded(trace, trace.cursor.id);
			if (folded || world.trace.isHead(trace.cursor)) return fold(state, trace.cursor, !folded, world);
			return {...state, panel: state.panel === 'inspect' ? 'none' : 'inspect', panelTop: 0};
		}
		case 'time': {
			const next = TIME_FORMATS[(TIME_FORMATS.indexOf(trace.time) + 1) % TIME_FORMATS.length] ?? 'clock';
			return withTrace(state, {...trace, time: next});
		}
		case 'open-calls':
			return withTrace(state, {
				...trace,
				...{open: !trace.open, packet: 0, goal: undefined},
				...{cursor: undefined, top: undefined, follow: true},
			});
		default:
			return undefined;
	}
}

/** To a row, with the window moved as little as is needed to see it. Reaching the end follows it. */
export function to(state: State, position: Position | undefined, world: World): State {
	const {trace} = state;
	if (position === undefined) return withTrace(state, {...trace, cursor: undefined, top: undefined});
	const last = world.trace.last();
	if (last !== undefined && last.id === position.id && last.row === position.row) {
		return withTrace(state, follow(trace, world));
	}
	return withTrace(state, {...trace, ...window(trace.top, position, world), follow: false});
}

function by(state: State, rows: number, world: World): State {
	const {cursor} = state.trace;
	return cursor === undefined ? state : to(state, world.trace.move(cursor, rows), world);
}

/** At the end, to stay there. */
function follow(trace: TraceState, world: World): TraceState {
	const cursor = world.trace.last();
	const top = cursor && world.trace.move(cursor, 1 - world.rows);
	return {...trace, cursor, top, follow: true};
}

function window(top: Position | undefined, cursor: Position, world: World): Pick<TraceState, 'cursor' | 'top'> {
	const {rows} = world;
	if (top === undefined) return {cursor, top: cursor};
	const distance = world.trace.distance(top, cursor, rows);
	if (distance < 0) return {cursor, top: distance <= -rows ? world.trace.move(cursor, -Math.floor(rows / 2)) : cursor};
	if (distance < rows) return {cursor, top};
	// Far away: in the middle, to see what is around it.
	return {cursor, top: world.trace.move(cursor, 1 - rows)};
}

function fold(state: State, cursor: Position, folded: boolean, world: World): State {
	const {trace} = state;
	const head = world.trace.blockOf(cursor);
	const next = withFolded(trace, head.id, folded);
	return next === trace ? state : withTrace(state, {...next, cursor: head, follow: false});
}

/** After anything may have moved: rows came or went, the window has another size, blocks were folded. */
export function settle(state: State, world: World): State {
	const {trace} = state;
	if (trace.goal !== undefined) return reached({...state, trace: {...trace, goal: undefined}}, trace.goal, world);
	if (trace.follow || trace.cursor === undefined) return withTrace(state, follow(trace, world));
	const cursor = world.trace.resolve(trace.cursor);
	if (cursor === undefined) return withTrace(state, {...trace, cursor: undefined, top: undefined, follow: true});
	const top = trace.top && world.trace.resolve(trace.top);
	return withTrace(state, {...trace, ...filled(window(top, cursor, world), world)});
}

/** At a record that was to be gone to, its block unfolded. */
function reached(state: State, goal: Spot, world: World): State {
	const position = world.trace.locate(goal);
	if (position === undefined) {
		const text = 'that row is not shown: it is hidden by the filter (x takes it away), or has left the memory';
		return settle({...state, message: {text, bad: true}}, world);
	}
	const trace = withFolded(state.trace, position.id, false);
	// Among rows that were folded until now the window is found with the next call.
	if (trace !== state.trace)
		return withTrace(state, {...trace, cursor: position, top: {id: position.id, row: 0}, goal});
	return withTrace(state, {
		...trace,
		...window(trace.top && world.trace.resolve(trace.top), position, world),
		follow: false,
	});
}

/** No blank rows below the end while there are rows above. */
function filled(view: Pick<TraceState, 'cursor' | 'top'>, {trace, rows}: World): Pick<TraceState, 'cursor' | 'top'> {
	const last = trace.last();
	if (view.top === undefined || last === undefined) return view;
	const lowest = trace.move(last, 1 - rows);
	return trace.distance(lowest, view.top, 1) > 0 ? {...view, top: lowest} : view;
}

function withTrace(state: State, trace: TraceState): State {
	return {...state, trace};
}
