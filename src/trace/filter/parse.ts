/** Text to Expression: the grammar of pcap-filter(7), without names to look up. */
import {printable} from './error.js';
import {type Direction, type Expression, join, MATCH_ALL, opposite} from './expression.js';
import {fits, isId, primitive, type Qualifiers, typeOf} from './primitive.js';
import {errorAt, scan, type Token} from './scan.js';
import {KEYWORDS, PROTOCOLS, type Protocol, TYPES, unknownWord} from './words.js';

/** Parentheses inside parentheses. */
const MAX_DEPTH = 64;

/**
 * The meaning of a filter; blank text matches everything. `not` binds tightest, `and` and `or` equally, from the left.
 * An address or number without qualifiers takes those of the one before it (`src port 80 or 443`) where they can be
 * meant for it, else none. Throws FilterError and nothing else.
 */
export function parseFilter(text: string): Expression {
	const tokens = scan(text);
	return tokens.length === 1 ? MATCH_ALL : new Parser(tokens).filter();
}

class Parser {
	#at = 0;
	#depth = 0;
	/** The qualifiers last written, for the addresses and numbers that follow without. */
	#inherited: Qualifiers = {};
	/** Inside the parentheses of `port (80 or 443)`, where nothing but addresses and numbers may stand. */
	#idsOnly = false;

	constructor(readonly tokens: readonly Token[]) {}

	filter(): Expression {
		const expression = this.#expression();
		const rest = this.#peek();
		if (rest.kind === ')') throw errorAt(rest, "')' without '('");
		if (rest.kind !== 'end') throw errorAt(rest, `expected 'and' or 'or' before '${printable(rest.text)}'`);
		return expression;
	}

	#peek(ahead = 0): Token {
		return this.tokens[Math.min(this.#at + ahead, this.tokens.length - 1)]!;
	}

	#next(): Token {
		const token = this.#peek();
		this.#at++;
		return token;
	}

	#expression(): Expression {
		let left = this.#operand();
		for (;;) {
			const operator = this.#peek();
			if (operator.kind !== 'and' && operator.kind !== 'or') return left;
			this.#next();
			left = join(operator.kind, left, this.#operand(operator));
		}
	}

	/** @param before the operator that needs this operand, for errors */
	#operand(before?: Token): Expression {
		let asked = before;
		let negated = false;
		while (this.#peek().kind === 'not') {
			asked = this.#next();
			negated = !negated;
		}
		const expression = this.#term(asked);
		return negated ? opposite(expression) : expression;
	}

	#term(asked: Token | undefined): Expression {
		const token = this.#next();
		switch (token.kind) {
			case 'word':
				return this.#primitive(token);
			case '(':
				return this.#group(token);
			default:
				if (asked) throw errorAt(asked, `'${asked.text}' needs something after it`);
				if (token.kind === ')') throw errorAt(token, "')' without '('");
				throw errorAt(token, `'${token.text}' needs something before it`);
		}
	}

	#group(open: Token): Expression {
		if (++this.#depth > MAX_DEPTH) throw errorAt(open, `more than ${MAX_DEPTH} parentheses inside each other`);
		if (this.#peek().kind === ')') throw errorAt(open, 'nothing between the parentheses');
		if (this.#peek().kind === 'end') throw errorAt(open, "'(' is not closed");
		const before = this.#inherited;
		const expression = this.#expression();
		const close = this.#next();
		if (close.kind === 'end') throw errorAt(open, "'(' is not closed");
		if (close.kind !== ')') throw errorAt(close, `expected 'and' or 'or' before '${printable(close.text)}'`);
		// As in pcap, qualifiers written inside parentheses end there.
		if (this.#inherited !== before) this.#inherited = {};
		this.#depth--;
		return expression;
	}

	#primitive(first: Token): Expression {
		if (isId(first)) return this.#id(this.#inheritedFor(first), first);
		if (this.#idsOnly) throw errorAt(first, `only addresses and numbers here, not '${printable(first.text)}'`);
		this.#at--;
		const protocol = this.#protocol();
		const direction = this.#direction();
		const type = this.#type();
		const last = this.tokens[this.#at - 1];
		if (!protocol && !direction && !type) {
			throw first.text === 'mask' ? errorAt(first, "'mask' comes after a net") : unknownWord(first);
		}
		if (protocol && !direction && !type && !isId(this.#peek())) {
			this.#inherited = {};
			return protocol.proto === 0
				? {kind: 'family', family: protocol.family}
				: {kind: 'proto', family: protocol.family, proto: protocol.proto};
		}
		this.#inherited = {...(protocol && {protocol}), ...(direction && {direction}), ...(type && {type})};
		return this.#qualified({...this.#inherited, token: first}, last!);
	}

	/** What follows qualifiers: an address or number, or several in parentheses, each with `not` before it if wanted. */
	#qualified(qualifiers: Qualifiers, last: Token): Expression {
		let negated = false;
		while (this.#peek().kind === 'not') {
			this.#next();
			negated = !negated;
		}
		const expression = this.#ids(qualifiers, last);
		return negated ? opposite(expression) : expression;
	}

	#ids(qualifiers: Qualifiers, last: Token): Expression {
		const token = this.#next();
		if (token.kind === '(') {
			this.#idsOnly = true;
			const group = this.#group(token);
			this.#idsOnly = false;
			return group;
		}
		const isProtocol = PROTOCOLS.some(({name}) => name === token.text);
		if (isProtocol && qualifiers.type !== 'proto') {
			throw errorAt(token, `'${token.text}' must come before '${last.text}'`);
		}
		if (token.kind !== 'word' || (KEYWORDS.includes(token.text) && !isProtocol)) {
			const what = qualifiers.type === undefined ? 'an address or a port' : WANTS[qualifiers.type];
			throw errorAt(last, `'${last.text}' needs ${what} after it`);
		}
		if (qualifiers.type === undefined && !isId(token)) throw unknownWord(token);
		return this.#id(qualifiers, token);
	}

	#id(qualifiers: Qualifiers, id: Token): Expression {
		if (typeOf(qualifiers, id) !== 'net' || this.#peek().text !== 'mask') return primitive(qualifiers, id);
		const word = this.#next();
		const mask = this.#next();
		if (!isId(mask)) throw errorAt(word, "'mask' needs a mask like 255.255.0.0 after it");
		return primitive(qualifiers, id, mask);
	}

	#inheritedFor(id: Token): Qualifiers {
		const inherited = this.#inherited;
		if (fits(inherited, id)) return inherited;
		if (inherited.direction === undefined && !this.#idsOnly) return {};
		throw errorAt(id, `say what '${printable(id.text)}' is: it cannot share the words before it`);
	}

	#protocol(): Protocol | undefined {
		const protocol = PROTOCOLS.find(({name}) => name === this.#peek().text);
		if (protocol) this.#next();
		return protocol;
	}

	#direction(): Direction | undefined {
		const isSide = (text: string): text is 'src' | 'dst' => text === 'src' || text === 'dst';
		const first = this.#peek().text;
		if (!isSide(first)) return undefined;
		this.#next();
		const {kind} = this.#peek();
		const second = this.#peek(1).text;
		if ((kind !== 'and' && kind !== 'or') || !isSide(second) || second === first) return first;
		this.#at += 2;
		return kind === 'and' ? 'both' : 'either';
	}

	#type() {
		const type = TYPES.find((name) => name === this.#peek().text);
		if (type) this.#next();
		return type;
	}
}

const WANTS = {
	host: 'an address',
	net: 'a network',
	port: 'a number',
	portrange: 'a range like 80-90',
	proto: 'a number',
} as const;
