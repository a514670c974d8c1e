/** Chance that can be repeated, and what it makes of bytes and texts. */

/** xorshift32: the same numbers for the same seed. */
export class Random {
	constructor(seed) {
		this.state = (seed * 2654435761 + 1) >>> 0 || 1;
		for (let i = 0; i < 8; i++) this.next();
	}

	next() {
		let {state} = this;
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		this.state = state >>> 0;
		return this.state;
	}

	/** A whole number below `limit`. */
	below(limit) {
		return this.next() % limit;
	}

	/** Whether something happens that does so once in `n` times. */
	once(n) {
		return this.below(n) === 0;
	}

	pick(list) {
		return list[this.below(list.length)];
	}
}

/** Numbers at which programs err. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A few changes to a copy of `bytes`; `other` lends parts. At most `limit` bytes come out. */
export function mutate(random, bytes, other, limit) {
	let out = Buffer.from(bytes);
	for (let left = 1 + random.below(random.once(4) ? 16 : 4); left > 0; left--)
		out = CHANGES[random.below(CHANGES.length)](random, out, other);
	return out.subarray(0, limit);
}

const somewhere = (random, bytes) => random.below(bytes.length + 1);
/** A short part, now and then a long one. */
const part = (random, bytes) => {
	const from = somewhere(random, bytes);
	return bytes.subarray(from, from + 1 + random.below(random.once(8) ? 4096 : 64));
};
const insert = (bytes, at, more) => Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);

const CHANGES = [
	(random, bytes) => {
		if (bytes.length > 0) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
		return bytes;
	},
	(random, bytes) => {
		if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
		return bytes;
	},
	// A number of one of the widths that formats have.
	(random, bytes) => {
		const width = random.pick([1, 2, 4]);
		if (bytes.length < width) return bytes;
		const value = random.once(2) ? random.pick(EDGES) : random.next();
		const at = random.below(bytes.length - width + 1);
		for (let i = 0; i < width; i++) bytes[at + i] = (value >>> (8 * i)) & 0xff;
		return bytes;
	},
	(random, bytes) => insert(bytes, somewhere(random, bytes), Buffer.from(part(random, bytes))),
	(random, bytes, other) => insert(bytes, somewhere(random, bytes), Buffer.from(part(random, other))),
	(random, bytes) => {
		const at = somewhere(random, bytes);
		return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + part(random, bytes).length)]);
	},
	(random, bytes) => bytes.subarray(0, somewhere(random, bytes)),
	// Numbers in a text.
	(random, bytes) => {
		const text = bytes.toString('latin1');
		const numbers = [...text.matchAll(/\d+/g)];
		if (numbers.length === 0) return bytes;
		const {0: old, index} = random.pick(numbers);
		const number = random.pick(['0', '-1', '1e309', '99999999999999999999', '4294967296', '65536', '0.5', `${old}0`]);
		return Buffer.from(text.slice(0, index) + number + text.slice(index + old.length), 'latin1');
	},
	// Lines change places.
	(random, bytes) => {
		const lines = bytes.toString('latin1').split('\n');
		const [a, b] = [random.below(lines.length), random.below(lines.length)];
		[lines[a], lines[b]] = [lines[b], lines[a]];
		return Buffer.from(lines.join('\n'), 'latin1');
	},
];
