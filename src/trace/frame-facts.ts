/** When a record and a frame tell of the same packet: what both know is equal. */
import {At, Family, Proto} from './record.js';
import type {RecordView} from './view.js';

/** FIN SYN RST PSH ACK: the bits above are set after a function may have seen its segment. */
const FLAGS = 31;
const ACK = 16;
/** What a device may add to a packet: link header, tags, padding. */
const LINK_BYTES = 64;

/** Whether the record at `at` is about a packet, and not only about a socket. */
export function isPacket(view: RecordView, at: number): boolean {
	if (view.family(at) === Family.NONE) return false;
	// A bare acknowledgment has no byte yet where TCP makes it, but it has a flag.
	return view.proto(at) === Proto.TCP ? view.tcpFlags(at) !== 0 || isLaterFragment(view, at) : view.len(at) > 0;
}

/** Of a later fragment nobody knows the ports. */
const isLaterFragment = (view: RecordView, at: number): boolean =>
	view.len(at) > 0 && view.ipid(at) !== 0 && view.sport(at) === 0 && view.dport(at) === 0;

/** Whether sender and receiver are the same, so that an answer looks like what it answers: ping of an own address. */
export function isToItself(view: RecordView, at: number): boolean {
	if (view.sport(at) !== view.dport(at)) return false;
	const [from, to, count] = view.family(at) === Family.IPV6 ? [At.saddr6, At.daddr6, 4] : [At.saddr, At.daddr, 1];
	for (let i = 0; i < count; i++) {
		if (view.words[((at + from) >>> 2) + i] !== view.words[((at + to) >>> 2) + i]) return false;
	}
	return true;
}

/** Hash of what an IP identification belongs to. For those that have one, which is IPv4 alone. */
export function identityHash(view: RecordView, at: number): number {
	return mix(addressHash(view, at), view.ipid(at) | (view.proto(at) << 16));
}

/** Hash of what is known above IP: addresses, protocol, ports and, of TCP, the sequence number. */
export function transportHash(view: RecordView, at: number): number {
	const hash = mix(addressHash(view, at), (view.sport(at) << 16) | view.dport(at));
	return mix(hash, view.proto(at) === Proto.TCP ? view.seq(at) : view.proto(at));
}

/**
 * Whether the record `a` at `at` and the frame `b` at `of` may be the same packet. What one of them does not know (the IP
 * identification above IP, the ports in a later fragment) does not speak against it.
 */
export function samePacket(a: RecordView, at: number, b: RecordView, of: number): boolean {
	const family = a.family(at);
	if (family !== b.family(of) || a.proto(at) !== b.proto(of) || !sameAddresses(a, at, b, of)) return false;
	if (family === Family.ARP) return true;
	const ids = a.ipid(at) !== 0 && b.ipid(of) !== 0;
	if (ids && a.ipid(at) !== b.ipid(of)) return false;
	const ports = (b.sport(of) | b.dport(of)) !== 0 && (a.sport(at) | a.dport(at)) !== 0;
	if (ports && (a.sport(at) !== b.sport(of) || a.dport(at) !== b.dport(of))) return false;
	if (ports && a.proto(at) === Proto.TCP) return sameSegment(a, at, b, of) && (ids || lengthFits(a.len(at), b, of));
	return ids || a.proto(at) !== Proto.UDP || lengthFits(a.len(at), b, of);
}

function sameSegment(a: RecordView, at: number, b: RecordView, of: number): boolean {
	if (a.seq(at) !== b.seq(of) || ((a.tcpFlags(at) ^ b.tcpFlags(of)) & FLAGS) !== 0) return false;
	return (a.tcpFlags(at) & ACK) === 0 || a.ack(at) === b.ack(of);
}

/** Each layer counts its own header and what is in it: the least is what the transport carries. */
function lengthFits(length: number, b: RecordView, of: number): boolean {
	const carried = b.ret(of);
	if (carried < 0) return true;
	return length >= carried && (carried > 0 || length <= b.len(of) + LINK_BYTES);
}

function sameAddresses(a: RecordView, at: number, b: RecordView, of: number): boolean {
	const [from, count] = a.family(at) === Family.IPV6 ? [At.saddr6, 8] : [At.saddr, 2];
	for (let i = 0; i < count; i++) {
		if (a.words[((at + from) >>> 2) + i] !== b.words[((of + from) >>> 2) + i]) return false;
	}
	return true;
}

function addressHash(view: RecordView, at: number): number {
	const [from, count] = view.family(at) === Family.IPV6 ? [At.saddr6, 8] : [At.saddr, 2];
	let hash = view.family(at);
	for (let i = 0; i < count; i++) hash = mix(hash, view.words[((at + from) >>> 2) + i] as number);
	return hash;
}

function mix(hash: number, word: number): number {
	const mixed = Math.imul(hash ^ word, 0x9e3779b1);
	return mixed ^ (mixed >>> 15);
}
