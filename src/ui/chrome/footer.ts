/** The last line: what the keys do here, or what there is to say. */
import {hints, keyName} from '../keys.js';
import {placeOf, type State} from '../state.js';
import {cells} from '../text.js';
import type {Theme} from '../theme.js';
import {cut, fitting, type Item, type Segment} from './segment.js';

export interface Foot {
	readonly segments: readonly Segment[];
	/** Column of the cursor where something is typed here. */
	readonly cursor: number | undefined;
}

const PROMPTS = {
	find: 'find function: ',
	seek: 'go to time (HH:MM:SS.ffffff or +SECONDS): ',
	packets: 'fate/time: ',
} as const;

export function footer(state: State, columns: number, theme: Theme): Foot {
	const {prompt, filter, message} = state;
	if (prompt !== undefined) {
		const label = PROMPTS[prompt.kind];
		const typed = cells(prompt.line.text, theme.ascii);
		const error = prompt.error === '' ? [] : [{text: `  ${prompt.error}`, style: 'lost' as const}];
		const segments = [{text: label, style: 'title' as const}, {text: typed}, ...error];
		return {segments: cut(segments, columns), cursor: Math.min(columns - 1, label.length + prompt.line.at)};
	}
	if (filter.field !== undefined && filter.error !== undefined) {
		const {field, column, message: text} = filter.error;
		const where = `${field}, column ${column}: `;
		return said([{text: where, style: 'lost'}, {text: cells(text, theme.ascii)}], columns);
	}
	if (message !== undefined)
		return said([{text: cells(message.text, theme.ascii), style: message.bad ? 'lost' : 'good'}], columns);
	const place = placeOf(state);
	const items: Item[] = hints(place).map(({key, word}, index) => ({
		rank: index,
		segments: [
			{text: key, style: 'title' as const},
			{text: ` ${word}`, style: 'faint' as const},
		],
	}));
	if (place === 'filter' && filter.field === 'expression') {
		items.push({
			rank: 9,
			segments: [
				{text: keyName('right'), style: 'title'},
				{text: ' complete', style: 'faint'},
			],
		});
	}
	return {segments: fitting(items, columns), cursor: undefined};
}

function said(segments: readonly Segment[], columns: number): Foot {
	return {segments: cut(segments, columns), cursor: undefined};
}
