/** Which of our files an open file is, by what stands in it and not by its name. */
import {parseComment} from './classic-comment.js';
import {parseLine} from './classic-line.js';
import {readSome} from './lines.js';
import {SessionFileError} from './session-json.js';

export interface Recognised {
	readonly format: 'session' | 'log';
	/** What has been read of it: it may be a pipe. */
	readonly head: Uint8Array<ArrayBuffer>;
}

/** First byte of a session: no text has it. */
const SESSION = 0x89;
const PIECE = 64 * 1024;
/** A log has a line of a log in its first part, whatever else stands in it, bytes. */
const MOST = 1 << 20;

/** Reads as much as it needs. Throws SessionFileError for what is neither, or what the system says. */
export function recognise(fd: number): Recognised {
	const bytes = Buffer.alloc(MOST);
	let end = 0;
	let from = 0;
	while (end < MOST) {
		const count = readSome(fd, bytes.subarray(0, Math.min(MOST, end + PIECE)), end);
		end += count;
		const head = bytes.subarray(0, end);
		if (head[0] === SESSION) return {format: 'session', head};
		const whole = count === 0 || end === MOST ? end : Math.max(head.lastIndexOf(0x0a), head.lastIndexOf(0x0d)) + 1;
		if (
			bytes
				.toString('utf8', from, whole)
				.split(/[\r\n]/)
				.some(isLog)
		)
			return {format: 'log', head};
		from = Math.max(from, whole);
		if (count === 0) break;
	}
	throw new SessionFileError('foreign', end === 0 ? 'it is empty' : 'this is neither a pkttop session nor a log');
}

/** Whether a line is of a log beyond doubt: a comment alone may be anybody's. */
function isLog(line: string): boolean {
	const parsed = parseLine(line);
	return parsed?.type === 'event' || (parsed?.type === 'comment' && parseComment(parsed.text) !== undefined);
}
