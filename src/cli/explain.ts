/** `pkttop explain NAME`: what a function does for a packet, by its name of today or of Linux 2.4. */
import {type FunctionFacts, knownFunction, knownNames} from '../catalogue/knowledge.js';
import {sanitize} from '../trace/text.js';
import {cannot, Exit} from './exit.js';
import {didYouMean} from './near.js';
import {print} from './output.js';

const WIDTH = 80;

/** Prints the explanation and returns the exit code. Throws ExitError (1) for a name that is not known. */
export function explain(name: string): number {
	const facts = knownFunction(name);
	if (facts === undefined) throw cannot(unknown(name));
	print(explanation(facts));
	return Exit.done;
}

const KINDS = {
	function: 'kernel function',
	tracepoint: 'tracepoint',
	hook: 'netfilter hook',
	handler: 'protocol handler of pkttop',
	gone: 'gone',
} as const;
const DIRECTIONS = {in: 'received', out: 'sent', both: 'received or sent', none: 'none passes'} as const;

/** The text of an explanation: a heading, what it does, a line for each fact. */
export function explanation(facts: FunctionFacts): string {
	const {name, kind, group, classic, layer, direction, does, sleeps, frees, rare, note, names, module, absent} = facts;
	const gone = kind === 'gone';
	const now = names.length === 0 ? 'nothing' : names.join(', or ');
	const others = names.filter((other) => other !== name);
	const rows: (readonly [string, string])[] = [
		['kind', gone ? 'a function of Linux 2.4 that is gone' : KINDS[kind]],
		['in Linux 2.4', classic ?? 'nothing like it'],
		...(gone ? [['shown by', now] as const] : []),
		...(!gone && others.length > 0 ? [['or', others.join(', ')] as const] : []),
		['layer', layer],
		['group', group],
		['packets', DIRECTIONS[direction]],
		...(gone ? [] : callRows(sleeps, frees)),
		...(module === undefined ? [] : [['module', module] as const]),
		...(absent === undefined ? [] : [['kernels', absent] as const]),
		...(note === undefined ? [] : [[rare ? 'rare' : 'note', note] as const]),
	];
	const column = Math.max(...rows.map(([left]) => left.length)) + 4;
	const lines = rows.map(([left, right]) => `  ${left.padEnd(column - 2)}${wrap(right, column)}`);
	return `${name}\n  ${wrap(does, 2)}\n\n${lines.join('\n')}\n`;
}

const callRows = (sleeps: boolean, frees: boolean) =>
	[
		['may sleep', sleeps ? 'yes' : 'no'],
		['may free', frees ? 'yes: do not expect the packet after its end' : 'no'],
	] as const;

/** Breaks a text between words so that no line is wider than the page; lines after the first begin at `indent`. */
function wrap(text: string, indent: number): string {
	let line = '';
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
			lines.push(line);
			line = '';
		}
		line += line === '' ? word : ` ${word}`;
	}
	return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

function unknown(name: string): string {
	return `nothing is known of '${sanitize(name.slice(0, WIDTH))}'${didYouMean(name, knownNames())}`;
}
