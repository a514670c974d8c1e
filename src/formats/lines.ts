/** The lines of a text that comes in pieces, in bounded memory, whatever ends them: LF, CR LF or CR. */
import {readSync} from 'node:fs';

/** What is read at a time, and the longest line. */
const BUFFER = 256 * 1024;
const LF = 0x0a;
const CR = 0x0d;
/** How long to wait for a pipe that somebody made non-blocking, ms. */
const RETRY = 5;
const nap = new Int32Array(new SharedArrayBuffer(4));

/** Reads what there is, at most `bytes.length - at`; 0 at the end. Throws what the system says. */
export function readSome(fd: number, bytes: Uint8Array, at: number): number {
	for (;;) {
		try {
			return readSync(fd, bytes, at, bytes.length - at, null);
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
			Atomics.wait(nap, 0, 0, RETRY);
		}
	}
}

/** Stands for a line that is too long to be held: no log has it. */
const TOO_LONG = '\0';

/**
 * The lines of an open file from where it stands, many at a time.
 * @param head what has been read already; @param onRead is told how many bytes are read and are to become lines.
 */
export function* linesOf(
	fd: number,
	head: Uint8Array,
	onRead: (bytes: number) => void = () => {},
): Generator<string[]> {
	const bytes = Buffer.alloc(Math.max(BUFFER, head.length));
	bytes.set(head);
	let end = head.length;
	onRead(end);
	/** What stands at the beginning of `bytes` is the rest of a line that was too long. */
	let long = false;
	for (let more = true; more; ) {
		if (end < bytes.length) {
			const count = readSome(fd, bytes, end);
			more = count > 0;
			end += count;
			onRead(count);
		}
		const whole = more ? lastBreak(bytes, end) : end;
		if (whole === 0) {
			if (end < bytes.length) continue;
			long = true;
			end = 0;
			continue;
		}
		const lines = split(bytes.toString('utf8', 0, whole));
		bytes.copyWithin(0, whole, end);
		end -= whole;
		if (long) lines[0] = TOO_LONG;
		long = false;
		yield lines;
	}
	if (long) yield [TOO_LONG];
}

/** Offset behind the last line break; 0 when there is none. A CR at the very end may be half of one. */
function lastBreak(bytes: Buffer, end: number): number {
	const lf = bytes.lastIndexOf(LF, end - 1);
	return lf >= 0 ? lf + 1 : bytes.lastIndexOf(CR, end - 2) + 1;
}

function split(text: string): string[] {
	const lines = text.split(text.includes('\r') ? /\r\n|\n|\r/ : '\n');
	// Behind the last break nothing begins.
	if (lines.at(-1) === '') lines.pop();
	return lines;
}
