/** What the comments of our classic logs say: one form each, written and read here. */
import {lossCause, lossWords} from '../trace/losses.js';

export type LogComment =
	/** In the place of the E of a call that was open when the log was saved; `seconds` with one digit behind the point. */
	| {readonly type: 'open'; readonly fn: string; readonly seconds: number}
	/** In the place of the E of a call whose end was not seen. */
	| {readonly type: 'end'; readonly fn: string}
	/** `cause` is an index of LOSS_CAUSES, or beyond them. */
	| {readonly type: 'lost'; readonly count: bigint; readonly cause: number}
	/** The last line. */
	| {readonly type: 'last'; readonly events: bigint; readonly lost: bigint};

/** `# open: tcp_recvmsg, 12.4 s so far` */
export function openComment(fn: string, seconds: number): string {
	return `# open: ${fn}, ${Math.max(0, seconds).toFixed(1)} s so far\n`;
}

export function endComment(fn: string): string {
	return `# end unknown: ${fn}\n`;
}

/** @param cause index of LOSS_CAUSES. */
export function lostComment(count: bigint, cause: number): string {
	return `# lost ${count} events (${lossWords(cause)})\n`;
}

export function lastComment(events: number, lost: bigint): string {
	return `# ${events} events, ${lost} lost\n`;
}

const COUNT = '(\\d{1,19})';
const OPEN = /^# open: (\S+), (\d{1,12}\.\d) s so far$/;
const END = /^# end unknown: (\S+)$/;
const LOST = new RegExp(`^# lost ${COUNT} events \\((.*)\\)$`);
const LAST = new RegExp(`^# ${COUNT} events, ${COUNT} lost$`);

/** What a comment says; undefined for one that is not ours. */
export function parseComment(text: string): LogComment | undefined {
	const open = OPEN.exec(text);
	if (open !== null) return {type: 'open', fn: open[1] as string, seconds: Number(open[2])};
	const end = END.exec(text);
	if (end !== null) return {type: 'end', fn: end[1] as string};
	const lost = LOST.exec(text);
	if (lost !== null) {
		return {type: 'lost', count: BigInt(lost[1] as string), cause: lossCause(lost[2] as string)};
	}
	const last = LAST.exec(text);
	return last === null ? undefined : {type: 'last', events: BigInt(last[1] as string), lost: BigInt(last[2] as string)};
}
