/**
 * The classic log (clean_log): numbered lines, indented by nesting, `Time :` behind each block. Its columns are those of the
 * 2005 thesis that pkttop descends from:
 *
 *     35 19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 2291929752 ack 516203532
 *
 * line number, local time, source, destination, function, B, E or -, then of TCP its flags and numbers, then of functions of
 * the IP layer the IP identification and the protocol. The number of events in the last line counts calls and marks, not lines.
 */
import {ipv4Text, ipv6Text} from '../trace/address.js';
import type {Beside} from '../trace/beside.js';
import {WallClock} from '../trace/clock.js';
import {At, Family, Flag, Kind, LossAt, Proto, recordSize} from '../trace/record.js';
import type {Session} from '../trace/session.js';
import type {Entry} from '../trace/store.js';
import type {RecordView} from '../trace/view.js';
import {endComment, lastComment, lostComment, openComment} from './classic-comment.js';

export interface ClassicOptions {
	/** Digits of times: microseconds or nanoseconds. */
	readonly time: 'us' | 'ns';
	/** Number of the first line, 1 if not given. */
	readonly firstLine?: number;
	/** Lines of packet.log: without number, indentation and `Time :`. */
	readonly raw?: boolean;
	/** CLOCK_MONOTONIC now (live) or at the end of the recording, ns: how long open calls have been open. */
	readonly now: () => bigint;
	/** What is noted beside the log. */
	readonly beside?: Beside | undefined;
}

/** B before, E after, - for a place without begin and end. */
export type Sign = 'B' | 'E' | '-';

/**
 * One line, line break included.
 * @param time HH:MM:SS: and the digits; @param addresses source and destination, a space between;
 * @param columns what follows the sign, each with a space before it.
 */
export function classicLine(number: number, depth: number, ...columns: Parameters<typeof rawLine>): string {
	return `${number} ${'  '.repeat(depth)}${rawLine(...columns)}`;
}

/** A line of packet.log: without number and indentation. */
export function rawLine(time: string, addresses: string, fn: string, sign: Sign, columns: string): string {
	return `${time} ${addresses} ${fn} ${sign}${columns}\n`;
}

/** The columns of TCP. @param flags byte 13 of the header. */
export function tcpColumns(flags: number, seq: number, ack: number): string {
	const letters = `${flags & 2 ? 'S' : ''}${flags & 1 ? 'F' : ''}${flags & 8 ? 'P' : ''}`;
	return ` ${letters || '!'} ${seq} ack ${ack}`;
}

/** The columns of the IP layer. ICMPv6 is ICMP: the addresses tell them apart. */
export function ipColumns(ipid: number, proto: number): string {
	return ` ${ipid} ${PROTOCOLS[proto] ?? 'unknown protocol'}`;
}

/** The line that closes a block, from its B to its E in the unit of its times. */
export function timeLine(duration: number): string {
	return `Time : ${duration}\n`;
}

const PROTOCOLS: Readonly<Record<number, string>> = {
	[Proto.TCP]: 'TCP',
	[Proto.UDP]: 'UDP',
	[Proto.ICMP]: 'ICMP',
	[Proto.ICMP6]: 'ICMP',
};

/** Renders entries of a store one after the other as one log. */
export class ClassicWriter {
	/** Events rendered so far. */
	events = 0;
	private line: number;
	private readonly clock: WallClock;
	/** Calls that are open at the place of the writer: by depth, the offset of the record and the columns that E repeats. */
	private readonly calls: number[] = [];
	private readonly addresses: string[] = [];
	private readonly columns: string[] = [];
	/** When the root began, in the unit of the times, as displayed. */
	private rootSeconds = 0;
	private rootRest = 0;

	constructor(
		private readonly session: Session,
		private readonly options: ClassicOptions,
	) {
		this.clock = new WallClock(session.wallOffset);
		this.line = options.firstLine ?? 1;
	}

	/** Numbered lines rendered so far. */
	get lines(): number {
		return this.line - (this.options.firstLine ?? 1);
	}

