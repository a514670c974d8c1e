/**
 * The headers of a packet as far as a record knows it: what frame.ts reads, the other way round. What was not recorded is 0,
 * and so are checksums but that of IPv4; a header of which nothing was recorded (ICMP's type) is left out.
 */
import {At, Family, Proto} from './record.js';
import type {RecordView} from './view.js';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
/** Bytes of what is known behind the IP header. SCTP has its ports first. */
const TRANSPORT: Readonly<Record<number, number>> = {[Proto.TCP]: 20, [Proto.UDP]: 8, [Proto.SCTP]: 4};
const TTL = 64;

/**
 * IP header and transport header of the record at `at`, which is about an IPv4 or IPv6 packet.
 * @param length of the packet, IP header included; taken as that of the headers where it is less.
 */
export function headersOf(view: RecordView, at: number, length: number): Uint8Array {
	const four = view.family(at) === Family.IPV4;
	const header = four ? IPV4_HEADER : IPV6_HEADER;
	// A later fragment, and what ICMP sends, has no ports.
	const known = (view.sport(at) | view.dport(at)) === 0 ? 0 : (TRANSPORT[view.proto(at)] ?? 0);
	const bytes = new Uint8Array(header + known);
	const data = new DataView(bytes.buffer);
	const total = Math.max(length, bytes.length);
	if (four) ipv4(data, bytes, view, at, total);
	else ipv6(data, bytes, view, at, total - IPV6_HEADER);
	if (known > 0) transport(data, header, view, at, total - header);
	return bytes;
}

function ipv4(data: DataView, bytes: Uint8Array, view: RecordView, at: number, total: number): void {
	data.setUint8(0, 0x45);
	data.setUint16(2, field(total));
	data.setUint16(4, view.ipid(at));
	data.setUint8(8, TTL);
	data.setUint8(9, view.proto(at));
	bytes.set(view.bytes.subarray(at + At.saddr, at + At.saddr + 4), 12);
	bytes.set(view.bytes.subarray(at + At.daddr, at + At.daddr + 4), 16);
	let sum = 0;
	for (let i = 0; i < IPV4_HEADER; i += 2) sum += data.getUint16(i);
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	data.setUint16(10, ~sum & 0xffff);
}

function ipv6(data: DataView, bytes: Uint8Array, view: RecordView, at: number, carried: number): void {
	data.setUint8(0, 0x60);
	data.setUint16(4, field(carried));
	data.setUint8(6, view.proto(at));
	data.setUint8(7, TTL);
	bytes.set(view.bytes.subarray(at + At.saddr6, at + At.saddr6 + 32), 8);
}

/** @param to where the transport header begins; @param length of it and what it carries. */
function transport(data: DataView, to: number, view: RecordView, at: number, length: number): void {
	data.setUint16(to, view.sport(at));
	data.setUint16(to + 2, view.dport(at));
	if (view.proto(at) === Proto.UDP) data.setUint16(to + 4, field(length));
	if (view.proto(at) !== Proto.TCP) return;
	data.setUint32(to + 4, view.seq(at));
	data.setUint32(to + 8, view.ack(at));
	// Options were not recorded: they count as data.
	data.setUint8(to + 12, 0x50);
	data.setUint8(to + 13, view.tcpFlags(at));
}

/** Segments that a device will cut are longer than the field can say: then it is 0, and the length is that of the capture. */
const field = (length: number): number => (length > 0xffff ? 0 : length);
