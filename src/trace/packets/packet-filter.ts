/**
 * A filter on packets by what became of them and how long it took: `dropped or time > 5ms`, `wait qdisc > 100us`. As in the
 * filter of records `not` binds tightest, `and` and `or` equally, from the left.
 */
import {printable} from '../filter/error.js';
import {errorAt, scan, type Token} from '../filter/scan.js';
import {editDistance} from '../filter/words.js';
import {FATES} from './fate.js';
import type {PacketRow} from './packet-row.js';
import {QUEUES} from './queues.js';

export type PacketTest = (row: PacketRow) => boolean;

/** Figures of a packet that can be compared, ns. */
const FIGURES: Readonly<Record<string, (row: PacketRow) => number>> = {
	time: (row) => row.total,
	functions: (row) => row.inFunctions,
	queues: (row) => row.inQueues,
	between: (row) => row.between,
};
const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
	'>': (a, b) => a > b,
	'>=': (a, b) => a >= b,
	'<': (a, b) => a < b,
	'<=': (a, b) => a <= b,
	'=': (a, b) => a === b,
	'==': (a, b) => a === b,
};
/** In ns. */
const UNITS: Readonly<Record<string, number>> = {ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9};
const QUEUE_NAMES: readonly string[] = QUEUES.map(({name}) => name);

/** Every word that may stand in such a filter beside times; for completion. */
export const PACKET_KEYWORDS: readonly string[] = [
	...FATES,
	...Object.keys(FIGURES),
	'fate',
	'wait',
	...QUEUE_NAMES,
	'and',
	'or',
	'not',
];

/** Parentheses inside parentheses. */
const MAX_DEPTH = 64;

/**
 * The meaning of such a filter; blank text matches every packet. `fate F` or F alone: what became of it. `time`, `functions`,
 * `queues`, `between` and a comparison with a time: its age and the parts of that. `wait Q`: it has been in that queue;
 * `wait Q > 1ms`, `wait > 1ms`: one of its waits there, or anywhere, that is over was so long. Throws FilterError alone.
 */
export function parsePacketFilter(text: string): PacketTest {
	const tokens = scan(text).flatMap(split);
	return tokens.length === 1 ? () => true : new Parser(tokens).filter();
}

/** Comparisons need no spaces around them. */
function split(token: Token): Token[] {
	if (token.kind !== 'word') return [token];
	return [...token.text.matchAll(/[<>]=?|==?|[^<>=]+/g)].map((match) => ({
		kind: token.kind,
		text: match[0],
		column: token.column + match.index,
	}));
}

class Parser {
	private at = 0;
	private depth = 0;

	constructor(private readonly tokens: readonly Token[]) {}

	filter(): PacketTest {
		const test = this.expression();
		const rest = this.peek();
		if (rest.kind === ')') throw errorAt(rest, "')' without '('");
		if (rest.kind !== 'end') throw errorAt(rest, `expected 'and' or 'or' before '${printable(rest.text)}'`);
		return test;
	}

	private peek(): Token {
		return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token;
	}

	private next(): Token {
		const token = this.peek();
		this.at++;
		return token;
	}

	private expression(): PacketTest {
		const first = this.operand();
		const rest: {and: boolean; test: PacketTest}[] = [];
		for (let token = this.peek(); token.kind === 'and' || token.kind === 'or'; token = this.peek()) {
			this.next();
			rest.push({and: token.kind === 'and', test: this.operand(token)});
		}
		if (rest.length === 0) return first;
		// A loop and not one function in another: a long chain must not take the stack.
		return (row) => {
			let holds = first(row);
			for (const {and, test} of rest) if (holds === and) holds = test(row);
			return holds;
		};
	}

	/** @param before the operator that needs this operand, for errors. */
	private operand(before?: Token): PacketTest {
		let asked = before;
		let negated = false;
		while (this.peek().kind === 'not') {
			asked = this.next();
			negated = !negated;
		}
		const test = this.term(asked);
		return negated ? (row) => !test(row) : test;
	}

	private term(asked: Token | undefined): PacketTest {
		const token = this.next();
		if (token.kind === 'word') return this.word(token);
		if (token.kind === '(') return this.group(token);
		if (asked) throw errorAt(asked, `'${asked.text}' needs something after it`);
		if (token.kind === ')') throw errorAt(token, "')' without '('");
		throw errorAt(token, `'${token.text}' needs something before it`);
	}

