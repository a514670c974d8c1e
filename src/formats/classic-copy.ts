/**
 * A classic log from a classic log, line by line: numbered and indented from a raw one, raw from a numbered one, and of what
 * is one already the same bytes again. Holds the block in progress only.
 */
import {classicLine, rawLine, tcpColumns, timeLine} from './classic.js';
import {endComment} from './classic-comment.js';
import {type LogEvent, parseLine} from './classic-line.js';
import {type Calls, Nesting} from './classic-nesting.js';
import {Unread} from './unread.js';

export interface CopyOptions {
	/** Lines of packet.log. */
	readonly raw: boolean;
	/** Digits of times; as they are in the log where it is undefined. */
	readonly time: 'us' | 'ns' | undefined;
}

const DAY = 86_400e9;
/** A clock may be set back; what is earlier by more is of the next day, ns. */
const SET_BACK = 60e9;

/** ns from one time of day to a later one. */
export function elapsed(from: LogEvent, to: LogEvent): number {
	const time = (to.second - from.second) * 1e9 + to.nanos - from.nanos;
	return time >= 0 ? time : time < -SET_BACK ? time + DAY : 0;
}

export class ClassicCopy implements Calls {
	readonly unread = new Unread();
	private readonly nesting = new Nesting(this);
	private text = '';
	/** Number of the line that is read, and of the last one that was written. */
	private input = 0;
	private line = 0;
	private clockSecond = -1;
	private clockText = '';
	/** A root that has ended and has no `Time :` yet. */
	private ended: {readonly call: LogEvent; readonly event: LogEvent} | undefined;

	constructor(private readonly options: CopyOptions) {}

	/** Takes a line without its break and returns what can be written now. */
	push(line: string): string {
		this.text = '';
		this.input++;
		const parsed = parseLine(line);
		if (parsed === undefined) this.unread.line(this.input);
		else if (parsed.type === 'time') this.timed(parsed.duration);
		else if (parsed.type === 'event') {
			this.timed();
			this.nesting.event(parsed);
		} else if (parsed.type === 'comment') {
			this.timed();
			const type = this.nesting.comment(parsed.text)?.type;
			// That of an end is written where a call ends so.
			if (type !== 'end' || this.text === '') this.text += `${parsed.text}\n`;
		}
		return this.text;
	}

	/** What is left to write. */
	finish(): string {
		this.text = '';
		this.timed();
		this.nesting.finish();
		return this.text;
	}

	begin(event: LogEvent, depth: number): void {
		this.write(event, depth);
	}

	end(call: LogEvent, event: LogEvent, depth: number): void {
		this.write(event, depth);
		if (depth === 0) this.ended = {call, event};
	}

	endUnknown(call: LogEvent): void {
		this.text += endComment(call.fn);
	}

	open(): void {}

	mark(event: LogEvent, depth: number): void {
		this.write(event, depth);
	}

	stray(event: LogEvent, depth: number): void {
		this.unread.stray(this.input);
		this.write(event, depth);
	}

	private write(event: LogEvent, depth: number): void {
		const {tcp, ip, fn, sign} = event;
		const addresses = `${event.src.text} ${event.dst.text}`;
		let columns = tcp === undefined ? '' : tcpColumns(tcp.flags, tcp.seq, tcp.ack);
		if (ip !== undefined) columns += ` ${ip.id} ${ip.protocol}`;
		this.line = event.number > 0 ? event.number : this.line + 1;
		const time = this.time(event);
		this.text += this.options.raw
			? rawLine(time, addresses, fn, sign, columns)
			: classicLine(this.line, depth, time, addresses, fn, sign, columns);
	}

	private time(event: LogEvent): string {
		const {second, nanos} = event;
		if (second !== this.clockSecond) {
			const parts = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
			this.clockText = parts.map((part) => `${String(part).padStart(2, '0')}:`).join('');
			this.clockSecond = second;
		}
		const digits = this.digits(event);
		return this.clockText + String(digits === 9 ? nanos : Math.floor(nanos / 1000)).padStart(digits, '0');
	}

	private digits({digits}: LogEvent): number {
		const {time} = this.options;
		return time === undefined ? digits : time === 'ns' ? 9 : 6;
	}

	/** Closes the root that has ended. @param said what the log says of its duration, in its own unit. */
	private timed(said = 0): void {
		if (this.ended === undefined) return;
		const {call, event} = this.ended;
		this.ended = undefined;
		if (this.options.raw) return;
		const unit = this.digits(event) === 9 ? 1 : 1000;
		const floor = (nanos: number) => Math.floor(nanos / unit) * unit;
		const time = elapsed({...call, nanos: floor(call.nanos)}, {...event, nanos: floor(event.nanos)});
		// The times of day do not tell how many days it took.
		const days = Math.round((said * (event.digits === 9 ? 1 : 1000) - time) / DAY);
		this.text += timeLine((time + Math.max(0, days) * DAY) / unit);
	}
}
