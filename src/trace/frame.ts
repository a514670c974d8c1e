/**
 * A captured frame as facts: the packet part of a record, so that filter, addresses and columns are those of every record.
 * A frame is a RECORD_MARK of SIZE_IPV6 bytes; its `len` is that of the packet from the network header on, and its `ret` the
 * bytes behind the transport header (-1 of a later fragment, whose transport header is in another frame).
 */
import {At, Family, Kind, Proto, SIZE_IPV6} from './record.js';
import type {RecordView} from './view.js';

/** Link types of a capture, as https://www.tcpdump.org/linktypes.html numbers them. */
export const Link = {
	NULL: 0,
	ETHERNET: 1,
	RAW: 101,
	LOOP: 108,
	SLL: 113,
	IPV4: 228,
	IPV6: 229,
	SLL2: 276,
} as const;

const LINKS: ReadonlySet<number> = new Set(Object.values(Link));

/** Whether frames of this link type can be read. */
export const isKnownLink = (link: number): boolean => LINKS.has(link);

/** What RAW was on systems whose DLT_ numbers got into files (BSD, OpenBSD). */
const OTHER_RAW: ReadonlySet<number> = new Set([12, 14]);
/** The link type of a file's number. */
export const linkOf = (number: number): number => (OTHER_RAW.has(number) ? Link.RAW : number);

const Type = {IPV4: 0x0800, ARP: 0x0806, IPV6: 0x86dd} as const;
const VLANS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const MOST_VLANS = 4;
/** Hop-by-hop, routing, fragment, destination options: those that the kernel side skips, as many as it skips. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 44, 60]);
const FRAGMENT = 44;
const MOST_EXTENSIONS = 4;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;

/** The bytes of one frame. */
export interface FrameBytes {
	readonly bytes: Uint8Array;
	/** Where it begins, and ends as far as it was captured. */
	readonly at: number;
	readonly end: number;
	/** Its length before it was cut off. */
	readonly wire: number;
}

/**
 * Writes the facts of a frame to the SIZE_IPV6 bytes at `to`, all but the time and `dev`. False: it is no packet of IPv4,
 * IPv6 or ARP with a whole header.
 */
