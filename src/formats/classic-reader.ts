/**
 * A classic log (clean_log or packet.log) as a session: what is in the lines becomes records, and what is not in them (CPU,
 * context, thread, device) is left out. Reads in bounded memory, whatever the file is.
 */
import {LOSS_CAUSES} from '../trace/losses.js';
import {Kind} from '../trace/record.js';
import {elapsed} from './classic-copy.js';
import {Days} from './classic-days.js';
import {LogFunctions} from './classic-functions.js';
import {type LogEvent, parseLine} from './classic-line.js';
import {type Calls, Nesting} from './classic-nesting.js';
import {Protocols} from './classic-protocols.js';
import {type Moment, RecordBuffer} from './classic-records.js';
import {linesOf} from './lines.js';
import type {Recording} from './recording.js';
import type {SessionChunk} from './session-file.js';
import type {SessionHeader} from './session-json.js';
import {Unread} from './unread.js';

/** Losses before the first line that has a time. */
const MOST_EARLY = 1024;

export class ClassicReader implements Recording, Calls {
	readonly header: SessionHeader;
	time: 'us' | 'ns' = 'us';
	private readonly unread = new Unread();
	private readonly functions = new LogFunctions();
	private readonly days: Days;
	private readonly protocols = new Protocols();
	private readonly nesting = new Nesting(this);
	private readonly out = new RecordBuffer();
	/** Number of the line at hand. */
	private line = 0;
	/** Number of the line as a clean_log of this log has it. */
	private number = 0;
	/** Calls that are open, by depth; undefined where there was no room for the function. */
	private readonly calls: (Moment | undefined)[] = [];
	/** Stands for a thread, which the log does not name. A block with calls that stay open keeps it, the next has another. */
	private stack = 1;
	/** How many calls of the block in progress are known to stay open, from the root on. */
	private announced = 0;
	/** Begin of the latest root, of the latest one that stays open, and of the latest line; ns. */
	private root: number | undefined;
	private openRoot = -1;
	private latest = 0;
	private readonly early: {readonly cause: number; readonly count: bigint}[] = [];
	private events = 0n;
	private lost: bigint | undefined;
	private readonly losses = LOSS_CAUSES.map(() => 0n);
	/** When it was saved: between these two, as the calls that were open then say, ns. */
	private readonly saved = {from: 0, to: Number.POSITIVE_INFINITY};

	/** @param head what has been read of the file already; @param written when it was last written, ms since the epoch. */
	constructor(
		private readonly fd: number,
		private readonly head: Uint8Array,
		written: number,
	) {
		this.days = new Days(written);
		const {table} = this.functions;
		this.header = {
			session: {
				kernel: '',
				backend: '',
				base: 0n,
				identity: 'a log does not say which packet a line is of',
				wallOffset: this.days.offset,
				functions: table,
				get attached() {
					return table.length;
				},
				get wanted() {
					return table.length;
				},
				attachMs: 0,
				dropReasons: {},
				filter: '',
			},
			options: {},
			started: 0n,
		};
	}

	get problem(): string {
		return this.unread.problem;
	}

	*chunks(): Generator<SessionChunk, void, undefined> {
		const {out} = this;
		for (const lines of linesOf(this.fd, this.head)) {
			for (const line of lines) {
				this.take(line);
				if (out.full) yield* out.empty();
			}
			// Also when nothing could be read: who reads may have something else to do.
			yield* out.empty();
		}
		this.nesting.finish();
		this.lateLosses(this.latest);
		yield* out.empty();
		yield {
			type: 'end',
			ended: BigInt(Math.round(this.ended())),
			counters: this.counters(),
			stats: [],
		};
	}

	private take(line: string): void {
		this.line++;
		const parsed = parseLine(line);
		if (parsed === undefined) this.unread.line(this.line);
		else if (parsed.type === 'event') {
			this.number = parsed.number > 0 ? parsed.number : this.number + 1;
			this.nesting.event(parsed);
		} else if (parsed.type === 'comment') {
			const comment = this.nesting.comment(parsed.text);
			if (comment?.type === 'lost') this.loss(comment.cause, comment.count);
			else if (comment?.type === 'last') {
				this.events += comment.events;
				this.lost = (this.lost ?? 0n) + comment.lost;
			}
		}
	}

