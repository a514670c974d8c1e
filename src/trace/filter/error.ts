import {sanitize} from '../text.js';

/** A filter that cannot be understood. `message` is one short line without control characters, fit for a terminal. */
export class FilterError extends Error {
	override readonly name = 'FilterError';

	/**
	 * @param column where `word` begins in the text, from 1, in UTF-16 units
	 * @param word the offending word as shown in the message (made printable, clipped); '' at the end of the text
	 */
	constructor(
		message: string,
		readonly column: number,
		readonly word: string,
	) {
		super(message);
	}
}

const SHOWN = 40;

/** A word of the user's text as it may be printed: made safe, and not longer than a message bears. */
export function printable(text: string): string {
	return sanitize(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
