/**
 * From the lines of a classic log to its calls: which E belongs to which B, and how deep. Lines of one block stand together,
 * so that B and E are brackets. Where they are not (an E is missing, lines are out of order) the calls around go on: what
 * can be told is told, and what is held is bounded.
 */
import {type LogComment, parseComment} from './classic-comment.js';
import type {LogEvent} from './classic-line.js';

/** Record.depth is a byte. */
const MOST_DEPTH = 256;
/** Our blocks have fewer lines: in what is longer an E is missing, and what follows is no part of it. */
const MOST_LINES = 32_768;

/** Told in the order of the lines. `depth` counts from 0 for a root and is that of the B also at its end. */
export interface Calls {
	begin(event: LogEvent, depth: number): void;
	/** @param call its B. */
	end(call: LogEvent, event: LogEvent, depth: number): void;
	/** The call ended at an unknown time before what comes next. */
	endUnknown(call: LogEvent, depth: number): void;
	/** The call was open when the log was saved. @param seconds for how long. */
	open(call: LogEvent, depth: number, seconds: number): void;
	mark(event: LogEvent, depth: number): void;
	/** An E without B. */
	stray(event: LogEvent, depth: number): void;
}

export class Nesting {
	private readonly calls: LogEvent[] = [];
	/** Of the block in progress. */
	private lines = 0;
	/** The last line that had a time: one without it happened then, or later. */
	private last: Pick<LogEvent, 'second' | 'nanos' | 'digits'> = {second: 0, nanos: 0, digits: 6};
	/** The log is indented by its nesting: then that counts, too. */
	private indented = false;

	constructor(private readonly to: Calls) {}

	event(line: LogEvent): void {
		const {calls, to} = this;
		const {second, nanos, digits} = this.last;
		const event = line.second < 0 ? {...line, second, nanos, digits} : line;
		this.last = event;
		if (event.number > 0 && event.indent > 0) this.indented = true;
		if (event.sign === 'E') {
			this.end(event);
			return;
		}
		if (this.trusts(event)) while ((calls.at(-1)?.indent ?? -1) >= event.indent) this.pop();
		if (calls.length === MOST_DEPTH || this.lines >= MOST_LINES) this.finish();
		this.lines = calls.length === 0 ? 1 : this.lines + 1;
		if (event.sign === '-') to.mark(event, calls.length);
		else {
			to.begin(event, calls.length);
			calls.push(event);
		}
	}

	/** Returns what the comment says, undefined when it is not ours. */
	comment(text: string): LogComment | undefined {
		const comment = parseComment(text);
		if (comment?.type === 'last') this.finish();
		if (comment?.type !== 'open' && comment?.type !== 'end') return comment;
		const index = this.calls.findLastIndex(({fn}) => fn === comment.fn);
		while (index >= 0 && this.calls.length > index + 1) this.pop();
		if (index >= 0 && comment.type === 'end') this.pop();
		else if (index >= 0 && comment.type === 'open') {
			const call = this.calls.pop() as LogEvent;
			this.to.open(call, index, comment.seconds);
		}
		return comment;
	}

	/** Nothing follows: what is open has no known end. */
	finish(): void {
		while (this.calls.length > 0) this.pop();
	}

	private end(event: LogEvent): void {
		const {calls, to} = this;
		const same = ({fn}: LogEvent) => fn === event.fn;
		let index = -1;
		if (this.trusts(event)) index = calls.findLastIndex((call) => same(call) && call.indent === event.indent);
		if (index < 0) index = calls.findLastIndex(same);
		this.lines++;
		if (index < 0) {
			to.stray(event, calls.length);
			return;
		}
		while (calls.length > index + 1) this.pop();
		to.end(calls.pop() as LogEvent, event, index);
	}

	private trusts({number}: LogEvent): boolean {
		return this.indented && number > 0;
	}

	private pop(): void {
		const call = this.calls.pop() as LogEvent;
		this.to.endUnknown(call, this.calls.length);
	}
}