	begin(event: LogEvent, depth: number): void {
		if (depth === 0 && this.announced > 0) {
			this.stack++;
			this.announced = 0;
		}
		this.calls[depth] = this.moment(event, depth);
	}

	end(call: LogEvent, event: LogEvent, depth: number): void {
		this.days.time(event, false);
		this.call(Kind.CALL, depth, elapsed(call, event));
	}

	endUnknown(_call: LogEvent, depth: number): void {
		this.call(Kind.CALL, depth, -1);
	}

	open(_call: LogEvent, depth: number, seconds: number): void {
		// As the kernel side announces them: a call before what is inside it.
		for (let level = this.announced; level <= depth; level++) this.call(Kind.OPEN, level, 0);
		this.announced = Math.max(this.announced, depth + 1);
		this.openRoot = this.root ?? -1;
		const begin = this.calls[depth]?.begin ?? this.latest;
		this.saved.from = Math.max(this.saved.from, begin + (seconds - 0.05) * 1e9);
		this.saved.to = Math.min(this.saved.to, begin + (seconds + 0.05) * 1e9);
	}

	mark(event: LogEvent, depth: number): void {
		const moment = this.moment(event, depth);
		if (moment !== undefined) this.out.record(Kind.MARK, moment, depth, 0, this.stack);
	}

	stray(): void {
		this.unread.stray(this.line);
	}

	private call(kind: number, depth: number, duration: number): void {
		const moment = this.calls[depth];
		if (moment === undefined) return;
		this.latest = Math.max(this.latest, moment.begin + Math.max(0, duration));
		this.out.record(kind, moment, depth, duration, this.stack);
	}

	private moment(event: LogEvent, depth: number): Moment | undefined {
		const begin = this.begins(event, depth);
		this.latest = Math.max(this.latest, begin);
		if (depth === 0) this.root = begin;
		this.lateLosses(begin);
		const fn = this.functions.number(event);
		if (fn === undefined) {
			this.unread.line(this.line);
			return undefined;
		}
		const ipLayer = this.functions.table[fn]?.ipLayer === true;
		return {
			event,
			fn,
			ipLayer,
			number: this.number,
			begin,
			proto: this.protocols.of(event, this.functions.protos[fn] ?? 0, this.calls, depth),
		};
	}

	/** A block that stays open is complete last of all. What follows it at the same microsecond is later by a ns or two. */
	private begins(event: LogEvent, depth: number): number {
		const begin = this.days.time(event, depth === 0);
		if (event.digits === 9) this.time = 'ns';
		const same = depth === 0 && event.digits === 6 && begin <= this.openRoot && begin > this.openRoot - 1000;
		return same ? this.openRoot + 1 : begin;
	}

	private loss(cause: number, count: bigint): void {
		if (cause < this.losses.length) this.losses[cause] = (this.losses[cause] ?? 0n) + count;
		// Behind the block before it, and before what began later.
		if (this.root !== undefined) this.out.loss(cause, count, this.root + (this.root === this.openRoot ? 1 : 0));
		else if (this.early.length < MOST_EARLY) this.early.push({cause, count});
	}

	/** Those that came before there was a time. */
	private lateLosses(time: number): void {
		for (const {cause, count} of this.early.splice(0)) this.out.loss(cause, count, time);
	}

	private ended(): number {
		const {from, to} = this.saved;
		return from < to && from > 0 && to < Number.POSITIVE_INFINITY ? (from + to) / 2 : this.latest;
	}

	/** What the last line says beyond the losses in their places has no cause in the log: a full ring is the usual one. */
	private counters() {
		const lost = [...this.losses];
		const rest = (this.lost ?? 0n) - lost.reduce((sum, count) => sum + count, 0n);
		if (rest > 0n) lost[0] = (lost[0] ?? 0n) + rest;
		return {emitted: this.events, lost};
	}
}
