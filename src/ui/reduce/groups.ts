/** Keys of the groups pane that other tables do not have. */
import {isFolded, turned, withFolded} from '../folding.js';
import type {CommandName} from '../keys.js';
import type {GroupsState, State} from '../state.js';
import type {Step} from './filter.js';
import type {World} from './world.js';

/** The state after a command that folds; undefined when it is none of them. */
export function reduceGroups(state: State, command: CommandName, world: World): State | undefined {
	const {groups} = state;
	const row = world.groupRow(groups.selected);
	if (row === undefined) return undefined;
	// The cursor goes to the row of the group: its functions may not be there any more.
	const to = (next: GroupsState): State =>
		next === groups ? state : {...state, groups: {...next, selected: row.head}};
	if (command === 'fold-all') return to(turned(groups));
	if (command === 'fold' || command === 'unfold') return to(withFolded(groups, row.group, command === 'fold'));
	if (command !== 'enter' || row.fn !== undefined) return undefined;
	return to(withFolded(groups, row.group, !isFolded(groups, row.group)));
}

/** Asks for the other state of the row under the cursor: of a group all off while any function is on, else all on. */
export function switchRow(state: State, world: World): Step {
	const row = world.groupRow(state.groups.selected);
	if (row === undefined) return {state, effects: []};
	if (row.attached.length > 0) return {state, effects: [{type: 'switch', functions: row.attached, on: !row.anyOn}]};
	return {state: {...state, message: {text: `${row.name}: ${row.state}`, bad: true}}, effects: []};
}