export function decodeFrame(frame: FrameBytes, link: number, view: RecordView, to: number): boolean {
	const {bytes, end} = frame;
	const start = networkHeader(bytes, frame.at, end, link);
	view.bytes.fill(0, to, to + SIZE_IPV6);
	view.bytes[to + At.kind] = Kind.MARK;
	if (start === undefined) return false;
	const length = frame.wire - (start.at - frame.at);
	if (start.type === Type.ARP) return decodeArp(bytes, start.at, end, length, view, to);
	const version = (bytes[start.at] ?? 0) >>> 4;
	if (start.type === Type.IPV4 && version === 4) return decodeIpv4(bytes, start.at, end, length, view, to);
	return start.type === Type.IPV6 && version === 6 && decodeIpv6(bytes, start.at, end, length, view, to);
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const u32 = (bytes: Uint8Array, at: number): number => ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;

/** Where the packet begins behind the link header, and what it is. */
function networkHeader(
	bytes: Uint8Array,
	at: number,
	end: number,
	link: number,
): {readonly at: number; readonly type: number} | undefined {
	const ip = (start: number) => ({at: start, type: (bytes[start] ?? 0) >>> 4 === 6 ? Type.IPV6 : Type.IPV4});
	switch (link) {
		case Link.RAW:
		case Link.IPV4:
		case Link.IPV6:
			return ip(at);
		// Four bytes that name the protocol by a number of the capturing system: the version of IP tells as much.
		case Link.NULL:
		case Link.LOOP:
			return ip(at + 4);
		case Link.SLL:
			return behindVlans(bytes, at + 14, end);
		case Link.SLL2: {
			const type = u16(bytes, at);
			return VLANS.has(type) ? behindVlans(bytes, at + 22, end) : {at: at + 20, type};
		}
		case Link.ETHERNET:
			return behindVlans(bytes, at + 12, end);
		default:
			return undefined;
	}
}

/** @param at of the EtherType. */
function behindVlans(bytes: Uint8Array, at: number, end: number) {
	let type = u16(bytes, at);
	let next = at + 2;
	for (let i = 0; i < MOST_VLANS && VLANS.has(type) && next + 4 <= end; i++, next += 4) type = u16(bytes, next + 2);
	return {at: next, type};
}

function decodeArp(bytes: Uint8Array, at: number, end: number, length: number, view: RecordView, to: number): boolean {
	if (at + 28 > end) return false;
	view.bytes[to + At.family] = Family.ARP;
	view.words[(to + At.len) >>> 2] = length;
	view.bytes.set(bytes.subarray(at + 14, at + 18), to + At.saddr);
	view.bytes.set(bytes.subarray(at + 24, at + 28), to + At.daddr);
	return true;
}

function decodeIpv4(bytes: Uint8Array, at: number, end: number, length: number, view: RecordView, to: number): boolean {
	if (at + IPV4_HEADER > end) return false;
	// 0: longer than the field can say, as segments of offload may be.
	const total = u16(bytes, at + 2) || length;
	const header = ((bytes[at] ?? 0) & 15) * 4;
	view.bytes[to + At.family] = Family.IPV4;
	view.bytes[to + At.proto] = bytes[at + 9] ?? 0;
	view.halves[(to + At.ipid) >>> 1] = u16(bytes, at + 4);
	view.words[(to + At.len) >>> 2] = total;
	view.bytes.set(bytes.subarray(at + 12, at + 16), to + At.saddr);
	view.bytes.set(bytes.subarray(at + 16, at + 20), to + At.daddr);
	const later = (u16(bytes, at + 6) & 0x1fff) !== 0;
	transport(bytes, at + header, end, later ? -1 : total - header, view, to);
	return true;
}

function decodeIpv6(bytes: Uint8Array, at: number, end: number, length: number, view: RecordView, to: number): boolean {
	if (at + IPV6_HEADER > end) return false;
	const total = u16(bytes, at + 4) === 0 ? length : u16(bytes, at + 4) + IPV6_HEADER;
	let next = bytes[at + 6] ?? 0;
	let header = IPV6_HEADER;
	let later = false;
	for (let i = 0; i < MOST_EXTENSIONS && EXTENSIONS.has(next) && at + header + 8 <= end; i++) {
		later = next === FRAGMENT && (u16(bytes, at + header + 2) & 0xfff8) !== 0;
		const size = next === FRAGMENT ? 8 : ((bytes[at + header + 1] ?? 0) + 1) * 8;
		next = bytes[at + header] ?? 0;
		header += size;
		if (later) break;
	}
	view.bytes[to + At.family] = Family.IPV6;
	view.bytes[to + At.proto] = next;
	view.words[(to + At.len) >>> 2] = total;
	view.bytes.set(bytes.subarray(at + 8, at + IPV6_HEADER), to + At.saddr6);
	transport(bytes, at + header, end, later ? -1 : total - header, view, to);
	return true;
}

/** @param length of the transport header and what it carries; -1 where it has none. */
function transport(bytes: Uint8Array, at: number, end: number, length: number, view: RecordView, to: number): void {
	const proto = view.proto(to);
	view.words[(to + At.ret) >>> 2] = length < 0 ? -1 : length;
	if (length < 0 || at + 4 > end || (proto !== Proto.TCP && proto !== Proto.UDP && proto !== Proto.SCTP)) return;
	view.halves[(to + At.sport) >>> 1] = u16(bytes, at);
	view.halves[(to + At.dport) >>> 1] = u16(bytes, at + 2);
	if (proto === Proto.UDP) view.words[(to + At.ret) >>> 2] = Math.max(0, length - 8);
	if (proto !== Proto.TCP || at + 14 > end) return;
	view.words[(to + At.seq) >>> 2] = u32(bytes, at + 4);
	view.words[(to + At.ack) >>> 2] = u32(bytes, at + 8);
	view.bytes[to + At.tcp_flags] = bytes[at + 13] ?? 0;
	view.words[(to + At.ret) >>> 2] = Math.max(0, length - ((bytes[at + 12] ?? 0) >>> 4) * 4);
}
