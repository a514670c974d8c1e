/**
 * The JSON parts of a session file: header, names, end. Numbers that need 64 bits are decimal strings. A file may come from
 * anywhere, so every field is checked when it is read, and every text is made safe for a terminal.
 */
import {LOSS_CAUSES} from '../trace/losses.js';
import type {Device, FunctionStat, OwnCost, Session, TracedFunction} from '../trace/session.js';
import {BUCKETS, type Counters} from '../trace/statistics.js';
import {sanitize} from '../trace/text.js';

/** Why a session file cannot be read (further). The message is one line, without the name of the file. */
export class SessionFileError extends Error {
	/** truncated: everything before the place where it was cut off has been delivered. */
	constructor(
		readonly kind: 'foreign' | 'version' | 'truncated' | 'damaged',
		message: string,
	) {
		super(message);
		this.name = 'SessionFileError';
	}
}

/** First chunk of a file. */
export interface SessionHeader {
	readonly session: Session;
	/** Options of the command line that recorded it, by name. */
	readonly options: Readonly<Record<string, string>>;
	/** When recording began, ns of the session's clock. */
	readonly started: bigint;
}

/** What records refer to by number, from the first record on that does. */
export interface SessionNames {
	/** `dev` is as in records: index + 1. */
	readonly devices: readonly {readonly dev: number; readonly device: Device}[];
	readonly symbols: readonly {readonly address: bigint; readonly text: string}[];
}

/** Last chunk of a complete file. */
export interface SessionEnd {
	/** When recording ended, ns of the session's clock. */
	readonly ended: bigint;
	readonly counters: Counters;
	/** One for each function of the session. */
	readonly stats: readonly FunctionStat[];
}

/** bpf/control.h: a function number is below this. */
const MOST_FUNCTIONS = 4096;
const MOST_DROP_REASONS = 65_536;
const LONGEST_TEXT = 65_536;

export function toJson(value: SessionHeader | SessionNames | SessionEnd): string {
	return JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? String(field) : field));
}

export function headerFromJson(text: string): SessionHeader {
	const root = Fields.parse(text, 'header');
	const session = root.fields('session');
	return {
		session: {
			kernel: session.text('kernel'),
			backend: session.text('backend'),
			base: session.has('base') ? session.integer64('base') : 0n,
			identity: session.has('identity') ? session.text('identity') : 'an older version recorded it',
			wallOffset: session.integer64('wallOffset'),
			functions: session.list('functions', MOST_FUNCTIONS).map(tracedFunction),
			attached: session.count('attached'),
			wanted: session.count('wanted'),
			attachMs: session.count('attachMs'),
			...(session.has('ownCost') ? {ownCost: ownCost(session.fields('ownCost'))} : {}),
			...(session.has('costUnknown') ? {costUnknown: session.text('costUnknown')} : {}),
			dropReasons: session.texts('dropReasons'),
			filter: session.text('filter'),
		},
		options: root.texts('options'),
		started: root.integer64('started'),
	};
}

export function namesFromJson(text: string): SessionNames {
	const root = Fields.parse(text, 'names');
	return {
		devices: root.list('devices', 65_535).map((entry) => {
			const device = entry.fields('device');
			return {
				dev: entry.count('dev'),
				device: {ifindex: device.count('ifindex'), netns: device.count('netns'), name: device.text('name')},
			};
		}),
		symbols: root
			.list('symbols', 65_536)
			.map((entry) => ({address: entry.integer64('address'), text: entry.text('text')})),
	};
}

