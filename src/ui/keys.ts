/** The one table of commands: keys, help and footer come from it. */
import type {Key} from './input.js';

export const PANES = ['trace', 'functions', 'packets', 'groups', 'flows'] as const;
export type Pane = (typeof PANES)[number];
/** Panes that are tables. */
export type ListPane = Exclude<Pane, 'trace'>;
/** What covers the packets pane: the journey of one packet, or two side by side. */
export const VIEWS = ['journey', 'comparison'] as const;
export type View = (typeof VIEWS)[number];
/** Where a key means something: a pane, what covers it, or a line that is being typed. */
export type Place = Pane | View | 'filter' | 'prompt';

interface Row {
	readonly name: string;
	readonly keys: readonly Key[];
	readonly places: readonly Place[];
	readonly help: string;
	/** Word for the footer, for those that belong there. */
	readonly hint?: string;
}

const TEXT = ['filter', 'prompt'] as const satisfies readonly Place[];
/** Where nothing is typed. */
const SHOWN = [...PANES, ...VIEWS] as const;
const EVERYWHERE = [...SHOWN, ...TEXT] as const;
const LISTS = ['functions', 'packets', 'groups', 'flows'] as const satisfies readonly Place[];
/** Panes with something to fold. */
const FOLDING = ['trace', 'groups'] as const satisfies readonly Place[];
/** Panes in which Space has nothing else to do. */
const UNSWITCHED = ['trace', 'functions', 'packets', 'flows', ...VIEWS] as const satisfies readonly Place[];

export const COMMANDS = [
	{name: 'quit', keys: ['q'], places: SHOWN, help: 'back, then quit', hint: 'quit'},
	{name: 'help', keys: ['?'], places: SHOWN, help: 'this help', hint: 'help'},
	{name: 'filter', keys: ['/'], places: PANES, help: 'filter: an expression as for tcpdump', hint: 'filter'},
	{name: 'protocol', keys: ['P'], places: PANES, help: 'filter: protocol'},
	{name: 'address', keys: ['@'], places: PANES, help: 'filter: address or network'},
	{name: 'port', keys: [':'], places: PANES, help: 'filter: port, in force with every digit', hint: 'port'},
	{name: 'device', keys: ['I'], places: PANES, help: 'filter: network interface'},
	{name: 'unfilter', keys: ['x'], places: PANES, help: 'take the filter away'},
	{name: 'enter', keys: ['enter'], places: ['journey'], help: 'go to that row of the trace', hint: 'to the trace'},
	{
		name: 'mark',
		keys: ['d'],
		places: ['packets'],
		help: 'mark a packet; compare it with the marked one',
		hint: 'compare',
	},
	{
		name: 'packet-filter',
		keys: ['F'],
		places: ['packets'],
		help: 'packets by fate and time: fate dropped, time > 1ms',
		hint: 'fate/time',
	},
	{name: 'follow', keys: ['f'], places: ['trace'], help: 'follow the packet, or no packet any more', hint: 'follow'},
	{name: 'journey', keys: ['J'], places: ['trace'], help: 'the journey of the packet', hint: 'journey'},
	{name: 'dim', keys: ['v'], places: PANES, help: 'show what the filter hides, faint'},
	{name: 'pause', keys: ['p'], places: SHOWN, help: 'pause and go on', hint: 'pause'},
	{name: 'pause', keys: [' '], places: UNSWITCHED, help: 'pause and go on; among the groups, switch'},
	{name: 'switch', keys: [' '], places: ['groups'], help: 'switch a function or a group off and on', hint: 'switch'},
	{name: 'save', keys: ['s'], places: SHOWN, help: 'save what the filter shows as clean_log', hint: 'save'},
	{name: 'overwrite', keys: ['S'], places: SHOWN, help: 'save, even over a file that exists'},
	{name: 'trace', keys: ['1'], places: SHOWN, help: 'pane: the trace'},
	{name: 'functions', keys: ['2'], places: SHOWN, help: 'pane: functions and their latency'},
	{name: 'packets', keys: ['3'], places: SHOWN, help: 'pane: packets, their ways, fates and times'},
	{name: 'groups', keys: ['4'], places: SHOWN, help: 'pane: groups of functions, to switch off and on'},
	{name: 'flows', keys: ['5'], places: SHOWN, help: 'pane: packets by flow'},
	{name: 'next-pane', keys: ['tab'], places: SHOWN, help: 'next pane', hint: 'pane'},
	{name: 'previous-pane', keys: ['S-tab'], places: SHOWN, help: 'previous pane'},
	{name: 'down', keys: ['j', 'down'], places: SHOWN, help: 'down'},
	{name: 'up', keys: ['k', 'up'], places: SHOWN, help: 'up'},
	{name: 'page-down', keys: ['pgdn', 'C-f'], places: SHOWN, help: 'a page down'},
	{name: 'page-up', keys: ['pgup', 'C-b'], places: SHOWN, help: 'a page up'},
	{name: 'half-down', keys: ['C-d'], places: SHOWN, help: 'half a page down'},
	{name: 'half-up', keys: ['C-u'], places: SHOWN, help: 'half a page up'},
	{name: 'first', keys: ['g', 'home'], places: SHOWN, help: 'to the beginning'},
	{name: 'last', keys: ['G', 'end'], places: SHOWN, help: 'to the end; in the trace, follow it'},
	{
		name: 'enter',
		keys: ['enter'],
		places: PANES,
		help: 'fold or inspect; of a flow, its blocks; of a packet, its journey',
	},
	{name: 'inspect', keys: ['i'], places: PANES, help: 'inspect the selected row', hint: 'inspect'},
	{name: 'explain', keys: ['e'], places: PANES, help: 'explain the selected function', hint: 'explain'},
	{name: 'fold', keys: ['left'], places: FOLDING, help: 'fold the block or group'},
	{name: 'unfold', keys: ['right'], places: FOLDING, help: 'unfold the block or group'},
	{name: 'fold-all', keys: ['z'], places: FOLDING, help: 'fold or unfold all', hint: 'fold all'},
	{name: 'scroll-left', keys: ['h', 'S-left'], places: SHOWN, help: 'scroll to the left'},
	{name: 'scroll-right', keys: ['l', 'S-right'], places: SHOWN, help: 'scroll to the right'},
	{name: 'next-event', keys: ['n'], places: ['trace'], help: 'next drop or loss', hint: 'next drop'},
	{name: 'previous-event', keys: ['N'], places: ['trace'], help: 'previous drop or loss'},
	{name: 'open-calls', keys: ['O'], places: ['trace'], help: 'calls that are open now'},
	{name: 'time', keys: ['t'], places: ['trace'], help: 'time: clock, since begin of the block, since the row before'},
	{name: 'seek', keys: ['T'], places: ['trace'], help: 'go to a time'},
	{name: 'sort-left', keys: ['<'], places: LISTS, help: 'sort by the column before'},
	{name: 'sort-right', keys: ['>'], places: LISTS, help: 'sort by the next column', hint: 'sort'},
	{name: 'reverse', keys: ['o'], places: LISTS, help: 'reverse the order'},
	{name: 'next-block', keys: [']'], places: ['trace'], help: 'next block of the packet'},
	{name: 'previous-block', keys: ['['], places: ['trace'], help: 'block before of the packet'},
	{
		name: 'find',
		keys: ['f'],
		places: ['functions', 'groups'],
		help: 'find a function or group by a part of its name',
		hint: 'find',
	},
	{name: 'clear', keys: ['c'], places: SHOWN, help: 'counts and histograms from zero'},
	{name: 'back', keys: ['esc'], places: SHOWN, help: 'close what is open'},
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
