/** A key, the state and what the world looks like make the next state and what the world is asked to do. Pure. */
import {edit, editKey, isEditKey} from '../edit.js';
import {type Field, isError, NO_FIELDS} from '../filter.js';
import {withFolded} from '../folding.js';
import type {Key} from '../input.js';
import {type CommandName, commandOf, PANES, type Pane} from '../keys.js';
import {linesOf, placeOf, type State, viewOf} from '../state.js';
import {openFilter, reduceFilter, type Step} from './filter.js';
import {reduceGroups, switchRow} from './groups.js';
import {reduceList, windowed} from './list.js';
import {reducePackets, reduceTracePacket, settleView, unfollowed, viewClosed} from './packets.js';
import {reduceTrace, settle, to} from './trace.js';
import type {World} from './world.js';

const SHIFT = 8;
const MOST_SHIFT = 512;

export function reduce(before: State, key: Key, world: World): Step {
	const place = placeOf(before);
	const command = commandOf(place, key);
	if (command === undefined && key.startsWith('M-') && !isEditKey(key)) return escaped(before, key.slice(2), world);
	if (command === 'redraw' || command === 'suspend') return {state: before, effects: [{type: command}]};
	if (command === 'abort') return {state: before, effects: [{type: 'quit'}]};
	if (place === 'filter') return reduceFilter(before, key, command, world);
	if (place === 'prompt') return reducePrompt(before, key, command, world);
	if (command === undefined) return {state: before, effects: []};
	// A message has been read when the next key is pressed.
	const state = {...before, message: undefined};
	const asked = ask(state, command, world);
	if (asked !== undefined) return asked;
	const next =
		reducePanel(state, command, world) ??
		reduceChrome(state, command, world) ??
		reducePane(state, command, world) ??
		reduceRow(state, command);
	return {state: next, effects: []};
}

function reducePane(state: State, command: CommandName, world: World): State | undefined {
	if (state.pane === 'trace') return reduceTracePacket(state, command, world) ?? reduceTrace(state, command, world);
	if (state.pane === 'packets') {
		const next = reducePackets(state, command, world);
		if (next !== undefined || viewOf(state) !== undefined) return next;
	}
	const folded = state.pane === 'groups' ? reduceGroups(state, command, world) : undefined;
	return folded ?? reduceList(state, state.pane, command, world);
}

/** Alt with a key that means nothing is an Esc and the key, typed so quickly that they came together. */
function escaped(before: State, key: Key, world: World): Step {
	const back = reduce(before, 'esc', world);
	const step = reduce(settled(back.state, world), key, world);
	return {state: step.state, effects: [...back.effects, ...step.effects]};
}

/** After events came, the size changed or the filter did: what is selected and what is seen of it. */
export function settled(state: State, world: World): State {
	if (state.pane === 'trace') return settle(state, world);
	if (viewOf(state) !== undefined) return settleView(state, world);
	return {...state, [state.pane]: windowed(state[state.pane], world.list(state.pane), world.rows)};
}

/** Commands that the world is asked for. */
function ask(state: State, command: CommandName, world: World): Step | undefined {
	switch (command) {
		case 'quit': {
			const back = closed(state, world);
			return back === undefined ? {state, effects: [{type: 'quit'}]} : {state: back, effects: []};
		}
		case 'pause':
			return {state: {...state, paused: !state.paused}, effects: [{type: 'pause', on: !state.paused}]};
		case 'switch':
			return switchRow(state, world);
		case 'save':
			return {state, effects: [{type: 'save', force: false}]};
		case 'overwrite':
			return {state, effects: [{type: 'save', force: true}]};
		case 'clear':
			return {state, effects: [{type: 'clear'}]};
		case 'unfilter':
			return filterBy({...state, packets: {...state.packets, only: ''}}, NO_FIELDS, world);
		case 'enter': {
			const filter = state.pane === 'flows' ? world.flowFilter(state.flows.selected) : undefined;
			if (filter === undefined) return undefined;
			return filterBy({...state, pane: 'trace', panel: 'none', shift: 0}, {...NO_FIELDS, expression: filter}, world);
		}
		default:
			return undefined;
	}
}

function filterBy(state: State, fields: typeof NO_FIELDS, world: World): Step {
	const compiled = world.compile(fields);
	if (isError(compiled)) return {state: {...state, message: {text: compiled.message, bad: true}}, effects: []};
	const filter = {...state.filter, inForce: fields, lines: linesOf(fields), error: undefined};
	return {state: {...state, filter}, effects: [{type: 'filter', filter: compiled}]};
}

const FIELD_KEYS: Partial<Readonly<Record<CommandName, Field>>> = {
	filter: 'expression',
	protocol: 'protocol',
	address: 'address',
	port: 'port',
	device: 'device',
};

