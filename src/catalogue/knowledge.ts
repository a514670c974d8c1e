/** What pkttop knows about a function beforehand, by its name of today or of Linux 2.4. */
import {GROUPS, ROWS} from './catalogue.js';
import {type Direction, type Group, type Layer, MARK_KINDS, type Row} from './row.js';

export {type Direction, LAYERS, type Layer} from './row.js';

export interface FunctionFacts {
	/** Name as traced; of what is gone, the 2.4 name. */
	readonly name: string;
	readonly kind: Row['kind'];
	readonly group: Group;
	/** Its name in Linux 2.4. */
	readonly classic: string | undefined;
	readonly layer: Layer;
	readonly direction: Direction;
	/** What it does for a packet: one or two sentences of at most 240 characters. */
	readonly does: string;
	/** Whether it may wait. */
	readonly sleeps: boolean;
	/** Whether the skb it was called with may be freed, or handed on for good, when it returns. */
	readonly frees: boolean;
	/** From where its packet is read at its begin; undefined: from the headers. */
	readonly from: Row['from'];
	/** It can be attached and hardly ever runs; `note` says why. */
	readonly rare: boolean;
	/** What a user should know before tracing it; of what is gone, what became of it. */
	readonly note: string | undefined;
	/** What can be traced for it, in order of preference. */
	readonly names: readonly string[];
	/** The module it is in where it is not in the kernel itself. */
	readonly module: string | undefined;
	/** Which kernels do not have it, and why; undefined where all since 5.10 do. */
	readonly absent: string | undefined;
}

/** By name: a first name counts more than a second one, else a function more than a mark, a name of today more than one of 2.4. */
const BY_NAME = new Map<string, Row>();
const enter = (name: string | undefined, row: Row): void => {
	if (name !== undefined && !BY_NAME.has(name)) BY_NAME.set(name, row);
};
const functions = ROWS.filter(({kind}) => kind === 'function');
for (const row of functions) enter(row.names[0], row);
const MARKS = new Map(
	ROWS.filter(({kind}) => (MARK_KINDS as readonly string[]).includes(kind)).map((row) => [row.names[0], row]),
);
for (const row of MARKS.values()) enter(row.names[0], row);
for (const row of functions) for (const name of row.names) enter(name, row);
for (const row of ROWS) if (row.kind === 'gone') enter(row.classic, row);
for (const row of ROWS) enter(row.classic, row);

/**
 * The facts about a function or a mark.
 * @param name of today or of 2.4; what a compiler appends (`.constprop.0`) is ignored.
 * @param mark whether a mark is meant where a function has the same name.
 * @returns undefined when the catalogue does not have it.
 */
export function knownFunction(name: string, mark = false): FunctionFacts | undefined {
	const plain = name.replace(/\..*$/, '');
	const row = (mark ? MARKS.get(plain) : undefined) ?? BY_NAME.get(plain);
	if (row === undefined) return undefined;
	const {names, classic = '', kind} = row;
	return {...row, name: kind === 'gone' ? classic : names.includes(plain) ? plain : (names[0] ?? plain)};
}

/** All names that knownFunction knows. */
export function knownNames(): string[] {
	return [...BY_NAME.keys()];
}

/** The layer of a function of a session: as the catalogue says, else that of its group, else `other`. */
export function layerOf(name: string, group: string): Layer {
	return knownFunction(name)?.layer ?? GROUPS.find((one) => one.name === group)?.layer ?? 'other';
}
