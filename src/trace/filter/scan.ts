import {FilterError, printable} from './error.js';

/** Longest filter that is read, in UTF-16 units. What is longer is a mistake, not a filter. */
export const MAX_LENGTH = 4096;

/** `and`, `or`, `not` are operators however they were written (`&&`, `||`, `!`); `end` is the end of the text. */
export interface Token {
	readonly kind: 'word' | 'and' | 'or' | 'not' | '(' | ')' | 'end';
	/** As in the source, '' for `end`. */
	readonly text: string;
	/** Where it begins, from 1. */
	readonly column: number;
}

const OPERATORS: ReadonlyMap<string, Token['kind']> = new Map([
	['and', 'and'],
	['&&', 'and'],
	['or', 'or'],
	['||', 'or'],
	['not', 'not'],
	['!', 'not'],
	['(', '('],
	[')', ')'],
]);

/** The tokens of a filter, the last one `end`. Throws FilterError when the text is too long or has a lone `&` or `|`. */
export function scan(text: string): Token[] {
	if (text.length > MAX_LENGTH) throw new FilterError(`longer than ${MAX_LENGTH} characters`, MAX_LENGTH + 1, '');
	const tokens: Token[] = [];
	for (const match of text.matchAll(/&&|\|\||[()!&|]|[^\s()!&|]+/g)) {
		const word = match[0];
		const column = match.index + 1;
		if (word === '&' || word === '|') throw new FilterError(`'${word}' must be '${word}${word}'`, column, word);
		tokens.push({kind: OPERATORS.get(word) ?? 'word', text: word, column});
	}
	tokens.push({kind: 'end', text: '', column: text.trimEnd().length + 1});
	return tokens;
}

/** The error about a token. */
export function errorAt(token: Token, message: string): FilterError {
	return new FilterError(message, token.column, printable(token.text));
}
