/** The filter bar's fields and the one filter they make together. */
import {compileFilter} from '../trace/filter/compile.js';
import {FilterError} from '../trace/filter/error.js';
import {type Expression, join, MATCH_ALL, type Narrowing} from '../trace/filter/expression.js';
import {formatFilter} from '../trace/filter/format.js';
import {parseFilter} from '../trace/filter/parse.js';
import {compilePredicate, type Predicate} from '../trace/filter/predicate.js';
import {KEYWORDS, PROTOCOLS} from '../trace/filter/words.js';

export const FIELDS = ['expression', 'protocol', 'address', 'port', 'device'] as const;
export type Field = (typeof FIELDS)[number];
export type Fields = Readonly<Record<Field, string>>;

export const NO_FIELDS: Fields = {expression: '', protocol: '', address: '', port: '', device: ''};

/** What is wrong with which field. The column counts from 1, in the field's own text. */
export interface FieldError {
	readonly field: Field;
	readonly column: number;
	readonly message: string;
}

export interface Compiled {
	readonly fields: Fields;
	/** All fields as one expression; '' shows everything. */
	readonly text: string;
	/** struct filter for the kernel. */
	readonly bytes: Uint8Array;
	/** False: the kernel lets through more than is shown. */
	readonly exact: boolean;
	/** Undefined: everything is shown. */
	readonly predicate: Predicate | undefined;
}

/** @param base what the command line narrowed for good. */
export function compileFields(fields: Fields, base: Narrowing = {}): Compiled | FieldError {
	let expression: Expression = MATCH_ALL;
	for (const field of FIELDS) {
		const part = parseField(field, fields[field].trim());
		if ('message' in part) return part;
		if (part.kind !== 'and' || part.operands.length > 0) {
			expression = expression === MATCH_ALL ? part : join('and', expression, part);
		}
	}
	const device = fields.device.trim();
	const narrowing: Narrowing = {...base, ...(device === '' ? {} : {device})};
	const {bytes, exact} = compileFilter(expression, narrowing);
	const all = expression === MATCH_ALL && Object.keys(narrowing).length === 0;
	const only =
		fields.protocol + fields.address + fields.port === '' ? fields.expression.trim() : formatFilter(expression);
	const text = device === '' ? only : `${only}${only === '' ? '' : ', '}on ${device}`;
	return {fields, text, bytes, exact, predicate: all ? undefined : compilePredicate(expression, narrowing)};
}

export function isError(result: Compiled | FieldError): result is FieldError {
	return 'message' in result;
}

function parseField(field: Field, text: string): Expression | FieldError {
	if (text === '' || field === 'device') {
		const bad = field === 'device' && text !== '' && !/^(?!\.\.?$)[^\s/:]{1,15}$/.test(text);
		return bad ? {field, column: 1, message: 'this is no name of a device'} : MATCH_ALL;
	}
	const before = WORDS_BEFORE[field](text);
	const space = field === 'expression' ? -1 : text.search(/\s/);
	if (space >= 0) return {field, column: space + 1, message: 'one word here; more goes into the expression'};
	try {
		return parseFilter(before + text);
	} catch (error) {
		if (!(error instanceof FilterError)) throw error;
		return {field, column: Math.max(1, error.column - before.length), message: error.message};
	}
}

/** What makes the text of a field a filter. */
const WORDS_BEFORE: Readonly<Record<Field, (text: string) => string>> = {
	expression: () => '',
	protocol: (text) => (/^\d/.test(text) ? 'proto ' : ''),
	// As in the filter language, an address with bytes missing is a network.
	address: (text) => (text.includes('/') || /^\d+(\.\d+){0,2}$/.test(text) ? 'net ' : 'host '),
	port: (text) => (text.includes('-') ? 'portrange ' : 'port '),
	device: () => '',
};

/** What would complete the word before the cursor, '' for nothing. */
export function completion(field: Field, text: string, at: number, devices: readonly string[]): string {
	if (at !== text.length) return '';
	const word = /[^\s()!&|]*$/.exec(text)?.[0] ?? '';
	if (word === '') return '';
	const words =
		field === 'expression'
			? KEYWORDS
			: field === 'protocol'
				? PROTOCOLS.map(({name}) => name)
				: field === 'device'
					? devices
					: [];
	return (
		words.find((candidate) => candidate.length > word.length && candidate.startsWith(word))?.slice(word.length) ?? ''
	);
}
