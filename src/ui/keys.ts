/** The one table of commands: keys, help and footer come from it. */
import type {Key} from './input.js';

export const PANES = ['trace', 'functions', 'flows', 'groups'] as const;
export type Pane = (typeof PANES)[number];
/** Panes that are tables. */
export type ListPane = Exclude<Pane, 'trace'>;
/** Where a key means something: a pane, or a line that is being typed. */
export type Place = Pane | 'filter' | 'prompt';

interface Row {
	readonly name: string;
	readonly keys: readonly Key[];
	readonly places: readonly Place[];
	readonly help: string;
	/** Word for the footer, for those that belong there. */
	readonly hint?: string;
}

const TEXT = ['filter', 'prompt'] as const satisfies readonly Place[];
const EVERYWHERE = [...PANES, ...TEXT] as const;
const LISTS = ['functions', 'flows', 'groups'] as const satisfies readonly Place[];
/** Panes with something to fold. */
const FOLDING = ['trace', 'groups'] as const satisfies readonly Place[];
/** Panes in which Space has nothing else to do. */
const UNSWITCHED = ['trace', 'functions', 'flows'] as const satisfies readonly Place[];

export const COMMANDS = [
	{name: 'quit', keys: ['q'], places: PANES, help: 'back, then quit', hint: 'quit'},
	{name: 'help', keys: ['?'], places: PANES, help: 'this help', hint: 'help'},
	{name: 'filter', keys: ['/'], places: PANES, help: 'filter: an expression as for tcpdump', hint: 'filter'},
	{name: 'protocol', keys: ['P'], places: PANES, help: 'filter: protocol'},
	{name: 'address', keys: ['@'], places: PANES, help: 'filter: address or network'},
	{name: 'port', keys: [':'], places: PANES, help: 'filter: port, in force with every digit', hint: 'port'},
	{name: 'device', keys: ['I'], places: PANES, help: 'filter: network interface'},
	{name: 'unfilter', keys: ['x'], places: PANES, help: 'take the filter away'},
	{name: 'dim', keys: ['v'], places: PANES, help: 'show what the filter hides, faint'},
	{name: 'pause', keys: ['p'], places: PANES, help: 'pause and go on', hint: 'pause'},
	{name: 'pause', keys: [' '], places: UNSWITCHED, help: 'pause and go on; among the groups, switch'},
	{name: 'switch', keys: [' '], places: ['groups'], help: 'switch a function or a group off and on', hint: 'switch'},
	{name: 'save', keys: ['s'], places: PANES, help: 'save what the filter shows as clean_log', hint: 'save'},
	{name: 'overwrite', keys: ['S'], places: PANES, help: 'save, even over a file that exists'},
	{name: 'trace', keys: ['1'], places: PANES, help: 'pane: the trace'},
	{name: 'functions', keys: ['2'], places: PANES, help: 'pane: functions and their latency'},
	{name: 'flows', keys: ['3'], places: PANES, help: 'pane: packets by flow'},
	{name: 'groups', keys: ['4'], places: PANES, help: 'pane: groups of functions, to switch off and on'},
	{name: 'next-pane', keys: ['tab'], places: PANES, help: 'next pane', hint: 'pane'},
	{name: 'previous-pane', keys: ['S-tab'], places: PANES, help: 'previous pane'},
	{name: 'down', keys: ['j', 'down'], places: PANES, help: 'down'},
	{name: 'up', keys: ['k', 'up'], places: PANES, help: 'up'},
	{name: 'page-down', keys: ['pgdn', 'C-f'], places: PANES, help: 'a page down'},
	{name: 'page-up', keys: ['pgup', 'C-b'], places: PANES, help: 'a page up'},
	{name: 'half-down', keys: ['C-d'], places: PANES, help: 'half a page down'},
	{name: 'half-up', keys: ['C-u'], places: PANES, help: 'half a page up'},
	{name: 'first', keys: ['g', 'home'], places: PANES, help: 'to the beginning'},
	{name: 'last', keys: ['G', 'end'], places: PANES, help: 'to the end; in the trace, follow it'},
	{name: 'enter', keys: ['enter'], places: PANES, help: 'fold or inspect; of a flow, show its blocks'},
	{name: 'inspect', keys: ['i'], places: PANES, help: 'inspect the selected row', hint: 'inspect'},
	{name: 'explain', keys: ['e'], places: PANES, help: 'explain the selected function', hint: 'explain'},
	{name: 'fold', keys: ['left'], places: FOLDING, help: 'fold the block or group'},
	{name: 'unfold', keys: ['right'], places: FOLDING, help: 'unfold the block or group'},
	{name: 'fold-all', keys: ['z'], places: FOLDING, help: 'fold or unfold all', hint: 'fold all'},
	{name: 'scroll-left', keys: ['h', 'S-left'], places: PANES, help: 'scroll to the left'},
	{name: 'scroll-right', keys: ['l', 'S-right'], places: PANES, help: 'scroll to the right'},
	{name: 'next-event', keys: ['n'], places: ['trace'], help: 'next drop or loss', hint: 'next drop'},
	{name: 'previous-event', keys: ['N'], places: ['trace'], help: 'previous drop or loss'},
	{name: 'open-calls', keys: ['O'], places: ['trace'], help: 'calls that are open now'},
	{name: 'time', keys: ['t'], places: ['trace'], help: 'time: clock, since begin of the block, since the row before'},
	{name: 'seek', keys: ['T'], places: ['trace'], help: 'go to a time'},
	{name: 'sort-left', keys: ['<'], places: LISTS, help: 'sort by the column before'},
	{name: 'sort-right', keys: ['>'], places: LISTS, help: 'sort by the next column', hint: 'sort'},
	{name: 'reverse', keys: ['o'], places: LISTS, help: 'reverse the order'},
	{
		name: 'find',
		keys: ['f'],
		places: ['functions', 'groups'],
		help: 'find a function or group by a part of its name',
		hint: 'find',
	},
	{name: 'clear', keys: ['c'], places: PANES, help: 'counts and histograms from zero'},
	{name: 'back', keys: ['esc'], places: PANES, help: 'close what is open'},
	{name: 'apply', keys: ['enter'], places: TEXT, help: 'take what was typed', hint: 'apply'},
	{name: 'cancel', keys: ['esc', 'C-g'], places: TEXT, help: 'leave it as it was', hint: 'cancel'},
	{name: 'next-field', keys: ['tab'], places: ['filter'], help: 'next field', hint: 'next field'},
	{name: 'previous-field', keys: ['S-tab'], places: ['filter'], help: 'previous field'},
	{name: 'older', keys: ['up', 'C-p'], places: ['filter'], help: 'older filter', hint: 'history'},
	{name: 'newer', keys: ['down', 'C-n'], places: ['filter'], help: 'newer filter'},
	{name: 'redraw', keys: ['C-l'], places: EVERYWHERE, help: 'draw the screen anew'},
	{name: 'suspend', keys: ['C-z'], places: EVERYWHERE, help: 'suspend'},
	{name: 'abort', keys: ['C-c'], places: EVERYWHERE, help: 'quit at once'},
] as const satisfies readonly Row[];

