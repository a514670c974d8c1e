/** What a function does, in a sentence or two. */
import {GROUPS} from '../../catalogue/catalogue.js';
import {knownFunction} from '../../catalogue/knowledge.js';
import type {TracedFunction} from '../../trace/session.js';
import type {Segment} from '../chrome/segment.js';
import {queueWords} from '../tables/queues.js';
import {type Content, field, paragraph} from './content.js';

const DIRECTIONS = {in: 'packets that come in', out: 'packets that go out', both: 'both directions', none: ''} as const;

export function explainContent(fn: TracedFunction | undefined, cells: number): Content {
	if (fn === undefined) return {title: 'Explain', lines: paragraph('Nothing is selected.', cells)};
	const facts = knownFunction(fn.name, fn.mark);
	if (facts === undefined) {
		const kind = fn.mark ? 'a mark' : 'a function';
		const text = `Nothing more is known of it than that it is ${kind} of the group ${fn.group}.`;
		return {title: fn.name, lines: [...paragraph(text, cells), ...attachment(fn, cells)]};
	}
	const notes = [facts.sleeps ? 'may sleep' : '', facts.frees ? 'frees the packet' : ''].filter((note) => note !== '');
	return {
		title: fn.name,
		lines: [
			...paragraph(facts.does, cells),
			[],
			...field('layer', `${facts.layer}, group ${fn.group}`, cells),
			...field('direction', DIRECTIONS[facts.direction], cells),
			...field('in Linux 2.4', facts.classic ?? '', cells, 13),
			...field('notes', notes.join(', '), cells),
			...attachment(fn, cells),
		],
	};
}

/** What waits in a queue. @param name of its row among the functions. */
export function queueContent(name: string, cells: number): Content {
	const text = `How long packets or sockets wait between being put in and being taken out: ${queueWords(name)}.`;
	return {title: name, lines: paragraph(text, cells)};
}

/** What a group has in common. */
export function groupContent(group: string, cells: number): Content {
	const about = GROUPS.find(({name}) => name === group)?.about ?? 'Functions that belong to no other group.';
	return {title: group, lines: paragraph(about, cells)};
}

function attachment({backend = '', why = ''}: TracedFunction, cells: number): Segment[][] {
	return [...field('attached by', backend, cells), ...field('not attached', why, cells, 13)];
}
