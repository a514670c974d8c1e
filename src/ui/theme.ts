/**
 * How things look: SGR parameters by meaning, and the characters of the pictures. Text has the terminal's own foreground;
 * of colours only the 16 of the terminal's theme, and no meaning by colour alone.
 */
import type {Layer} from '../catalogue/knowledge.js';

export interface Glyphs {
	readonly begin: string;
	readonly end: string;
	readonly guide: string;
	readonly point: string;
	readonly onTop: string;
	readonly folded: string;
	readonly unfolded: string;
	readonly arrow: string;
	readonly path: string;
	readonly ellipsis: string;
	readonly line: string;
	/** Eighths of a cell from the left, 1 to 8. */
	readonly bar: readonly string[];
	/** Eighths of a cell from below, 0 to 8. */
	readonly spark: readonly string[];
	readonly down: string;
	readonly up: string;
	readonly live: string;
	readonly record: string;
	/** Before a wait; one dot of a time in which it waits; where something is. */
	readonly wait: string;
	readonly dotted: string;
	readonly solid: string;
}

const UNICODE: Glyphs = {
	begin: '┌',
	end: '└',
	guide: '│',
	point: '├',
	onTop: '┊',
	folded: '▸',
	unfolded: '▾',
	arrow: '→',
	path: '›',
	ellipsis: '…',
	line: '─',
	bar: ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
	spark: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
	down: '▼',
	up: '▲',
	live: '●',
	record: '◉',
	wait: '⋯',
	dotted: '┄',
	solid: '█',
};

const ASCII: Glyphs = {
	begin: '/',
	end: '\\',
	guide: '|',
	point: '+',
	onTop: ':',
	folded: '>',
	unfolded: 'v',
	arrow: '>',
	path: '>',
	ellipsis: '~',
	line: '-',
	bar: ['-', '-', '-', '-', '=', '=', '=', '#'],
	spark: [' ', '_', '.', '.', '-', '=', '+', '*', '#'],
	down: 'v',
	up: '^',
	live: '*',
	record: '@',
	wait: '~',
	dotted: '.',
	solid: '#',
};

/** SGR parameters; '' is plain text. */
const COLOURS = {
	plain: '',
	strong: '1',
	faint: '2',
	title: '1',
	heading: '1;4',
	drop: '1;31',
	lost: '1;31',
	warn: '33',
	good: '32',
	hot: '33',
	time: '36',
	accent: '36',
	softirq: '35',
	selected: '7',
	typed: '4',
	wrong: '4;31',
} as const;

export type StyleName = keyof typeof COLOURS;

/** Neighbours in the stack differ in hue; none is the red of drops and losses. */
const LAYERS: Readonly<Record<Layer, string>> = {
	socket: '35',
	tcp: '32',
	udp: '33',
	icmp: '93',
	ip: '36',
	netfilter: '95',
	neighbour: '92',
	queue: '34',
	device: '94',
	other: '',
};

export interface Theme {
	readonly ascii: boolean;
	readonly color: boolean;
	readonly glyphs: Glyphs;
	/** SGR parameters of a meaning. */
	style(name: StyleName): string;
	/** SGR parameters of a kernel layer. */
	layer(layer: Layer): string;
}

/** @param color false: attributes stay (bold, faint, reverse), colours go. */
export function makeTheme(color: boolean, ascii: boolean): Theme {
	const plain = (parameters: string): string =>
		color
			? parameters
			: parameters
					.split(';')
					.filter((one) => one.length === 1)
					.join(';');
	const styles = Object.fromEntries(Object.entries(COLOURS).map(([name, value]) => [name, plain(value)]));
	return {
		ascii,
		color,
		glyphs: ascii ? ASCII : UNICODE,
		style: (name) => styles[name] ?? '',
		layer: (layer) => plain(LAYERS[layer]),
	};
}

/** The environment's word on colour, where the command line says `auto`. */
export function wantsColor(choice: 'auto' | 'always' | 'never', env: NodeJS.ProcessEnv): boolean {
	if (choice !== 'auto') return choice === 'always';
	return (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

/** Whether the locale cannot show more than ASCII. */
export function wantsAscii(env: NodeJS.ProcessEnv): boolean {
	const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
	return !/utf-?8/i.test(locale);
}