export type CommandName = (typeof COMMANDS)[number]['name'];

const TABLE: ReadonlyMap<string, CommandName> = new Map(
	COMMANDS.flatMap(({name, keys, places}) => keys.flatMap((key) => places.map((place) => [`${place} ${key}`, name]))),
);

/** The command of a key; undefined where it has none. */
export function commandOf(place: Place, key: Key): CommandName | undefined {
	return TABLE.get(`${place} ${key}`);
}

/** The hints of a place, in the order of the table: key and word. */
export function hints(place: Place): {key: string; word: string}[] {
	return COMMANDS.flatMap((command: Row) =>
		command.hint !== undefined && command.places.includes(place)
			? [{key: keyName(command.keys[0] ?? ''), word: command.hint}]
			: [],
	);
}

const NAMES: Readonly<Record<string, string>> = {
	' ': 'Space',
	esc: 'Esc',
	enter: 'Enter',
	tab: 'Tab',
	pgup: 'PgUp',
	pgdn: 'PgDn',
};

/** As it is printed on keyboards. */
export function keyName(key: Key): string {
	const match = /^((?:[CMS]-)*)(.+)$/s.exec(key);
	const [, modifiers = '', base = key] = match ?? [];
	const words = modifiers.replace('C-', 'Ctrl-').replace('M-', 'Alt-').replace('S-', 'Shift-');
	return words + (NAMES[base] ?? (base.length > 1 ? base.charAt(0).toUpperCase() + base.slice(1) : base));
}
