/** The filter bar as segments, and where the cursor stands in it. */
import {FIELDS, type Field} from '../filter.js';
import type {FilterState} from '../state.js';
import {cells} from '../text.js';
import type {Theme} from '../theme.js';
import {cut, type Segment, width} from './segment.js';

export interface Bar {
	readonly segments: readonly Segment[];
	/** Column of the cursor; undefined where the bar is closed. */
	readonly cursor: number | undefined;
}

const LABELS: Readonly<Record<Field, string>> = {
	expression: 'filter ',
	protocol: 'proto ',
	address: 'addr ',
	port: 'port ',
	device: 'on ',
};

/** @param text of the filter in force; @param ghost what would complete the word. */
export function filterBar(filter: FilterState, text: string, ghost: string, columns: number, theme: Theme): Bar {
	if (filter.field === undefined) return closedBar(text, columns, theme);
	const others = FIELDS.filter((field) => field !== 'expression');
	const texts = (field: Field): string => cells(filter.lines[field].text, theme.ascii);
	// The expression gets what the four small fields leave; where that is too little, the field that is typed alone.
	const small = others.reduce((sum, field) => sum + LABELS[field].length + Math.max(4, texts(field).length + 1) + 1, 0);
	const room = columns - LABELS.expression.length - small - 1;
	if (room < 16) return oneField(filter, filter.field, ghost, columns, theme);
	const segments: Segment[] = [];
	let cursor = 0;
	for (const field of FIELDS) {
		const space = field === 'expression' ? room : Math.max(4, texts(field).length + 1);
		const here = field === filter.field;
		segments.push({text: LABELS[field], style: here ? 'title' : 'faint'});
		const {shown, at} = line(filter, field, here ? ghost : '', space, theme);
		if (here) cursor = width(segments) + at;
		segments.push(...shown, {text: ' '});
	}
	return {segments: cut(segments, columns), cursor: Math.min(columns - 1, cursor)};
}

function closedBar(text: string, columns: number, theme: Theme): Bar {
	const shown: Segment[] =
		text === ''
			? [
					{text: 'filter ', style: 'faint'},
					{text: 'none: everything is shown', style: 'faint'},
				]
			: [
					{text: 'filter ', style: 'title'},
					{text: cells(text, theme.ascii), style: 'accent'},
				];
	return {segments: cut(shown, columns), cursor: undefined};
}

function oneField(filter: FilterState, field: Field, ghost: string, columns: number, theme: Theme): Bar {
	const label = LABELS[field].slice(0, Math.max(0, columns - 2));
	const {shown, at} = line(filter, field, ghost, Math.max(1, columns - label.length), theme);
	const segments = [{text: label, style: 'title' as const}, ...shown];
	return {segments: cut(segments, columns), cursor: Math.max(0, Math.min(columns - 1, label.length + at))};
}

/** A field's text, scrolled so that the cursor is in its space; from the place of an error on marked as wrong. */
function line(
	filter: FilterState,
	field: Field,
	ghost: string,
	space: number,
	theme: Theme,
): {shown: Segment[]; at: number} {
	const {text, at} = filter.lines[field];
	// Column by column what the cells show: one for each UTF-16 unit.
	const safe = [...text].map((character) => cells(character, theme.ascii).padEnd(character.length, '?')).join('');
	const from = Math.max(0, at - space + 1);
	const error = filter.error?.field === field ? filter.error.column - 1 : safe.length;
	const good = safe.slice(from, Math.max(from, Math.min(error, from + space)));
	const bad = safe.slice(Math.max(from, error), from + space);
	const hint = ghost.slice(0, Math.max(0, space - good.length - bad.length));
	const here = filter.field === field;
	const any = safe === '' && !here && field !== 'expression' ? 'any' : '';
	const blank = ' '.repeat(Math.max(0, space - good.length - bad.length - hint.length - any.length));
	const segments: Segment[] = [
		{text: good, style: here ? 'typed' : 'plain'},
		{text: bad, style: 'wrong'},
		{text: hint, style: 'faint'},
		{text: any, style: 'faint'},
		{text: blank, style: here ? 'typed' : 'plain'},
	];
	return {shown: segments.filter((segment) => segment.text !== ''), at: at - from};
}
