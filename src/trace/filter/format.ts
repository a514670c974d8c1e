/** Expression back to text. */
import {Family} from '../record.js';
import {formatAddress, maskLength} from './address.js';
import type {Direction, Expression, HostTest, PortTest, ProtoTest} from './expression.js';
import {PROTOCOLS} from './words.js';

const DIRECTION: Readonly<Record<Direction, string>> = {either: '', src: 'src ', dst: 'dst ', both: 'src and dst '};

/**
 * The filter with every qualifier written out and every mixture of `and` and `or` in parentheses; '' matches all.
 * parseFilter() of it gives the same expression, unless it has become too long or too deep for the parser.
 */
export function formatFilter(expression: Expression): string {
	switch (expression.kind) {
		case 'and':
		case 'or':
			return expression.operands.map(operand).join(` ${expression.kind} `);
		case 'not':
			return `not ${operand(expression.operand)}`;
		case 'family':
			return protocolName(expression.family, 0);
		case 'proto':
			return proto(expression);
		case 'host':
			return host(expression);
		case 'port':
			return port(expression);
	}
}

function operand(expression: Expression): string {
	const text = formatFilter(expression);
	return expression.kind === 'and' || expression.kind === 'or' ? `(${text})` : text;
}

function protocolName(family: number, proto: number): string {
	return PROTOCOLS.find((known) => known.family === family && known.proto === proto)?.name ?? '';
}

function proto({family, proto}: ProtoTest): string {
	const name = protocolName(family, proto);
	if (name !== '') return name;
	return family === Family.NONE ? `proto ${proto}` : `${protocolName(family, 0)} proto ${proto}`;
}

function host({family, direction, address, mask}: HostTest): string {
	const qualifiers = `${family === Family.NONE ? '' : `${protocolName(family, 0)} `}${DIRECTION[direction]}`;
	const length = maskLength(mask);
	const text = formatAddress(address);
	if (length === undefined) return `${qualifiers}net ${text} mask ${formatAddress(mask)}`;
	return length === mask.length * 8 ? `${qualifiers}host ${text}` : `${qualifiers}net ${text}/${length}`;
}

function port({proto, direction, lo, hi}: PortTest): string {
	const qualifiers = `${proto === 0 ? '' : `${protocolName(Family.NONE, proto)} `}${DIRECTION[direction]}`;
	return lo === hi ? `${qualifiers}port ${lo}` : `${qualifiers}portrange ${lo}-${hi}`;
}
