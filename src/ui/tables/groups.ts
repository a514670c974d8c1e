/** Rows and columns of the groups pane: each group, and below it what belongs to it and whether that is traced. */
import {GROUPS} from '../../catalogue/catalogue.js';
import type {Session, TracedFunction} from '../../trace/session.js';
import {type Folding, isFolded} from '../folding.js';
import {count, rate} from '../numbers.js';
import type {Source} from '../source.js';
import {cells} from '../text.js';
import type {Theme} from '../theme.js';
import type {Column} from './table.js';

export interface GroupRow {
	readonly key: string;
	readonly group: string;
	/** Key of the row of its group. */
	readonly head: string;
	/** Undefined for the group itself. */
	readonly fn: number | undefined;
	/** Of the group, or of the function or mark. */
	readonly name: string;
	readonly mark: boolean;
	/** In words. */
	readonly state: string;
	/** Functions that Space switches: of a group all that are attached; and whether any of them is on. */
	readonly attached: readonly number[];
	readonly anyOn: boolean;
	readonly backend: string;
	readonly calls: number;
	/** Calls a second. */
	readonly rate: number;
	/** Before every order: groups, in a group its own row, what is attached, what is not. */
	readonly place: number;
}

/** Rows of a session, from figures that are counted elsewhere. */
export class GroupRows {
	rows: readonly GroupRow[] = [];
	/** How many functions are switched off. */
	off = 0;
	/** Numbers of the functions of each group, in the order of the catalogue; how many those are. */
	private members: readonly {readonly group: string; readonly functions: readonly number[]}[] = [];
	private count = 0;

	constructor(
		private readonly session: Session,
		private readonly source: Pick<Source, 'live' | 'isOn'>,
	) {
		this.update([], []);
	}

	/** Of a log there are more functions as it is read. */
	private grow(): void {
		const {session} = this;
		this.count = session.functions.length;
		const members = new Map<string, number[]>(GROUPS.map(({name}) => [name, []]));
		session.functions.forEach(({group}, fn) => {
			const known = members.get(group);
			if (known === undefined) members.set(group, [fn]);
			else known.push(fn);
		});
		this.members = [...members]
			.filter(([, functions]) => functions.length > 0)
			.map(([group, functions]) => ({group, functions}));
	}

	/** @param calls of each function by number; @param rates calls a second. */
	update(calls: readonly number[], rates: readonly number[]): void {
		if (this.count < this.session.functions.length) this.grow();
		this.rows = this.members.flatMap(({group, functions}, index) => {
			const rows = functions.map((fn) => this.functionRow(fn, index, calls[fn] ?? 0, rates[fn] ?? 0));
			return [this.groupRow(group, index, rows), ...rows];
		});
		this.off = this.session.functions.filter((_, fn) => !this.source.isOn(fn)).length;
	}

	private functionRow(fn: number, index: number, calls: number, rate: number): GroupRow {
		const {name, group, mark, backend = '', why} = this.session.functions[fn] as TracedFunction;
		const {live} = this.source;
		const on = this.source.isOn(fn);
		const state = why !== undefined ? `not attached: ${why}` : !live ? 'recorded' : on ? 'on' : 'off';
		const attached = why === undefined ? [fn] : [];
		const place = 3 * index + (why === undefined ? 1 : 2);
		const common = {group, head: headOf(group), fn, name, mark, state, backend, calls, rate, place};
		return {...common, key: `fn ${fn}`, attached, anyOn: on && why === undefined};
	}

	private groupRow(group: string, index: number, rows: readonly GroupRow[]): GroupRow {
		const head = headOf(group);
		const attached = rows.flatMap((row) => row.attached);
		const on = rows.filter(({anyOn}) => anyOn).length;
		const parts: [number, string][] = [
			[on, this.source.live ? 'on' : 'recorded'],
			[attached.length - on, 'off'],
			[rows.length - attached.length, 'not attached'],
		];
		return {
			key: head,
			group,
			head,
			fn: undefined,
			name: group,
			mark: false,
			state: parts.flatMap(([number, word]) => (number > 0 ? [`${number} ${word}`] : [])).join(', '),
			attached,
			anyOn: on > 0,
			backend: '',
			calls: rows.reduce((sum, row) => sum + row.calls, 0),
			rate: rows.reduce((sum, row) => sum + row.rate, 0),
			place: 3 * index,
		};
	}
}

const headOf = (group: string): string => `group ${group}`;

/** Those that are not folded away. */
export function unfolded(rows: readonly GroupRow[], folding: Folding<string>): readonly GroupRow[] {
	return rows.filter(({fn, group}) => fn === undefined || !isFolded(folding, group));
}

/** @param folded whether that group is. */
export function groupColumns(theme: Theme, folded: (group: string) => boolean): readonly Column<GroupRow>[] {
	const {glyphs} = theme;
	const safe = (text: string): string => cells(text, theme.ascii);
	const nameOf = (row: GroupRow): string => {
		if (row.fn === undefined) return `${folded(row.group) ? glyphs.folded : glyphs.unfolded} ${safe(row.name)}`;
		return `  ${safe(row.name)}${row.mark ? ' (mark)' : ''}`;
	};
	const nameStyle = (row: GroupRow): string =>
		theme.style(row.fn === undefined ? 'strong' : row.anyOn && row.calls > 0 ? 'plain' : 'faint');
	const stateStyle = (row: GroupRow): string =>
		theme.style(row.anyOn ? 'plain' : row.attached.length > 0 ? 'warn' : 'faint');
	return [
		{
			name: 'name',
			title: 'group, function',
			cells: 30,
			rank: 0,
			left: true,
			grows: true,
			text: nameOf,
			value: (row) => row.name,
			style: nameStyle,
		},
		{
			name: 'state',
			title: 'state',
			cells: 18,
			rank: 1,
			left: true,
			grows: true,
			text: (row) => safe(row.state),
			value: (row) => row.state,
			style: stateStyle,
		},
		{
			name: 'backend',
			title: 'backend',
			cells: 14,
			rank: 4,
			left: true,
			text: (row) => safe(row.backend),
			value: (row) => row.backend,
		},
		{
			name: 'calls',
			title: 'calls',
			cells: 6,
			rank: 2,
			text: (row) => (row.attached.length === 0 ? '' : count(row.calls)),
			value: (row) => row.calls,
		},
		{
			name: 'rate',
			title: 'calls/s',
			cells: 7,
			rank: 3,
			text: (row) => (row.rate === 0 ? '' : rate(row.rate)),
			value: (row) => row.rate,
		},
	];
}