/** Panes, panels, bars. */
function reduceChrome(state: State, command: CommandName, world: World): State | undefined {
	const field = FIELD_KEYS[command];
	if (field !== undefined) return openFilter(state, field);
	const pane = (name: Pane): State => ({...state, pane: name, shift: 0, panelTop: 0});
	const panel = (name: 'help' | 'explain' | 'inspect'): State => ({
		...state,
		panel: state.panel === name ? 'none' : name,
		panelTop: 0,
	});
	const turn = (step: number): State =>
		pane(PANES[(PANES.indexOf(state.pane) + step + PANES.length) % PANES.length] ?? 'trace');
	switch (command) {
		case 'trace':
		case 'functions':
		case 'packets':
		case 'groups':
		case 'flows':
			return pane(command);
		case 'next-pane':
			return turn(1);
		case 'previous-pane':
			return turn(-1);
		case 'help':
		case 'explain':
		case 'inspect':
			return panel(command);
		case 'dim':
			return {...state, dim: !state.dim};
		case 'scroll-left':
			return {...state, shift: Math.max(0, state.shift - SHIFT)};
		case 'scroll-right':
			return {...state, shift: Math.min(MOST_SHIFT, state.shift + SHIFT)};
		case 'find':
		case 'seek':
			return {...state, prompt: {kind: command, line: edit(), error: ''}};
		case 'back':
			return closed(state, world) ?? state;
		default:
			return undefined;
	}
}

function reduceRow(state: State, command: CommandName): State {
	if (command !== 'enter') return state;
	return {...state, panel: state.panel === 'inspect' ? 'none' : 'inspect', panelTop: 0};
}

/** The innermost thing that is open, closed; undefined when nothing is. */
function closed(state: State, world: World): State | undefined {
	if (state.panel !== 'none') return {...state, panel: 'none', panelTop: 0};
	const uncovered = viewClosed(state);
	if (uncovered !== undefined) return uncovered;
	if (state.pane === 'trace' && state.trace.packet !== 0) return unfollowed(state, world);
	if (state.trace.open && state.pane === 'trace') {
		return {...state, trace: {...state.trace, open: false, cursor: undefined, top: undefined, follow: true}};
	}
	return state.shift > 0 ? {...state, shift: 0} : undefined;
}

/** While help covers the pane, the keys that move move it. */
function reducePanel(state: State, command: CommandName, {panel}: World): State | undefined {
	if (state.panel !== 'help') return undefined;
	const steps: Partial<Record<CommandName, number>> = {
		down: 1,
		up: -1,
		'page-down': panel.rows,
		'page-up': -panel.rows,
		'half-down': panel.rows >> 1,
		'half-up': -(panel.rows >> 1),
		first: Number.NEGATIVE_INFINITY,
		last: Number.POSITIVE_INFINITY,
	};
	const step = steps[command];
	if (step === undefined) return undefined;
	const most = Math.max(0, panel.lines - panel.rows);
	return {...state, panelTop: Math.max(0, Math.min(most, state.panelTop + step))};
}

function reducePrompt(state: State, key: Key, command: CommandName | undefined, world: World): Step {
	const {prompt} = state;
	const silent = (next: State): Step => ({state: next, effects: []});
	if (prompt === undefined || command === 'cancel') return silent({...state, prompt: undefined});
	if (command === 'apply') {
		const text = prompt.line.text.trim();
		if (prompt.kind === 'packets') {
			const error = world.packets.check(text);
			if (error !== '') return silent({...state, prompt: {...prompt, error}});
			return silent({...state, prompt: undefined, packets: {...state.packets, only: text, top: 0}});
		}
		if (prompt.kind === 'find' || text === '') return silent({...state, prompt: undefined});
		const found = world.trace.seek(text);
		if (typeof found === 'string') return silent({...state, prompt: {...prompt, error: found}});
		const next = to({...state, prompt: undefined}, found.position, world);
		return {state: next, effects: [{type: 'skip', time: found.time}]};
	}
	const line = editKey(prompt.line, key);
	if (line === undefined) return silent(state);
	const wrong = prompt.kind === 'packets' ? world.packets.check(line.text.trim()) : '';
	const next = {...state, prompt: {...prompt, line, error: wrong}};
	if (prompt.kind !== 'find' || line.text === '') return silent(next);
	const pane = state.pane === 'groups' ? 'groups' : 'functions';
	const selected = world.find(pane, line.text, state[pane].selected);
	if (selected === undefined)
		return silent({...next, prompt: {...next.prompt, error: 'no function has that in its name'}});
	if (pane === 'functions') return silent({...next, functions: {...state.functions, selected}});
	const row = world.groupRow(selected);
	const groups = row?.fn === undefined ? state.groups : withFolded(state.groups, row.group, false);
	return silent({...next, groups: {...groups, selected}});
}