/** @param functions how many the header names. */
export function endFromJson(text: string, functions: number): SessionEnd {
	const root = Fields.parse(text, 'end');
	const counters = root.fields('counters');
	// Older versions knew fewer causes.
	const known = counters.integers64('lost', LOSS_CAUSES.length);
	const lost = LOSS_CAUSES.map((_, cause) => known[cause] ?? 0n);
	const stats = root.list('stats', MOST_FUNCTIONS).map((stat) => ({
		total: stat.integer64('total'),
		self: stat.integer64('self'),
		max: stat.integer64('max'),
		bucket: stat.integers64('bucket', BUCKETS, BUCKETS),
	}));
	if (stats.length !== functions) throw new SessionFileError('damaged', 'its statistics do not fit its functions');
	return {
		ended: root.integer64('ended'),
		counters: {emitted: counters.integer64('emitted'), lost},
		stats,
	};
}

function ownCost(cost: Fields): OwnCost {
	return {
		inside: cost.count('inside'),
		total: cost.count('total'),
		corrected: cost.flag('corrected'),
		...(cost.has('backend') ? {backend: cost.text('backend')} : {}),
	};
}

function tracedFunction(fn: Fields): TracedFunction {
	return {
		// A name is a column: no blanks.
		name: fn.text('name').replace(/\s/gu, '?'),
		group: fn.text('group'),
		ipLayer: fn.flag('ipLayer'),
		returnsNumber: fn.flag('returnsNumber'),
		mark: fn.flag('mark'),
		...(fn.has('backend') ? {backend: fn.text('backend')} : {}),
		...(fn.has('why') ? {why: fn.text('why')} : {}),
	};
}

/** A JSON object whose fields are taken by name and type; what does not fit is a damaged file. */
class Fields {
	private constructor(
		private readonly object: Readonly<Record<string, unknown>>,
		private readonly where: string,
	) {}

	static parse(text: string, where: string): Fields {
		let value: unknown;
		try {
			value = JSON.parse(text);
		} catch {
			throw new SessionFileError('damaged', `its ${where} is not JSON`);
		}
		return Fields.of(value, where);
	}

	private static of(value: unknown, where: string): Fields {
		if (typeof value === 'object' && value !== null) return new Fields(value as Record<string, unknown>, where);
		throw new SessionFileError('damaged', `its ${where} is no object`);
	}

	has(name: string): boolean {
		return Object.hasOwn(this.object, name);
	}

	fields(name: string): Fields {
		return Fields.of(this.own(name), `${this.where}.${name}`);
	}

	text(name: string): string {
		const value = this.own(name);
		if (typeof value !== 'string' || value.length > LONGEST_TEXT) throw this.unfit(name);
		return sanitize(value);
	}

	flag(name: string): boolean {
		const value = this.own(name);
		if (typeof value !== 'boolean') throw this.unfit(name);
		return value;
	}

	/** A number from 0 to 2^53. */
	count(name: string): number {
		const value = this.own(name);
		if (typeof value !== 'number' || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw this.unfit(name);
		return value;
	}

	integer64(name: string): bigint {
		return this.toInteger64(this.own(name), name);
	}

	integers64(name: string, most: number, least = 0): bigint[] {
		const value = this.own(name);
		if (!Array.isArray(value) || value.length > most || value.length < least) throw this.unfit(name);
		return value.map((item: unknown) => this.toInteger64(item, name));
	}

	list(name: string, most: number): Fields[] {
		const value = this.own(name);
		if (!Array.isArray(value) || value.length > most) throw this.unfit(name);
		return value.map((item: unknown, index) => Fields.of(item, `${this.where}.${name}[${index}]`));
	}

	/** An object of texts. */
	texts(name: string): Record<string, string> {
		const inner = this.fields(name);
		const keys = Object.keys(inner.object);
		if (keys.length > MOST_DROP_REASONS) throw this.unfit(name);
		return Object.fromEntries(keys.map((key) => [sanitize(key), inner.text(key)]));
	}

	private own(name: string): unknown {
		return this.has(name) ? this.object[name] : undefined;
	}

	private toInteger64(value: unknown, name: string): bigint {
		if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) throw this.unfit(name);
		return BigInt(value);
	}

	private unfit(name: string): SessionFileError {
		return new SessionFileError('damaged', `its ${this.where}.${sanitize(name)} is missing or wrong`);
	}
}
