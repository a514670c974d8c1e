/** One line of text under the cursor, with readline's keys. Pure. */
import type {Key} from './input.js';

export interface Edit {
	readonly text: string;
	/** UTF-16 units before the cursor. */
	readonly at: number;
	/** What Ctrl-k, Ctrl-u and Ctrl-w took last, for Ctrl-y. */
	readonly killed: string;
}

/** Longest line that is kept: as long as a filter may be. */
const MOST = 4096;

export function edit(text = ''): Edit {
	return {text, at: text.length, killed: ''};
}

/** Whether a key edits a line. */
export function isEditKey(key: Key): boolean {
	return ACTIONS[key] !== undefined;
}

/** The line after the key; undefined when the key means nothing to a line. */
export function editKey(line: Edit, key: Key): Edit | undefined {
	const action = ACTIONS[key];
	if (action !== undefined) return action(line);
	if ([...key].length !== 1) return undefined;
	return insert(line, key);
}

export function insert({text, at, killed}: Edit, more: string): Edit {
	if (text.length + more.length > MOST) return {text, at, killed};
	return {text: text.slice(0, at) + more + text.slice(at), at: at + more.length, killed};
}

/** Without the text between two places; the cursor stands where it was. */
function cut(line: Edit, from: number, to: number, kill: boolean): Edit {
	const {text} = line;
	return {
		text: text.slice(0, from) + text.slice(to),
		at: from,
		killed: kill && to > from ? text.slice(from, to) : line.killed,
	};
}

const move = (line: Edit, at: number): Edit => ({...line, at: Math.max(0, Math.min(line.text.length, at))});
const before = ({text, at}: Edit): number => at - (/[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(0, at)) ? 2 : 1);
const after = ({text, at}: Edit): number => at + (/^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at)) ? 2 : 1);
const wordBefore = ({text, at}: Edit): number => at - (/\S*\s*$/.exec(text.slice(0, at))?.[0].length ?? 0);
const wordAfter = ({text, at}: Edit): number => at + (/^\s*\S*/.exec(text.slice(at))?.[0].length ?? 0);

const ACTIONS: Readonly<Record<Key, (line: Edit) => Edit>> = {
	left: (line) => move(line, before(line)),
	'C-b': (line) => move(line, before(line)),
	right: (line) => move(line, after(line)),
	'C-f': (line) => move(line, after(line)),
	home: (line) => move(line, 0),
	'C-a': (line) => move(line, 0),
	end: (line) => move(line, line.text.length),
	'C-e': (line) => move(line, line.text.length),
	'M-b': (line) => move(line, wordBefore(line)),
	'C-left': (line) => move(line, wordBefore(line)),
	'M-f': (line) => move(line, wordAfter(line)),
	'C-right': (line) => move(line, wordAfter(line)),
	backspace: (line) => (line.at === 0 ? line : cut(line, before(line), line.at, false)),
	delete: (line) => cut(line, line.at, Math.min(line.text.length, after(line)), false),
	'C-d': (line) => cut(line, line.at, Math.min(line.text.length, after(line)), false),
	'C-k': (line) => cut(line, line.at, line.text.length, true),
	'C-u': (line) => cut(line, 0, line.at, true),
	'C-w': (line) => cut(line, wordBefore(line), line.at, true),
	'M-backspace': (line) => cut(line, wordBefore(line), line.at, true),
	'M-d': (line) => cut(line, line.at, wordAfter(line), true),
	'C-y': (line) => insert(line, line.killed),
};
