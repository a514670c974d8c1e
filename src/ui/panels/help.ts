/** The help, from the table of commands. */

import type {Segment} from '../chrome/segment.js';
import {COMMANDS, keyName, PANES, type Place} from '../keys.js';
import type {Content} from './content.js';

const SECTIONS: readonly {readonly title: string; readonly has: (places: readonly Place[]) => boolean}[] = [
	{title: 'Everywhere', has: (places) => places.includes('trace') && places.includes('functions')},
	{title: 'Trace', has: (places) => places.includes('trace') && !places.includes('functions')},
	{title: 'Tables', has: (places) => !places.includes('trace') && PANES.some((pane) => places.includes(pane))},
	{title: 'While something is typed', has: (places) => !PANES.some((pane) => places.includes(pane))},
];

const KEY_CELLS = 16;

export function helpContent(cells: number): Content {
	const sections = SECTIONS.map(({title, has}) => {
		const rows = COMMANDS.filter(({places}) => has(places)).map(({keys, help}): Segment[] => [
			{text: keys.map(keyName).join(' ').padEnd(KEY_CELLS), style: 'title'},
			{text: help},
		]);
		return [[{text: title, style: 'heading' as const}], ...rows, []];
	});
	const [everywhere = [], ...rest] = sections;
	const right = rest.flat();
	return {title: 'Keys', lines: cells < 110 ? sections.flat() : beside(everywhere, right, Math.floor(cells / 2))};
}

/** Two columns. */
function beside(left: readonly Segment[][], right: readonly Segment[][], column: number): Segment[][] {
	return Array.from({length: Math.max(left.length, right.length)}, (_, row) => {
		const first = left[row] ?? [];
		const used = first.reduce((sum, {text}) => sum + text.length, 0);
		return [...first, {text: ' '.repeat(Math.max(1, column - used))}, ...(right[row] ?? [])];
	});
}
