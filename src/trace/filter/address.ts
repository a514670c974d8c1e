/** IPv4 and IPv6 addresses and networks as text and as bytes on the wire. */
import {ipv4Text, ipv6Bytes, ipv6Text} from '../address.js';
import {type FilterError, printable} from './error.js';
import {errorAt, type Token} from './scan.js';

export interface Network {
	/** 4 or 16 bytes, network order. */
	readonly address: Uint8Array;
	readonly mask: Uint8Array;
}

/** `A`, `A/len` or, with `maskToken`, `A mask M`; IPv4 may be short as in pcap: 10.1 is 10.1.0.0/16. Throws FilterError. */
export function parseNetwork(token: Token, maskToken?: Token): Network {
	const slash = token.text.indexOf('/');
	const host = slash < 0 ? token.text : token.text.slice(0, slash);
	const {address, bits} = parseAddress(token, host);
	let mask = maskOf(address.length, bits);
	let maskText = '';
	if (maskToken) {
		if (slash >= 0) throw errorAt(maskToken, 'a mask after /len is one too many');
		if (address.length !== 4) throw errorAt(maskToken, 'a mask is for IPv4; say /len for IPv6');
		mask = parseIPv4(maskToken, maskToken.text).address;
		maskText = ` mask ${formatAddress(mask)}`;
	} else if (slash >= 0) {
		const length = token.text.slice(slash + 1);
		const most = address.length * 8;
		if (!/^\d+$/.test(length)) throw errorAt(token, `'/${printable(length)}' is no mask length; say /0 to /${most}`);
		if (Number(length) > most) {
			throw errorAt(
				token,
				`/${printable(length)} is longer than an ${most === 32 ? 'IPv4' : 'IPv6'} address, /${most}`,
			);
		}
		mask = maskOf(address.length, Number(length));
		maskText = `/${Number(length)}`;
	}
	const masked = address.map((byte, i) => byte & mask[i]!);
	if (address.some((byte, i) => byte !== masked[i])) {
		throw errorAt(token, `${host}${maskText} has bits outside its mask; ${formatAddress(masked)}${maskText}?`);
	}
	return {address: masked, mask};
}

function parseAddress(token: Token, text: string): {address: Uint8Array; bits: number} {
	return text.includes(':') ? {address: parseIPv6(token, text), bits: 128} : parseIPv4(token, text);
}

/** One to four decimal bytes; `bits` are those that were given. */
function parseIPv4(token: Token, text: string): {address: Uint8Array; bits: number} {
	const parts = text.split('.');
	const address = new Uint8Array(4);
	if (!/^[0-9.]+$/.test(text) || parts.length > 4 || parts.includes('')) throw notAnAddress(token, '');
	for (const [i, part] of parts.entries()) {
		if (part.length > 1 && part.startsWith('0')) throw notAnAddress(token, ': leading zero');
		if (Number(part) > 255) throw notAnAddress(token, `: ${printable(part)} is above 255`);
		address[i] = Number(part);
	}
	return {address, bits: parts.length * 8};
}

function parseIPv6(token: Token, text: string): Uint8Array {
	if (text.includes('%')) throw notAnAddress(token, ': no zone here, narrow by device instead');
	const address = ipv6Bytes(text);
	if (address === undefined) throw notAnAddress(token, '');
	return address;
}

function notAnAddress(token: Token, why: string): FilterError {
	return errorAt(token, `'${printable(token.text)}' is not an address${why}`);
}

function maskOf(bytes: number, bits: number): Uint8Array {
	return Uint8Array.from({length: bytes}, (_, i) => (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff);
}

/** Number of leading one bits when nothing but zeros follows them, else undefined. */
export function maskLength(mask: Uint8Array): number | undefined {
	for (let bits = 0; bits <= mask.length * 8; bits++) {
		const whole = maskOf(mask.length, bits);
		if (mask.every((byte, i) => byte === whole[i])) return bits;
	}
	return undefined;
}

/** An address of 4 or 16 bytes. */
export const formatAddress = (address: Uint8Array): string =>
	address.length === 4 ? ipv4Text(address, 0) : ipv6Text(address, 0);
