/** Text for cells of a terminal: every character takes one cell, so that length is width. */
import {sanitize} from '../trace/text.js';

/** Characters that are one cell wide in every terminal: Latin, Greek, Cyrillic, arrows, box drawing, blocks, Braille. */
const WIDE =
	/[^ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u25ff\u2713\u2717\u2800-\u28ff]/gu;
const BEYOND_ASCII = /[^ -~]/gu;

/** Text from outside, made safe, each character that may not be one cell wide as `?`; with `ascii` all beyond it. */
export function cells(text: string, ascii: boolean): string {
	return sanitize(text).replace(ascii ? BEYOND_ASCII : WIDE, '?');
}

/** Cut to `width` cells, with an ellipsis where something is missing. */
export function clip(text: string, width: number, ellipsis = '…'): string {
	if (text.length <= width) return text;
	return width <= 0 ? '' : `${text.slice(0, width - 1)}${ellipsis[0]}`;
}

/** Words of a text in lines of at most `width` cells; a longer word is broken. */
export function wrap(text: string, width: number): string[] {
	const lines: string[] = [];
	const most = Math.max(1, width);
	let line = '';
	for (const word of text.split(' ')) {
		let rest = word;
		if (line !== '' && line.length + 1 + rest.length > most) {
			lines.push(line);
			line = '';
		}
		while (rest.length > most) {
			lines.push(rest.slice(0, most));
			rest = rest.slice(most);
		}
		line = line === '' ? rest : `${line} ${rest}`;
	}
	if (line !== '') lines.push(line);
	return lines;
}
