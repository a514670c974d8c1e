/**
 * One line of a classic log as facts: of clean_log, of packet.log, and of the dialects of the 2005 thesis, which writes `.`
 * for no flags, `0` for an address that is not known, leaves ports out, and shows excerpts with nothing but function and sign.
 */
import {knownFunction} from '../catalogue/knowledge.js';
import {ipv4Bytes, ipv6Bytes, ipv6Text} from '../trace/address.js';
import {sanitize} from '../trace/text.js';
import type {Sign} from './classic.js';

/** An address with its port; `port` is 0 and not in `text` where it is not known. */
export interface Endpoint {
	/** As our logs write it. */
	readonly text: string;
	/** Four or sixteen, network order. */
	readonly address: Uint8Array;
	readonly port: number;
}

/** What a line says of one moment of a packet. */
export interface LogEvent {
	readonly type: 'event';
	/** Number of the line, 0 where it has none. */
	readonly number: number;
	/** Blanks before the time beyond the one behind the number. */
	readonly indent: number;
	/** Second of the day, -1 where the line has no time; ns of the second. */
	readonly second: number;
	readonly nanos: number;
	/** Digits of the fraction: 6 or 9. */
	readonly digits: number;
	readonly src: Endpoint;
	readonly dst: Endpoint;
	readonly fn: string;
	readonly sign: Sign;
	/** The columns of TCP; `flags` has the bits of the letters. */
	readonly tcp: {readonly flags: number; readonly seq: number; readonly ack: number} | undefined;
	/** The columns of the IP layer. */
	readonly ip: {readonly id: number; readonly protocol: string} | undefined;
}

export type LogLine =
	| LogEvent
	/** `Time : N`, in the unit of the times. */
	| {readonly type: 'time'; readonly duration: number}
	/** From `#` on, safe for a terminal. */
	| {readonly type: 'comment'; readonly text: string}
	| {readonly type: 'blank'};

const LONGEST_LINE = 4096;
const LONGEST_NAME = 256;
/** Blanks are bounded where two kinds of them meet: else a line of blanks would take long. */
const EVENT = new RegExp(
	[
		/^[ \t]{0,15}(?:(\d{1,15})[ \t])?([ \t]{0,1024})/, // number, indentation
		/(\d{1,2}):(\d{1,2}):(\d{1,2}):(\d{1,9})[ \t]+/,
		/(\S+)[ \t]+(\S+)[ \t]+(\S+)[ \t]+([BE-])/,
		/(?:[ \t]+([SFP]{1,3}|[!.])[ \t]+(\d{1,10})[ \t]+ack[ \t]+(\d{1,10}))?/,
		/(?:[ \t]+(\d{1,5})[ \t]+(TCP|UDP|ICMP|unknown protocol))?[ \t]*$/,
	]
		.map(({source}) => source)
		.join(''),
);
/** Function and sign alone: a kernel's name, not any word, so that text of other people is none. */
const SHORT = /^[ \t]{0,15}(?:(\d{1,15})[ \t])?([ \t]{0,1024})([A-Za-z_][\w.]*)[ \t]+([BE-])[ \t]*$/;
const TIME = /^[ \t]*Time[ \t]*:[ \t]*(\d{1,15})[ \t]*$/;

/** The facts of a line (without its line break); undefined when it is no line of such a log. */
export function parseLine(line: string): LogLine | undefined {
	if (line.length > LONGEST_LINE) return undefined;
	const event = EVENT.exec(line);
	if (event !== null) return eventOf(event);
	const text = line.trim();
	if (text === '') return {type: 'blank'};
	if (text.startsWith('#')) return {type: 'comment', text: sanitize(text)};
	const time = TIME.exec(line);
	if (time !== null) return {type: 'time', duration: Number(time[1])};
	const short = SHORT.exec(line);
	return short === null ? undefined : shortEvent(short);
}

