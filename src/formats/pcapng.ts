/**
 * pcapng, as draft-ietf-opsawg-pcapng has it: what reader and writer share, and the writer. Times are written in ns.
 */

export const Block = {
	SECTION: 0x0a0d0d0a,
	INTERFACE: 1,
	/** Obsolete, and still in old files. */
	PACKET: 2,
	SIMPLE: 3,
	ENHANCED: 6,
} as const;

/** In the byte order of the section. */
export const ORDER_MAGIC = 0x1a2b3c4d;

export const InterfaceOption = {NAME: 2, DESCRIPTION: 3, RESOLUTION: 9, OFFSET: 14} as const;
const SectionOption = {PROGRAM: 4} as const;
const PacketOption = {COMMENT: 1, FLAGS: 2} as const;
const INBOUND = 1;
const OUTBOUND = 2;
const NANOSECONDS = 9;
const HEAD = 8;
const TAIL = 4;
/** What is collected before it is written. */
const BUFFER = 1 << 18;

export interface PacketBlock {
	/** As `device` returned it. */
	readonly device: number;
	/** ns since the epoch. */
	readonly wall: bigint;
	readonly bytes: Uint8Array;
	/** Length before it was cut off. */
	readonly wire: number;
	/** Undefined: not known. */
	readonly outgoing: boolean | undefined;
	/** '' for none; below 64 KiB. */
	readonly comment: string;
}

interface Piece {
	readonly code: number;
	readonly value: Uint8Array;
}

const utf8 = new TextEncoder();
const padded = (length: number): number => Math.ceil(length / 4) * 4;
const u32 = (value: number): Uint8Array => {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value, true);
	return bytes;
};

/** One section in little-endian order. `write` must take all bytes or throw, and keep none of them. */
export class PcapngWriter {
	private buffer = new Uint8Array(BUFFER);
	private data = new DataView(this.buffer.buffer);
	private used = 0;
	private devices = 0;

	/** @param program what made the file, for the reader. */
	constructor(
		private readonly write: (bytes: Uint8Array) => void,
		program: string,
	) {
		const at = this.begin(Block.SECTION, 16, [{code: SectionOption.PROGRAM, value: utf8.encode(program)}]);
		this.data.setUint32(at, ORDER_MAGIC, true);
		this.data.setUint16(at + 4, 1, true);
		this.data.setUint16(at + 6, 0, true);
		// The length of the section: not known.
		this.data.setBigInt64(at + 8, -1n, true);
	}

	/** A device, before its first packet. Returns its number. @param snap bytes that a packet has at most. */
	device(link: number, snap: number, name: string, description: string): number {
		const at = this.begin(Block.INTERFACE, 8, [
			{code: InterfaceOption.NAME, value: utf8.encode(name)},
			{code: InterfaceOption.DESCRIPTION, value: utf8.encode(description)},
			{code: InterfaceOption.RESOLUTION, value: Uint8Array.of(NANOSECONDS)},
		]);
		this.data.setUint16(at, link, true);
		this.data.setUint16(at + 2, 0, true);
		this.data.setUint32(at + 4, snap, true);
		return this.devices++;
	}

	packet({device, wall, bytes, wire, outgoing, comment}: PacketBlock): void {
		const options: Piece[] = [];
		if (outgoing !== undefined) options.push({code: PacketOption.FLAGS, value: u32(outgoing ? OUTBOUND : INBOUND)});
		if (comment !== '') options.push({code: PacketOption.COMMENT, value: utf8.encode(comment)});
		const at = this.begin(Block.ENHANCED, 20 + padded(bytes.length), options);
		this.data.setUint32(at, device, true);
		this.data.setUint32(at + 4, Number(wall >> 32n), true);
		this.data.setUint32(at + 8, Number(wall & 0xffffffffn), true);
		this.data.setUint32(at + 12, bytes.length, true);
		this.data.setUint32(at + 16, wire, true);
		this.buffer.set(bytes, at + 20);
	}

	/** Writes what was collected. */
	flush(): void {
		if (this.used > 0) this.write(this.buffer.subarray(0, this.used));
		this.used = 0;
	}

	/** Makes room for a block and writes all of it but its body. Returns where the body begins; it is zeros. */
	private begin(type: number, body: number, options: readonly Piece[]): number {
		const list = [...options, {code: 0, value: new Uint8Array(0)}];
		const length = list.reduce((sum, {value}) => sum + 4 + padded(value.length), HEAD + body + TAIL);
		this.fit(length);
		const start = this.used;
		this.buffer.fill(0, start, start + length);
		this.data.setUint32(start, type, true);
		this.data.setUint32(start + 4, length, true);
		let at = start + HEAD + body;
		for (const {code, value} of list) {
			this.data.setUint16(at, code, true);
			this.data.setUint16(at + 2, value.length, true);
			this.buffer.set(value, at + 4);
			at += 4 + padded(value.length);
		}
		this.data.setUint32(at, length, true);
		this.used += length;
		return start + HEAD;
	}

	private fit(length: number): void {
		if (this.used + length <= this.buffer.length) return;
		this.flush();
		if (length <= this.buffer.length) return;
		this.buffer = new Uint8Array(2 * length);
		this.data = new DataView(this.buffer.buffer);
	}
}
