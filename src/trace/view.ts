/**
 * Reads the fields of records in place. A view is made once for a buffer, not for a record; `at` is always the byte offset
 * of a record in `bytes`, a multiple of 4.
 *
 * Times: a u64 of ns does not fit a double after 104 days, which a log's clock or a session of an older version may be past.
 * So times that are compared or subtracted are taken relative to an epoch (the high word of the first time of the session).
 */
import {At, Flag, Kind, LifeAt, SIZE_IPV4, SIZE_IPV6, SIZE_LIFE} from './record.js';

/** Where the low and the high half of a u64 are among its two words, in the byte order of this machine. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
const TWO32 = 2 ** 32;
/** Bits of the high words of begin and duration that are theirs where the packet's number has the others. */
const BEGIN_BITS = 20;
const DURATION_BITS = 12;
const LOW_BITS = 32 - BEGIN_BITS;
const BEGIN_MASK = 2 ** BEGIN_BITS - 1;
const DURATION_MASK = 2 ** DURATION_BITS - 1;

export class RecordView {
	readonly halves: Uint16Array;
	readonly words: Uint32Array;

	/** `bytes` must start at a multiple of 4 in its buffer. */
	constructor(readonly bytes: Uint8Array) {
		this.halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 1);
		this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
	}

	kind(at: number): number {
		return this.bytes[at] as number;
	}
	flags(at: number): number {
		return this.bytes[at + At.flags] as number;
	}
	fn(at: number): number {
		return this.halves[(at + At.fn) >>> 1] as number;
	}
	tid(at: number): number {
		return this.words[(at + At.tid) >>> 2] as number;
	}
	cpu(at: number): number {
		return this.halves[(at + At.cpu) >>> 1] as number;
	}
	/** Of a root; of another call see `queueLength`. */
	under(at: number): number {
		return this.halves[(at + At.under) >>> 1] as number;
	}
	/** How many packets the queue had that a call inside another one puts one into; undefined where that is not known. */
	queueLength(at: number): number | undefined {
		const length = this.depth(at) === 0 ? 0 : this.under(at);
		return length === 0 ? undefined : length - 1;
	}
	ret(at: number): number {
		return (this.words[(at + At.ret) >>> 2] as number) | 0;
	}
	len(at: number): number {
		return this.words[(at + At.len) >>> 2] as number;
	}
	dev(at: number): number {
		return this.halves[(at + At.dev) >>> 1] as number;
	}
	family(at: number): number {
		return this.bytes[at + At.family] as number;
	}
	depth(at: number): number {
		return this.bytes[at + At.depth] as number;
	}
	proto(at: number): number {
		return this.bytes[at + At.proto] as number;
	}
	sport(at: number): number {
		return this.halves[(at + At.sport) >>> 1] as number;
	}
	dport(at: number): number {
		return this.halves[(at + At.dport) >>> 1] as number;
	}
	ipid(at: number): number {
		return this.halves[(at + At.ipid) >>> 1] as number;
	}
	tcpFlags(at: number): number {
		return this.bytes[at + At.tcp_flags] as number;
	}
	context(at: number): number {
		return this.flags(at) & Flag.CONTEXT;
	}
	seq(at: number): number {
		return this.words[(at + At.seq) >>> 2] as number;
	}
	ack(at: number): number {
		return this.words[(at + At.ack) >>> 2] as number;
	}
	/** Number of the packet, 0 where it has none (bpf/record.h). */
	packet(at: number): number {
		if ((this.flags(at) & Flag.PACKET) === 0) return 0;
		const low = this.high(at + At.begin) >>> BEGIN_BITS;
		return (((this.high(at + At.duration) >>> DURATION_BITS) << LOW_BITS) | low) >>> 0;
	}
	/** Of a LIFE record: what became of the packet (Life), its number, and the other packet or the reason of a drop. */
	lifeWhat(at: number): number {
		return this.halves[(at + LifeAt.what) >>> 1] as number;
	}
	lifePacket(at: number): number {
		return this.words[(at + LifeAt.packet) >>> 2] as number;
	}
	lifeOther(at: number): number {
		return this.words[(at + LifeAt.other) >>> 2] as number;
	}
	/** Of a call; ns. */
	duration(at: number): number {
		const high = this.high(at + At.duration);
		const own = (this.flags(at) & Flag.PACKET) === 0 ? high : high & DURATION_MASK;
		return own * TWO32 + this.low(at + At.duration);
	}
	/** Of a drop: the code address. */
	location(at: number): bigint {
		const word = this.u64(at + At.duration);
		if ((this.flags(at) & Flag.PACKET) === 0) return word;
		return BigInt.asUintN(64, BigInt.asIntN(DURATION_BITS + 32, word));
	}
	/** Whether it is a call whose end was seen: only then duration and return value mean something. */
	ended(at: number): boolean {
		return this.kind(at) === Kind.CALL && (this.flags(at) & Flag.END_UNKNOWN) === 0;
	}
	/** Begin of a call, moment of anything else: ns since `epoch`. */
	begin(at: number, epoch: number): number {
		return (this.timeHigh(at) - epoch) * TWO32 + this.low(at + At.begin);
	}
	/** The high word of that moment in the session's clock. */
	timeHigh(at: number): number {
		const high = this.high(at + At.begin);
		return (this.flags(at) & Flag.PACKET) === 0 ? high : high & BEGIN_MASK;
	}
	/** That moment in the session's clock, ns, exact; for display, not for each record of a stream. */
	time(at: number): bigint {
		return (BigInt(this.timeHigh(at)) << 32n) | BigInt(this.low(at + At.begin));
	}
	/** Low word of the u64 at `offset`. */
	low(offset: number): number {
		return this.words[(offset >>> 2) + LOW] as number;
	}
	/** High word of the u64 at `offset`. */
	high(offset: number): number {
		return this.words[(offset >>> 2) + HIGH] as number;
	}
	/** The u64 at `offset`, exact; for display, not for each record of a stream. */
	u64(offset: number): bigint {
		return (BigInt(this.high(offset)) << 32n) | BigInt(this.low(offset));
	}
	/** Writes a u64, exact. */
	setU64Exact(offset: number, value: bigint): void {
		this.words[(offset >>> 2) + LOW] = Number(value & 0xffffffffn);
		this.words[(offset >>> 2) + HIGH] = Number((value >> 32n) & 0xffffffffn);
	}
	/** Writes a whole number below 2^53 as a u64. */
	setU64(offset: number, value: number): void {
		this.words[(offset >>> 2) + LOW] = value % TWO32;
		this.words[(offset >>> 2) + HIGH] = Math.floor(value / TWO32);
	}
}