	/** The lines of one entry. */
	entry(entry: Entry): string {
		const {view} = entry;
		if (entry.kind === Kind.LOSS) return lossComment(view, entry.at);
		this.events += entry.records;
		const {beside} = this.options;
		beside?.entry(entry);
		const first = this.line;
		let text = '';
		let open = 0;
		for (let at = entry.at; at < entry.end; at += recordSize(view.bytes, at)) {
			const depth = view.depth(at);
			while (open > depth) text += this.endOf(view, --open);
			if (beside !== undefined) text += beside.before(at);
			this.clock.set(view, at);
			const call = view.kind(at) === Kind.CALL || view.kind(at) === Kind.OPEN;
			const pair = addresses(view, at);
			const columns = this.packetColumns(view, at);
			const sign = call ? 'B' : '-';
			text += this.numbered(depth, this.time(), pair, this.name(view.fn(at)), sign, columns);
			if (!call) continue;
			if (depth === 0) {
				this.rootSeconds = this.clock.seconds;
				this.rootRest = this.rest();
			}
			this.calls[open] = at;
			this.addresses[open] = pair;
			this.columns[open++] = columns;
		}
		while (open > 0) text += this.endOf(view, --open);
		beside?.written(first, this.line - 1);
		return text;
	}

	/** A comment for what had to leave the memory before it was written; '' when that is nothing. */
	dropped(blocks: number, events: number): string {
		return blocks === 0 ? '' : `# ${blocks} older blocks (${events} events) did not fit into the buffer\n`;
	}

	/** The last line. @param lost events lost by the kernel side. */
	last(lost: bigint): string {
		return lastComment(this.events, lost);
	}

	/** E line of the call at `level`; a comment when its end is not known. Behind the E of a root its duration. */
	private endOf(view: RecordView, level: number): string {
		const at = this.calls[level] as number;
		const name = this.name(view.fn(at));
		if (view.kind(at) === Kind.OPEN) {
			const seconds = Number(this.options.now() - view.time(at)) / 1e9;
			return openComment(name, seconds);
		}
		if ((view.flags(at) & Flag.END_UNKNOWN) !== 0) return endComment(name);
		this.clock.set(view, at, view.duration(at));
		const pair = this.addresses[level] as string;
		const line = this.numbered(level, this.time(), pair, name, 'E', this.columns[level] as string);
		if (level > 0 || this.options.raw === true) return line;
		const second = this.options.time === 'ns' ? 1e9 : 1e6;
		return line + timeLine((this.clock.seconds - this.rootSeconds) * second + this.rest() - this.rootRest);
	}

	private numbered(depth: number, ...columns: Parameters<typeof rawLine>): string {
		const number = this.line++;
		return this.options.raw === true ? rawLine(...columns) : classicLine(number, depth, ...columns);
	}

	/** What the clock shows beside its seconds, in the unit of the times. */
	private rest(): number {
		return this.options.time === 'ns' ? this.clock.nanos : this.clock.micros;
	}

	private time(): string {
		return this.clock.clock() + String(this.rest()).padStart(this.options.time === 'ns' ? 9 : 6, '0');
	}

	private name(fn: number): string {
		return this.session.functions[fn]?.name ?? `function_${fn}`;
	}

	private packetColumns(view: RecordView, at: number): string {
		const proto = view.proto(at);
		const family = view.family(at);
		const tcp =
			proto === Proto.TCP && isSegment(view, at) ? tcpColumns(view.tcpFlags(at), view.seq(at), view.ack(at)) : '';
		const ip = family === Family.IPV4 || family === Family.IPV6;
		return ip && this.session.functions[view.fn(at)]?.ipLayer === true ? tcp + ipColumns(view.ipid(at), proto) : tcp;
	}
}

/** Whether a TCP segment is known, and not only a socket: every segment has a flag, but for those of a null scan. */
export function isSegment(view: RecordView, at: number): boolean {
	return (view.tcpFlags(at) | view.seq(at) | view.ack(at)) !== 0;
}

/** Source and destination with a space between; a port that is not known (0) is left out with its colon. */
export function addresses(view: RecordView, at: number): string {
	const family = view.family(at);
	const sport = view.sport(at);
	const dport = view.dport(at);
	if (family === Family.IPV6) {
		const source = ipv6Text(view.bytes, at + At.saddr6);
		const destination = ipv6Text(view.bytes, at + At.daddr6);
		return `${sport ? `[${source}]:${sport}` : source} ${dport ? `[${destination}]:${dport}` : destination}`;
	}
	const source = family === Family.NONE ? '0.0.0.0' : ipv4Text(view.bytes, at + At.saddr);
	const destination = family === Family.NONE ? '0.0.0.0' : ipv4Text(view.bytes, at + At.daddr);
	return `${source}${sport ? `:${sport}` : ''} ${destination}${dport ? `:${dport}` : ''}`;
}

function lossComment(view: RecordView, at: number): string {
	const cause = view.halves[(at + LossAt.cause) >>> 1] as number;
	return lostComment(view.u64(at + LossAt.count), cause);
}
