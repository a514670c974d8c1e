/** One primitive: what an address or a number means after its qualifiers. */
import {Family} from '../record.js';
import {parseNetwork} from './address.js';
import {type FilterError, printable} from './error.js';
import type {Direction, Primitive} from './expression.js';
import {errorAt, type Token} from './scan.js';
import {PROTOCOLS, type Protocol, type Type} from './words.js';

/** What stands before an address or a number: `tcp src port`. Each part may be missing. */
export interface Qualifiers {
	readonly protocol?: Protocol;
	readonly direction?: Direction;
	readonly type?: Type;
	/** Their first word, for errors. */
	readonly token?: Token;
}

/** Whether a word can only be an address or a number: it begins with a digit or has the colon of IPv6. */
export const isId = (token: Token): boolean => token.kind === 'word' && /^[0-9]|:/.test(token.text);

const isAddress = (token: Token): boolean => /[.:/]/.test(token.text);

/** The qualifiers' type or, where they have none, what the look of the word says: a number is a port. */
export function typeOf(qualifiers: Qualifiers, id: Token): Type {
	if (qualifiers.type) return qualifiers.type;
	if (!isAddress(id)) return 'port';
	return id.text.includes('/') ? 'net' : 'host';
}

/**
 * Whether qualifiers that were not written before this word, but before an earlier one, can be meant for it, too: not
 * those of a port for an address, nor those of a host for a number.
 */
export function fits({type, protocol}: Qualifiers, id: Token): boolean {
	if (isAddress(id)) return type === undefined ? protocol === undefined || protocol.proto === 0 : isOfAddress(type);
	return type === undefined ? protocol === undefined || hasPorts(protocol) : type !== 'host';
}

const isOfAddress = (type: Type): boolean => type === 'host' || type === 'net';
const hasPorts = ({family, proto}: Protocol): boolean => family === Family.NONE && proto !== 0;

/** The primitive of these qualifiers and this word, with the `mask` of a `net` where there is one. Throws FilterError. */
export function primitive(qualifiers: Qualifiers, id: Token, mask?: Token): Primitive {
	const type = typeOf(qualifiers, id);
	if (type === 'proto') return protoTest(qualifiers, id);
	if (isOfAddress(type)) return hostTest(qualifiers, id, type, mask);
	if (qualifiers.protocol && !hasPorts(qualifiers.protocol))
		throw misqualified(qualifiers, id, qualifiers.protocol, type);
	const direction = qualifiers.direction ?? 'either';
	const [lo, hi] = type === 'port' ? port(id) : portRange(id);
	return {kind: 'port', direction, proto: qualifiers.protocol?.proto ?? 0, lo, hi};
}

function hostTest(qualifiers: Qualifiers, id: Token, type: Type, mask: Token | undefined): Primitive {
	const {protocol, direction = 'either'} = qualifiers;
	const word = printable(id.text);
	if (protocol && protocol.proto !== 0) throw misqualified(qualifiers, id, protocol, type);
	if (!isId(id)) throw errorAt(id, `'${word}' is no address; names are not looked up`);
	if (type === 'host' && !isAddress(id)) throw errorAt(id, `'${word}' is not an address (for a port say port ${word})`);
	// Where `host` was inherited, a network after it is meant to share the rest.
	if (qualifiers.type === 'host' && id.text.includes('/') && qualifiers.token !== undefined) {
		throw errorAt(id, `host takes no mask length; say net ${word}`);
	}
	const network = parseNetwork(id, mask);
	const family = network.address.length === 4 ? Family.IPV4 : Family.IPV6;
	if (protocol && (protocol.family === Family.IPV6) !== (family === Family.IPV6)) {
		throw errorAt(id, `'${word}' is no address of ${protocol.name}`);
	}
	return {kind: 'host', direction, family: protocol?.family ?? Family.NONE, ...network};
}

function protoTest({protocol, direction, token}: Qualifiers, id: Token): Primitive {
	if (direction) throw errorAt(token ?? id, 'proto has no src or dst');
	if (protocol && (protocol.proto !== 0 || protocol.family === Family.ARP)) {
		throw errorAt(token ?? id, `${protocol.name} cannot stand before proto`);
	}
	// pcap wants its own words escaped here: proto \tcp
	const name = id.text.replace(/^\\/, '');
	const named = PROTOCOLS.find((known) => known.name === name && known.proto !== 0);
	const proto = named?.proto ?? number(id, id.text, 'protocol', 255);
	return {kind: 'proto', family: protocol?.family ?? Family.NONE, proto};
}

function port(id: Token): [number, number] {
	if (/^\d+-\d+$/.test(id.text)) throw errorAt(id, `'${printable(id.text)}' is a range; say portrange`);
	const lo = number(id, id.text, 'port', 65535);
	return [lo, lo];
}

function portRange(id: Token): [number, number] {
	const [first = '', last = first, ...rest] = id.text.split('-');
	if (rest.length > 0 || first === '' || last === '') throw errorAt(id, 'portrange needs two numbers like 80-90');
	const lo = /^0+$/.test(first) ? 0 : number(id, first, 'port', 65535);
	const hi = number(id, last, 'port', 65535);
	if (lo > hi) throw errorAt(id, `portrange ${lo}-${hi} is backwards; ${hi}-${lo}?`);
	return [lo, hi];
}

function number(id: Token, text: string, what: string, most: number): number {
	const shown = printable(text);
	if (/^[a-z]/i.test(text)) throw errorAt(id, `'${shown}' is no number; ${what} names are not looked up`);
	if (!/^(0|[1-9]\d*)$/.test(text)) throw errorAt(id, `'${shown}' is not a decimal number`);
	if (Number(text) > most) throw errorAt(id, `${what} ${shown} is above ${most}`);
	if (text === '0') throw errorAt(id, `${what} 0 is on no packet; say 1 to ${most}`);
	return Number(text);
}

function misqualified({token}: Qualifiers, id: Token, {name}: Protocol, type: Type): FilterError {
	return errorAt(token ?? id, `'${name}' cannot qualify ${type}; say ${name} and ${type} …`);
}
