/** Keys of packets: in the trace, in their pane, and in what covers it. */
import {edit} from '../edit.js';
import type {CommandName, Pane} from '../keys.js';
import {type State, type ViewState, viewOf} from '../state.js';
import type {World} from './world.js';

/** The state after a command of the trace that is about a packet; undefined when it is none of them. */
export function reduceTracePacket(state: State, command: CommandName, world: World): State | undefined {
	if (!(command === 'follow' || command === 'journey' || command === 'next-block' || command === 'previous-block'))
		return undefined;
	const {trace} = state;
	const {cursor} = trace;
	if (command === 'follow' && trace.packet !== 0) return unfollowed(state, world);
	const packet = cursor === undefined || trace.open ? 0 : world.packets.at(cursor);
	if (cursor === undefined || packet === 0) return saying(state, 'no packet is known here');
	if (command === 'journey') return withJourney(state, packet, 'trace');
	if (command === 'follow') {
		return {...state, trace: {...trace, packet, goal: world.packets.spot(cursor), follow: false}};
	}
	const direction = command === 'next-block' ? 1 : -1;
	const followed = trace.packet === 0 ? packet : trace.packet;
	const goal = world.packets.block(followed, cursor, direction);
	if (goal === undefined) {
		return saying(state, `packet ${followed} has no block ${direction > 0 ? 'after' : 'before'} this one`);
	}
	return {...state, trace: {...trace, goal, follow: false}};
}

/** All blocks are shown again, the cursor where it was. */
export function unfollowed(state: State, world: World): State {
	const {trace} = state;
	const goal = trace.cursor && !trace.follow ? world.packets.spot(trace.cursor) : undefined;
	return {...state, trace: {...trace, packet: 0, goal}};
}

/** The state after a command of the packets pane; undefined when it is none of its own. */
export function reducePackets(state: State, command: CommandName, world: World): State | undefined {
	const view = viewOf(state);
	if (view !== undefined) return reduceView(state, command, world);
	const {packets} = state;
	if (command === 'packet-filter') {
		return {...state, prompt: {kind: 'packets', line: edit(packets.only), error: ''}};
	}
	if (command !== 'mark' && command !== 'enter') return undefined;
	const rows = world.list('packets');
	const packet = Number(rows.keyAt(Math.max(0, rows.indexOf(packets.selected))));
	if (packet === 0) return state;
	return command === 'enter' ? withJourney(state, packet, 'packets') : mark(state, packet, world);
}

/** What covers the pane closed; undefined when nothing does. */
export function viewClosed(state: State): State | undefined {
	const {packets} = state;
	const view = viewOf(state);
	if (view === undefined) return undefined;
	if (view === 'comparison') return {...state, packets: {...packets, comparison: undefined}};
	return {...state, pane: packets.journey?.back ?? 'packets', packets: {...packets, journey: undefined}};
}

/** After lines came or went, or the window has another size. */
export function settleView(state: State, world: World): State {
	const {packets} = state;
	const view = viewOf(state);
	if (view === undefined) return state;
	const at = packets[view];
	if (at === undefined) return state;
	const next = windowedView(at, at.line, world);
	return next === at ? state : {...state, packets: {...packets, [view]: next}};
}

function withJourney(state: State, packet: number, back: Pane): State {
	const journey = {packet, back, line: 0, top: 0};
	const packets = {...state.packets, journey, comparison: undefined, selected: String(packet)};
	return {...state, pane: 'packets', panel: 'none', panelTop: 0, shift: 0, packets};
}

function mark(state: State, packet: number, world: World): State {
	const {packets} = state;
	const {marked} = packets;
	if (marked === packet) return {...saying(state, 'no packet is marked'), packets: {...packets, marked: 0}};
	const flow = marked === 0 ? '' : world.packets.flow(marked);
	if (marked === 0 || flow === '') {
		const text = `packet ${packet} is marked: d on another one of its flow compares the two`;
		return {...saying(state, text), packets: {...packets, marked: packet}};
	}
	if (world.packets.flow(packet) !== flow)
		return saying(state, `packet ${packet} is not of the flow of ${marked}`, true);
	const comparison = {first: marked, second: packet, line: 0, top: 0};
	return {...state, panel: 'none', shift: 0, packets: {...packets, marked: 0, comparison}};
}

function reduceView(state: State, command: CommandName, world: World): State | undefined {
	const {packets} = state;
	const view = viewOf(state);
	const at = view && packets[view];
	if (view === undefined || at === undefined) return undefined;
	const {lines, rows} = world.packets;
	const page = Math.max(1, rows - 1);
	const half = Math.max(1, rows >> 1);
	const steps: Partial<Record<CommandName, number>> = {
		down: 1,
		up: -1,
		'page-down': page,
		'page-up': -page,
		'half-down': half,
		'half-up': -half,
		first: -lines,
		last: lines,
	};
	const step = steps[command];
	if (step !== undefined) return {...state, packets: {...packets, [view]: windowedView(at, at.line + step, world)}};
	if (command !== 'enter') return undefined;
	const goal = world.packets.line(at.line);
	if (goal === undefined) return state;
	// What is followed may not have that row.
	const {trace} = state;
	const packet = trace.packet === packets.journey?.packet ? trace.packet : 0;
	return {...state, pane: 'trace', shift: 0, trace: {...trace, open: false, follow: false, packet, goal}};
}

function windowedView<V extends ViewState>(view: V, wanted: number, {packets}: World): V {
	const line = Math.max(0, Math.min(packets.lines - 1, wanted));
	const most = Math.max(0, packets.lines - packets.rows);
	const top = Math.max(0, Math.min(most, Math.max(line - packets.rows + 1, Math.min(view.top, line))));
	return line === view.line && top === view.top ? view : {...view, line, top};
}

function saying(state: State, text: string, bad = false): State {
	return {...state, message: {text, bad}};
}
