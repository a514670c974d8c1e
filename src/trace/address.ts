/** Addresses as text and as bytes in network order. */
import {isIPv4, isIPv6} from 'node:net';

/** Four bytes in network order as a dotted quad. */
export function ipv4Text(bytes: Uint8Array, at: number): string {
	return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/**
 * Sixteen bytes in network order in the canonical form of RFC 5952: lower case, no leading zeros, the longest run of two or
 * more zero groups (the first of equals) as `::`, an IPv4-mapped address with its dotted quad.
 */
export function ipv6Text(bytes: Uint8Array, at: number): string {
	let start = -1;
	let length = 1;
	for (let i = 0; i < 8; ) {
		let end = i;
		while (end < 8 && group(bytes, at, end) === 0) end++;
		if (end - i > length) {
			start = i;
			length = end - i;
		}
		i = end + 1;
	}
	if (start === 0 && length === 5 && group(bytes, at, 5) === 0xffff) return `::ffff:${ipv4Text(bytes, at + 12)}`;
	let text = '';
	for (let i = 0; i < 8; i++) {
		if (i === start) {
			text += '::';
			i += length - 1;
		} else {
			if (text !== '' && !text.endsWith(':')) text += ':';
			text += group(bytes, at, i).toString(16);
		}
	}
	return text;
}

function group(bytes: Uint8Array, at: number, index: number): number {
	return ((bytes[at + 2 * index] as number) << 8) | (bytes[at + 2 * index + 1] as number);
}

/** The four bytes of a dotted quad; undefined when it is none. */
export function ipv4Bytes(text: string): Uint8Array | undefined {
	return isIPv4(text) ? Uint8Array.from(text.split('.'), Number) : undefined;
}

/** The sixteen bytes of an IPv6 address in any of its forms, without a zone; undefined when it is none. */
export function ipv6Bytes(text: string): Uint8Array | undefined {
	if (!isIPv6(text) || text.includes('%')) return undefined;
	const dotted = /^(.*:)([\d.]+)$/.exec(text);
	const quad = dotted === null ? undefined : ipv4Bytes(dotted[2] as string);
	const plain =
		dotted !== null && quad ? `${dotted[1]}${group(quad, 0, 0).toString(16)}:${group(quad, 0, 1).toString(16)}` : text;
	const [before = [], after = []] = plain.split('::').map((part) => (part === '' ? [] : part.split(':')));
	const bytes = new Uint8Array(16);
	const put = (word: string, index: number) => {
		const value = Number.parseInt(word, 16);
		bytes[2 * index] = value >> 8;
		bytes[2 * index + 1] = value & 0xff;
	};
	before.forEach(put);
	after.forEach((word, index) => {
		put(word, 8 - after.length + index);
	});
	return bytes;
}
