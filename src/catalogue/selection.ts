/** Which trace points a list of groups and presets means. */
import {GROUPS} from './catalogue.js';
import {DEFAULT_SET, type TracePoint, tracePoints} from './functions.js';
import {DROP, MARKS, type Mark} from './marks.js';
import {PRESETS, type Preset} from './presets.js';
import {MARK_KINDS} from './row.js';

export interface Points {
	readonly functions: readonly TracePoint[];
	/** Marks beside the functions; the drop is always among them. */
	readonly marks: readonly Mark[];
	/** Marks where functions cannot be traced. */
	readonly alone: readonly Mark[];
}

/** A name in the list that is neither a group nor a preset. */
export class UnknownGroup extends Error {
	constructor(readonly group: string) {
		super(`no group ${group}`);
	}
}

/** The default set with drops; every mark where functions cannot be traced. */
export const DEFAULT_POINTS: Points = {functions: DEFAULT_SET, marks: [DROP], alone: MARKS};

/** Every name that `-g` takes. */
export const groupNames = (): string[] => ['all', ...GROUPS.map(({name}) => name), ...PRESETS.map(({name}) => name)];

/** @param list names by comma, a group before a preset of that name. Throws UnknownGroup. */
export function pointsOf(list: string): Points {
	const functions = new Set<string>();
	const marks = new Set<string>();
	for (const name of list.split(',')) {
		if (name === 'default') {
			for (const point of DEFAULT_SET) functions.add(point.names[0] as string);
			continue;
		}
		const found = membersOf(name);
		for (const one of found.functions) functions.add(one);
		for (const one of found.marks) marks.add(one);
	}
	const chosen = MARKS.filter((mark) => marks.has(mark.name) || mark.name === DROP.name);
	return {functions: tracePoints([...functions]), marks: chosen, alone: chosen.length > 1 ? chosen : MARKS};
}

function membersOf(name: string): Pick<Preset, 'functions' | 'marks'> {
	const groups = name === 'all' ? GROUPS : GROUPS.filter((group) => group.name === name);
	if (groups.length > 0) {
		const rows = groups.flatMap((group) => group.rows);
		const first = (kinds: readonly string[]) =>
			rows.filter(({kind}) => kinds.includes(kind)).map(({names}) => names[0] as string);
		return {functions: first(['function']), marks: first(MARK_KINDS)};
	}
	const preset = PRESETS.find((one) => one.name === name);
	if (preset === undefined) throw new UnknownGroup(name);
	return preset;
}
