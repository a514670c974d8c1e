/** Records of struct record from the lines of a classic log, as the kernel side would have sent them. */
import {At, Context, Family, Flag, Kind, LossAt, SIZE_IPV4, SIZE_IPV6, SIZE_LOSS} from '../trace/record.js';
import {RecordView} from '../trace/view.js';
import type {LogEvent} from './classic-line.js';
import type {SessionChunk} from './session-file.js';

/** A call or mark of a log, and what its record needs beside the line. */
export interface Moment {
	readonly event: LogEvent;
	readonly fn: number;
	readonly ipLayer: boolean;
	/** Of its first line in the clean_log. */
	readonly number: number;
	/** ns since the offset of the session. */
	readonly begin: number;
	/** Of the transport, or ARP; 0: not known, so far. */
	proto: number;
}

/** Room for a block of calls without end, and for what `full` lets come before. */
const BYTES = 128 * 1024;
const FULL = 64 * 1024;
const ACK = 16;
/** Stands among the protocols; no IP packet has it. */
export const ARP = 256;

export class RecordBuffer {
	readonly bytes = new Uint8Array(BYTES);
	private length = 0;
	private readonly view = new RecordView(this.bytes);

	/** It must be emptied now. */
	get full(): boolean {
		return this.length >= FULL;
	}

	/**
	 * A call or mark.
	 * @param kind of Kind; @param duration ns, -1 when the end is not known; @param tid stack that it belongs to.
	 */
	record(
		kind: number,
		{event, fn, ipLayer, number, begin, proto}: Moment,
		depth: number,
		duration: number,
		tid: number,
	): void {
		const {src, dst, tcp, ip} = event;
		const {bytes, view} = this;
		const family = familyOf(event, ipLayer || proto === ARP);
		const at = this.reserve(family === Family.IPV6 ? SIZE_IPV6 : SIZE_IPV4);
		bytes[at] = kind;
		bytes[at + At.flags] = Context.UNKNOWN | (kind === Kind.CALL && duration < 0 ? Flag.END_UNKNOWN : 0);
		view.halves[(at + At.fn) >>> 1] = fn;
		view.words[(at + At.tid) >>> 2] = tid;
		view.setU64(at + At.begin, begin);
		view.setU64(at + At.duration, Math.max(0, duration));
		// No line says what a call returned: the place is free.
		view.words[(at + At.ret) >>> 2] = number;
		bytes[at + At.depth] = depth;
		bytes[at + At.family] = family;
		bytes[at + At.proto] = proto === ARP ? 0 : proto;
		view.halves[(at + At.sport) >>> 1] = src.port;
		view.halves[(at + At.dport) >>> 1] = dst.port;
		view.halves[(at + At.ipid) >>> 1] = ip?.id ?? 0;
		bytes.set(src.address, at + (family === Family.IPV6 ? At.saddr6 : At.saddr));
		bytes.set(dst.address, at + (family === Family.IPV6 ? At.daddr6 : At.daddr));
		if (tcp === undefined) return;
		// ACK has no letter, and every segment but the first of a connection has it.
		bytes[at + At.tcp_flags] = tcp.flags | (tcp.ack !== 0 || (tcp.flags | tcp.seq) === 0 ? ACK : 0);
		view.words[(at + At.seq) >>> 2] = tcp.seq;
		view.words[(at + At.ack) >>> 2] = tcp.ack;
	}

	/** @param cause of LOSS_CAUSES; @param time ns since the offset of the session. */
	loss(cause: number, count: bigint, time: number): void {
		const at = this.reserve(SIZE_LOSS);
		this.bytes[at] = Kind.LOSS;
		this.view.halves[(at + LossAt.cause) >>> 1] = cause;
		this.view.setU64(at + At.begin, time);
		this.view.setU64(at + LossAt.count, Number(count));
	}

	/** Hands out what there is. */
	*empty(): Generator<SessionChunk, void, undefined> {
		yield {type: 'records', bytes: this.bytes, offset: 0, length: this.length};
		this.length = 0;
	}

	private reserve(size: number): number {
		const at = this.length;
		this.length += size;
		this.bytes.fill(0, at, this.length);
		return at;
	}
}

/** @param arp what has addresses alone is no IP packet. */
function familyOf({src, dst, tcp, ip}: LogEvent, arp: boolean): number {
	if (src.address.length === 16) return Family.IPV6;
	if (tcp !== undefined || ip !== undefined || src.port + dst.port > 0) return Family.IPV4;
	if (!src.address.some(Boolean) && !dst.address.some(Boolean)) return Family.NONE;
	return arp ? Family.ARP : Family.IPV4;
}
