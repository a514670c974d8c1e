/** Keys of the panes that are tables. */
import type {CommandName, ListPane} from '../keys.js';
import type {ListState, State} from '../state.js';
import type {ListRows, World} from './world.js';

/** The state after a command of a list; undefined when it is none of them. */
export function reduceList(state: State, pane: ListPane, command: CommandName, world: World): State | undefined {
	const list = state[pane];
	const rows = world.list(pane);
	const {count, columns} = rows;
	const at = Math.max(0, rows.indexOf(list.selected));
	const go = (to: number): State => {
		const selected = rows.keyAt(Math.max(0, Math.min(count - 1, to)));
		return {...state, [pane]: windowed({...list, selected}, rows, world.rows)};
	};
	const page = Math.max(1, world.rows - 1);
	const half = Math.max(1, Math.floor(world.rows / 2));
	switch (command) {
		case 'down':
			return go(at + 1);
		case 'up':
			return go(at - 1);
		case 'page-down':
			return go(at + page);
		case 'page-up':
			return go(at - page);
		case 'half-down':
			return go(at + half);
		case 'half-up':
			return go(at - half);
		case 'first':
			return go(0);
		case 'last':
			return go(count - 1);
		case 'sort-left':
		case 'sort-right': {
			const step = command === 'sort-left' ? columns.length - 1 : 1;
			const sort = columns[(columns.indexOf(list.sort) + step) % columns.length] ?? list.sort;
			return {...state, [pane]: {...list, sort, reversed: false, top: 0}};
		}
		case 'reverse':
			return {...state, [pane]: {...list, reversed: !list.reversed, top: 0}};
		default:
			return undefined;
	}
}

/** The window moved as little as is needed to see the selected row. */
export function windowed<List extends ListState>(list: List, all: ListRows, rows: number): List {
	const at = Math.max(0, all.indexOf(list.selected));
	const most = Math.max(0, all.count - rows);
	const top = Math.min(most, Math.max(at - rows + 1, Math.min(list.top, at)));
	return top === list.top ? list : {...list, top: Math.max(0, top)};
}