function eventOf(match: RegExpExecArray): LogEvent | undefined {
	const second = Number(match[3]) * 3600 + Number(match[4]) * 60 + Number(match[5]);
	const fraction = match[6] as string;
	const inRange = Number(match[3]) < 24 && Number(match[4]) < 60 && Number(match[5]) < 60;
	if (!inRange || fraction.length === 7 || fraction.length === 8) return undefined;
	const src = endpoints.get(match[7] as string);
	const dst = endpoints.get(match[8] as string);
	if (src === undefined || dst === undefined || src.address.length !== dst.address.length) return undefined;
	const [seq, ack, id] = [Number(match[12] ?? 0), Number(match[13] ?? 0), Number(match[14] ?? 0)];
	if (seq > 0xffffffff || ack > 0xffffffff || id > 0xffff) return undefined;
	const fn = names.get(match[9] as string);
	if (fn === undefined) return undefined;
	return {
		type: 'event',
		number: Number(match[1] ?? 0),
		indent: (match[2] as string).length,
		second,
		nanos: fraction.length === 9 ? Number(fraction) : Number(fraction) * 1000,
		digits: fraction.length === 9 ? 9 : 6,
		src,
		dst,
		fn,
		sign: match[10] as Sign,
		tcp: match[11] === undefined ? undefined : {flags: flagsOf(match[11]), seq, ack},
		ip: match[15] === undefined ? undefined : {id, protocol: match[15]},
	};
}

const NOBODY: Endpoint = {text: '0.0.0.0', address: new Uint8Array(4), port: 0};

function shortEvent([, number = '0', indent = '', name = '', sign = '']: RegExpExecArray): LogEvent | undefined {
	const fn = names.get(name);
	if (fn === undefined || !(fn.includes('_') || knownFunction(fn) !== undefined)) return undefined;
	return {
		type: 'event',
		number: Number(number),
		indent: indent.length,
		second: -1,
		nanos: 0,
		digits: 6,
		src: NOBODY,
		dst: NOBODY,
		fn,
		sign: sign as Sign,
		tcp: undefined,
		ip: undefined,
	};
}

const LETTERS: Readonly<Record<string, number>> = {F: 1, S: 2, P: 8};

function flagsOf(letters: string): number {
	let flags = 0;
	for (const letter of letters) flags |= LETTERS[letter] ?? 0;
	return flags;
}

/**
 * Addresses and names repeat from line to line. What is remembered is a copy: a piece of a line would keep all that was
 * read with it in memory.
 */
class Memo<T> {
	private readonly known = new Map<string, T>();

	constructor(private readonly make: (text: string) => T | undefined) {}

	get(text: string): T | undefined {
		const before = this.known.get(text);
		if (before !== undefined) return before;
		const copy = Buffer.from(text).toString();
		const made = this.make(copy);
		if (made === undefined) return undefined;
		if (this.known.size >= MOST_KNOWN) this.known.clear();
		this.known.set(copy, made);
		return made;
	}
}

const MOST_KNOWN = 8192;
const endpoints = new Memo(parseEndpoint);
const names = new Memo((name) => (name.length > LONGEST_NAME ? undefined : sanitize(name)));

function parseEndpoint(text: string): Endpoint | undefined {
	const six = /^\[([^\]]+)\]:(\d{1,5})$/.exec(text);
	const four = /^([\d.]+)(?::(\d{1,5}))?$/.exec(text);
	const host = six?.[1] ?? four?.[1] ?? text;
	const port = Number(six?.[2] ?? four?.[2] ?? 0);
	const address = four !== null ? ipv4Bytes(host === '0' ? '0.0.0.0' : host) : ipv6Bytes(host);
	if (address === undefined || port > 0xffff) return undefined;
	const plain = four !== null ? address.join('.') : ipv6Text(address, 0);
	return {text: port === 0 ? plain : four !== null ? `${plain}:${port}` : `[${plain}]:${port}`, address, port};
}
