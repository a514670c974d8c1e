/** The world as the reducer sees it: the model through the panes, at the size of the screen. */
import type {Narrowing} from '../trace/filter/expression.js';
import {compileFields, completion, type Field, type Fields} from './filter.js';
import type {Geometry} from './geometry.js';
import type {Model} from './model.js';
import type {Panes} from './panes.js';
import type {World} from './reduce/world.js';
import type {State} from './state.js';
import {flowKey} from './tables/flows.js';

/** @param base what the command line narrowed for good; @param panelLines of the panel that is open. */
export function worldOf(
	state: State,
	model: Model,
	panes: Panes,
	geometry: Geometry,
	base: Narrowing,
	panelLines: number,
): World {
	return {
		rows: panes.rows(state, geometry),
		panel: {lines: panelLines, rows: Math.max(0, (geometry.panel?.height ?? 0) - 3)},
		trace: panes.way(state),
		list: (pane) => panes.list(state, pane),
		flowFilter: (key) => {
			const rows = model.flowRows;
			const known = rows.find((row) => flowKey(row) === key);
			const [first] = panes.list(state, 'flows').keys;
			return (known ?? rows.find((row) => flowKey(row) === first))?.filter;
		},
		groupRow: (key) => panes.groupRow(state, key),
		find: (pane, text, after) => {
			const names = panes.names(state, pane);
			const at = names.findIndex(({key}) => key === after);
			return [...names.slice(Math.max(0, at)), ...names].find(({name}) => name.includes(text))?.key;
		},
		compile: (fields: Fields) => compileFields(fields, base),
		completion: (field: Field, text: string, at: number) =>
			completion(field, text, at, model.source.names.deviceNames()),
	};
}
