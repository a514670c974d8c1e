/** What `-r` reads, whatever its format: told by what stands in the file, not by its name. */
import {ClassicReader} from './classic-reader.js';
import type {Recognised} from './log-file.js';
import {type SessionChunk, SessionReader} from './session-file.js';
import type {SessionHeader} from './session-json.js';

export interface Recording {
	/** Of a log the function table grows while it is read. */
	readonly header: SessionHeader;
	/** What follows the header, to be asked for once. Throws SessionFileError where the file is cut off or damaged. */
	chunks(): Generator<SessionChunk, void, undefined>;
	/** What could not be read although the rest could, so far; '' for nothing. */
	readonly problem: string;
	/** Digits of the times it has, so far. */
	readonly time: 'us' | 'ns';
}

/**
 * Reads what has been recognised. Throws SessionFileError, or what the system says.
 * @param written when the file was last written, ms since the epoch.
 */
export function recordingOf(fd: number, {format, head}: Recognised, written: number): Recording {
	return format === 'session' ? new SessionReader(fd, head) : new ClassicReader(fd, head, written);
}
