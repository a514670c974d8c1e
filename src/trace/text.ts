/**
 * What must not reach a terminal or a line of a file: C0, DEL, C1, the line and paragraph separators, the bidirectional
 * controls, and lone surrogates (with the u flag a surrogate matches only where it has no partner).
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/** Text from outside (names of threads and devices, strings of a recorded file) with every unsafe character as `?`. */
export function sanitize(text: string): string {
	return text.replace(UNSAFE, '?');
}

const decoder = new TextDecoder('utf-8');

/** A NUL padded name of at most `size` bytes, as the kernel stores them, as safe text. A byte that is no UTF-8 becomes U+FFFD. */
export function readName(bytes: Uint8Array, offset: number, size: number): string {
	let end = offset;
	while (end < offset + size && bytes[end] !== 0) end++;
	return sanitize(decoder.decode(bytes.subarray(offset, end)));
}
