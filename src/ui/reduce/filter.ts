/** Keys while the filter bar is open: every key is text, but for the commands of the place. */
import {edit, editKey, insert} from '../edit.js';
import {type Compiled, FIELDS, type Field, type Fields, isError, NO_FIELDS} from '../filter.js';
import type {Key} from '../input.js';
import type {CommandName} from '../keys.js';
import {type Effect, type FilterState, linesOf, type State} from '../state.js';
import type {World} from './world.js';

export interface Step {
	readonly state: State;
	readonly effects: readonly Effect[];
}

const HISTORY = 100;
/** Fields that are in force with every key. The others wait for Enter: half an address is an address, too. */
const AT_ONCE: readonly Field[] = ['protocol', 'port'];

export function openFilter(state: State, field: Field): State {
	const {filter} = state;
	const lines = linesOf(filter.inForce);
	const open = {field, lines, error: undefined, before: filter.inForce, place: filter.history.length, draft: ''};
	return {...state, filter: {...filter, ...open}, message: undefined};
}

export function reduceFilter(state: State, key: Key, command: CommandName | undefined, world: World): Step {
	const {filter} = state;
	const field = filter.field ?? 'expression';
	switch (command) {
		case 'apply':
			return apply(state, world);
		case 'cancel':
			return cancel(state, world);
		case 'next-field':
		case 'previous-field': {
			const step = command === 'next-field' ? 1 : FIELDS.length - 1;
			const next = FIELDS[(FIELDS.indexOf(field) + step) % FIELDS.length] ?? 'expression';
			return {state: {...state, filter: {...filter, field: next}}, effects: []};
		}
		case 'older':
			return history(state, -1, world);
		case 'newer':
			return history(state, 1, world);
		default:
			return typed(state, field, key, world);
	}
}

export function fieldsOf(filter: FilterState): Fields {
	const entries = FIELDS.map((field) => [field, filter.lines[field].text.trim()] as const);
	return {...NO_FIELDS, ...Object.fromEntries(entries)};
}

function typed(state: State, field: Field, key: Key, world: World): Step {
	const {filter} = state;
	const line = filter.lines[field];
	const ghost = ['right', 'end', 'C-e', 'C-f'].includes(key) ? world.completion(field, line.text, line.at) : '';
	const next = ghost === '' ? editKey(line, key) : insert(line, ghost);
	if (next === undefined || next === line) return {state, effects: []};
	const lines = {...filter.lines, [field]: next};
	const step = checked({...state, filter: {...filter, lines}}, world);
	if (next.text === line.text || !AT_ONCE.includes(field) || step.compiled === undefined) return step;
	return inForce(step.state, step.compiled);
}

/** Looks at what stands in all fields now. */
function checked(state: State, world: World): Step & {readonly compiled?: Compiled} {
	const result = world.compile(fieldsOf(state.filter));
	const error = isError(result) ? result : undefined;
	const next = {...state, filter: {...state.filter, error}};
	return isError(result) ? {state: next, effects: []} : {state: next, effects: [], compiled: result};
}

function inForce(state: State, compiled: Compiled): Step {
	const filter = {...state.filter, inForce: compiled.fields};
	return {state: {...state, filter}, effects: [{type: 'filter', filter: compiled}]};
}

function apply(state: State, world: World): Step {
	const {filter} = state;
	const {compiled, ...step} = checked(state, world);
	if (compiled === undefined) {
		const field = step.state.filter.error?.field ?? filter.field;
		return {...step, state: {...step.state, filter: {...step.state.filter, field}}};
	}
	const {expression} = compiled.fields;
	const older = filter.history.filter((text) => text !== expression);
	const kept = expression === '' ? filter.history : [...older, expression].slice(-HISTORY);
	return inForce({...state, filter: {...filter, field: undefined, error: undefined, history: kept}}, compiled);
}

function cancel(state: State, world: World): Step {
	const {filter} = state;
	const closed = {...filter, field: undefined, error: undefined, lines: linesOf(filter.before)};
	const next = {...state, filter: closed};
	if (filter.inForce === filter.before) return {state: next, effects: []};
	const compiled = world.compile(filter.before);
	return isError(compiled) ? {state: next, effects: []} : inForce(next, compiled);
}

/** The expressions that were in force before. */
function history(state: State, step: number, world: World): Step {
	const {filter} = state;
	const place = filter.place + step;
	if (place < 0 || place > filter.history.length) return {state, effects: []};
	const draft = filter.place === filter.history.length ? filter.lines.expression.text : filter.draft;
	const text = place === filter.history.length ? draft : (filter.history[place] ?? '');
	const lines = {...filter.lines, expression: {...edit(text), killed: filter.lines.expression.killed}};
	return checked({...state, filter: {...filter, field: 'expression', lines, place, draft}}, world);
}