/** A view of `length` bytes from `offset`, and where they start in it. Copies when they are not aligned. */
export function alignedView(bytes: Uint8Array, offset: number, length: number): {view: RecordView; start: number} {
	if (bytes.byteOffset % 4 === 0 && offset % 4 === 0) return {view: new RecordView(bytes), start: offset};
	// Not slice(): of a Buffer that is a view of the same unaligned bytes.
	return {view: new RecordView(new Uint8Array(bytes.subarray(offset, offset + length))), start: 0};
}

/**
 * Copies a record of `size` bytes (64, 96, 128, 32 or 24) from byte offset `at` of one view to `offset` of another. Written out,
 * because a loop takes twice the time, TypedArray.set five times, and every record is copied twice.
 */
export function copyRecord(from: RecordView, at: number, size: number, to: RecordView, offset: number): void {
	const source = from.words;
	const target = to.words;
	let i = at >>> 2;
	let j = offset >>> 2;
	if (size >= SIZE_IPV4) {
		target[j] = source[i]!;
		target[j + 1] = source[i + 1]!;
		target[j + 2] = source[i + 2]!;
		target[j + 3] = source[i + 3]!;
		target[j + 4] = source[i + 4]!;
		target[j + 5] = source[i + 5]!;
		target[j + 6] = source[i + 6]!;
		target[j + 7] = source[i + 7]!;
		target[j + 8] = source[i + 8]!;
		target[j + 9] = source[i + 9]!;
		target[j + 10] = source[i + 10]!;
		target[j + 11] = source[i + 11]!;
		target[j + 12] = source[i + 12]!;
		target[j + 13] = source[i + 13]!;
		target[j + 14] = source[i + 14]!;
		target[j + 15] = source[i + 15]!;
		if (size === SIZE_IPV4) return;
		i += 16;
		j += 16;
	}
	target[j] = source[i]!;
	target[j + 1] = source[i + 1]!;
	target[j + 2] = source[i + 2]!;
	target[j + 3] = source[i + 3]!;
	target[j + 4] = source[i + 4]!;
	target[j + 5] = source[i + 5]!;
	if (size < SIZE_LIFE) return;
	target[j + 6] = source[i + 6]!;
	target[j + 7] = source[i + 7]!;
	for (let k = 8, end = (size - SIZE_IPV4) >>> 2; size > SIZE_IPV6 && k < end; k++) target[j + k] = source[i + k]!;
}