	private group(open: Token): PacketTest {
		if (++this.depth > MAX_DEPTH) throw errorAt(open, `more than ${MAX_DEPTH} parentheses inside each other`);
		if (this.peek().kind === ')') throw errorAt(open, 'nothing between the parentheses');
		if (this.peek().kind === 'end') throw errorAt(open, "'(' is not closed");
		const test = this.expression();
		const close = this.next();
		if (close.kind === 'end') throw errorAt(open, "'(' is not closed");
		if (close.kind !== ')') throw errorAt(close, `expected 'and' or 'or' before '${printable(close.text)}'`);
		this.depth--;
		return test;
	}

	private word(token: Token): PacketTest {
		if (isFate(token.text)) return fateTest(token.text);
		if (token.text === 'fate') return this.fate(token);
		if (token.text === 'wait') return this.wait(token);
		const figure = own(FIGURES, token.text);
		if (figure === undefined) throw unknown(token);
		if (!this.compares()) throw errorAt(token, `'${token.text}' needs > or < and a time after it`);
		const test = this.comparison();
		return (row) => test(figure(row));
	}

	private fate(word: Token): PacketTest {
		const token = this.next();
		if (isFate(token.text)) return fateTest(token.text);
		if (token.kind !== 'word') throw errorAt(word, `'fate' needs one of ${FATES.join(', ')} after it`);
		throw errorAt(token, `no fate is called '${printable(token.text)}'${meant(token.text, FATES)}`);
	}

	private wait(word: Token): PacketTest {
		let queue = -1;
		const token = this.peek();
		if (token.kind === 'word' && !this.compares()) {
			this.next();
			queue = QUEUE_NAMES.indexOf(token.text);
			if (queue < 0) {
				throw errorAt(token, `no queue is called '${printable(token.text)}'${meant(token.text, QUEUE_NAMES)}`);
			}
			if (!this.compares()) return (row) => row.hasWaited(queue);
		} else if (token.kind !== 'word') throw errorAt(word, "'wait' needs a queue or a time after it");
		const test = this.comparison();
		return (row) => {
			if (queue < 0 ? row.inQueues === 0 : !row.hasWaited(queue)) return false;
			return row.waits().some((one) => {
				return (queue < 0 || one.queue === queue) && one.end < Number.POSITIVE_INFINITY && test(one.end - one.begin);
			});
		};
	}

	private compares(): boolean {
		return this.peek().kind === 'word' && own(COMPARISONS, this.peek().text) !== undefined;
	}

	/** A comparison and the time behind it. */
	private comparison(): (value: number) => boolean {
		const operator = this.next();
		const compare = own(COMPARISONS, operator.text) as (a: number, b: number) => boolean;
		const token = this.next();
		if (token.kind !== 'word') throw errorAt(operator, `'${operator.text}' needs a time like 5ms after it`);
		const [, number, unit] = /^(\d+\.?\d*|\.\d+)(\D*)$/.exec(token.text) ?? [];
		if (number === undefined) throw errorAt(token, `'${printable(token.text)}' is no time like 5ms`);
		// The unit may stand by itself.
		const scale = own(UNITS, unit === '' ? this.peek().text : (unit ?? ''));
		if (scale === undefined) throw errorAt(token, `'${printable(token.text)}' needs a unit: ns, us, ms or s`);
		if (unit === '') this.next();
		const limit = Number(number) * scale;
		return (value) => compare(value, limit);
	}
}

const isFate = (text: string): boolean => (FATES as readonly string[]).includes(text);

function fateTest(fate: string): PacketTest {
	return (row) => row.fate === fate;
}

/** Not what every object has. */
function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
	return Object.hasOwn(table, key) ? table[key] : undefined;
}

function unknown(token: Token) {
	const word = printable(token.text);
	if (own(COMPARISONS, token.text) !== undefined) return errorAt(token, `'${word}' needs something before it`);
	if (QUEUE_NAMES.includes(token.text)) return errorAt(token, `'${word}' is a queue: say wait ${word}`);
	return errorAt(token, `unknown word '${word}'${meant(token.text, PACKET_KEYWORDS)}`);
}

function meant(text: string, words: readonly string[]): string {
	const word = text.toLowerCase();
	if (word.length > 16) return '';
	const [best] = words.map((one) => ({one, distance: editDistance(word, one)})).sort((a, b) => a.distance - b.distance);
	return best !== undefined && best.distance < (word.length < 5 ? 2 : 3) ? ` (did you mean ${best.one}?)` : '';
}
