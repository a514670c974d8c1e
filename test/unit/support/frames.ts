/** Makes frames and captures byte by byte, for tests. Nothing of it is the product's. */
import {join} from './records.js';

export interface PacketFields {
	/** Four or sixteen bytes. */
	readonly src?: readonly number[];
	readonly dst?: readonly number[];
	readonly proto?: number;
	readonly id?: number;
	/** In units of 8 bytes. */
	readonly fragment?: number;
	readonly sport?: number;
	readonly dport?: number;
	readonly seq?: number;
	readonly ack?: number;
	readonly flags?: number;
	/** Bytes that the transport carries. */
	readonly carried?: number;
	/** IPv6: header numbers before the transport, each 8 bytes. */
	readonly extensions?: readonly number[];
}

const be16 = (value: number) => [(value >>> 8) & 255, value & 255];
const be32 = (value: number) => [...be16(value >>> 16), ...be16(value & 0xffff)];

function transport({proto = 17, sport = 0, dport = 0, seq = 0, ack = 0, flags = 16, carried = 0}: PacketFields) {
	const data = new Array<number>(carried).fill(0x78);
	if (proto === 6) {
		return [...be16(sport), ...be16(dport), ...be32(seq), ...be32(ack), 0x50, flags, 0, 9, 0, 0, 0, 0, ...data];
	}
	if (proto === 17) return [...be16(sport), ...be16(dport), ...be16(8 + carried), 0, 0, ...data];
	return [8, 0, 0, 0, 0, 1, 0, 1, ...data];
}

/** An IP packet. */
export function packet(fields: PacketFields): Uint8Array {
	const {src = [10, 0, 0, 1], dst = [10, 0, 0, 2], proto = 17, id = 0, fragment = 0} = fields;
	const behind = transport(fields);
	if (src.length === 16) {
		const {extensions = []} = fields;
		const chain = [...extensions, proto];
		const headers = extensions.flatMap((_, i) => [chain[i + 1] as number, 0, ...be16(fragment << 3), 0, 0, 0, 0]);
		const rest = [...headers, ...behind];
		return Uint8Array.from([0x60, 0, 0, 0, ...be16(rest.length), chain[0] as number, 64, ...src, ...dst, ...rest]);
	}
	const total = 20 + behind.length;
	const head = [0x45, 0, ...be16(total), ...be16(id), ...be16(fragment), 64, proto, 0, 0];
	return Uint8Array.from([...head, ...src, ...dst, ...behind]);
}

export const ETHER = {ip: 0x0800, ip6: 0x86dd, arp: 0x0806} as const;

/** An Ethernet frame, with VLAN tags before its type. */
export function ethernet(payload: Uint8Array, type: number = ETHER.ip, vlans: readonly number[] = []): Uint8Array {
	const tags = vlans.flatMap((vlan) => [0x81, 0, ...be16(vlan)]);
	return join([Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...tags, ...be16(type)]), payload]);
}

export function arp(sender: readonly number[], target: readonly number[]): Uint8Array {
	return Uint8Array.from([0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, ...sender, 0, 0, 0, 0, 0, 0, ...target]);
}

class Bytes {
	private readonly parts: number[] = [];
	constructor(private readonly little: boolean) {}
	u16(...values: number[]): this {
		for (const value of values) this.parts.push(...(this.little ? be16(value).reverse() : be16(value)));
		return this;
	}
	u32(...values: number[]): this {
		for (const value of values) this.parts.push(...(this.little ? be32(value).reverse() : be32(value)));
		return this;
	}
	bytes(bytes: Iterable<number>): this {
		for (const byte of bytes) this.parts.push(byte);
		return this;
	}
	get all(): Uint8Array {
		return Uint8Array.from(this.parts);
	}
}

export interface Timed {
	/** ns since the epoch. */
	readonly wall: bigint;
	readonly bytes: Uint8Array;
	/** Its length before it was cut off. */
	readonly wire?: number;
}

/** A file of libpcap. */
export function pcapFile(frames: readonly Timed[], {little = true, nano = false, link = 1} = {}): Uint8Array {
	const out = new Bytes(little)
		.u32(nano ? 0xa1b23c4d : 0xa1b2c3d4)
		.u16(2, 4)
		.u32(0, 0, 262144, link);
	for (const {wall, bytes, wire = bytes.length} of frames) {
		const rest = Number(wall % 1_000_000_000n);
		out.u32(Number(wall / 1_000_000_000n), nano ? rest : Math.floor(rest / 1000), bytes.length, wire).bytes(bytes);
	}
	return out.all;
}

export interface NgOptions {
	readonly little?: boolean;
	readonly links?: readonly number[];
	readonly names?: readonly string[];
	/** As in the option; 6 is left out. */
	readonly resolution?: number;
	/** Seconds to be added to every time. */
	readonly offset?: number;
}

/** A file of pcapng; frames go to the interfaces in turn. */
export function pcapngFile(
	frames: readonly (Timed & {readonly units?: bigint})[],
	{little = true, links = [1], names = [], resolution = 6, offset = 0}: NgOptions = {},
): Uint8Array {
	const block = (type: number, body: Uint8Array) => {
		const padded = join([body, new Uint8Array((4 - (body.length % 4)) % 4)]);
		const length = padded.length + 12;
		return new Bytes(little).u32(type, length).bytes(padded).u32(length).all;
	};
	const option = (code: number, value: Uint8Array) =>
		new Bytes(little)
			.u16(code, value.length)
			.bytes(value)
			.bytes(new Uint8Array((4 - (value.length % 4)) % 4)).all;
	const blocks = [block(0x0a0d0d0a, new Bytes(little).u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff).all)];
	links.forEach((link, i) => {
		const options = [
			...(names[i] === undefined ? [] : [option(2, new TextEncoder().encode(names[i]))]),
			...(resolution === 6 ? [] : [option(9, Uint8Array.of(resolution))]),
			...(offset === 0 ? [] : [option(14, new Bytes(little).u32(...(little ? [offset, 0] : [0, offset])).all)]),
			option(0, new Uint8Array(0)),
		];
		blocks.push(block(1, join([new Bytes(little).u16(link, 0).u32(0).all, ...options])));
	});
	frames.forEach(({wall, bytes, wire = bytes.length, units = wall / 1000n}, i) => {
		const head = new Bytes(little).u32(i % links.length, Number(units >> 32n), Number(units & 0xffffffffn));
		blocks.push(block(6, join([head.u32(bytes.length, wire).all, bytes])));
		blocks.push(block(0x4242, Uint8Array.of(1, 2, 3)));
	});
	return join(blocks);
}
