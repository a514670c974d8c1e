/** Opens what `-r`, `export` and `format` read: a session or a log, from a file or a pipe. */
import {closeSync, fstatSync, openSync} from 'node:fs';
import {type Recognised, recognise} from '../formats/log-file.js';
import {SessionFileError} from '../formats/session-json.js';
import type {Narrowing} from '../trace/filter/expression.js';
import {cannot, ExitError} from './exit.js';
import {fileError} from './output.js';

export interface Recorded extends Recognised {
	readonly fd: number;
	/** As people call it. */
	readonly name: string;
	/** Bytes, 0 where that is not known. */
	readonly size: number;
	/** When it was last written, ms since the epoch. */
	readonly written: number;
}

/**
 * @param path `-` is stdin. Throws ExitError (1) for what cannot be opened or is neither session nor log, and for a log that
 * is to be narrowed by what it does not say.
 */
export function openRecorded(path: string, narrowing: Narrowing = {}): Recorded {
	const name = path === '-' ? 'stdin' : path;
	let fd: number | undefined;
	try {
		fd = path === '-' ? 0 : openSync(path, 'r');
		const stat = fstatSync(fd);
		const file = stat.isFile();
		const written = file ? stat.mtimeMs : Date.now();
		const recognised = recognise(fd);
		if (recognised.format === 'log' && Object.keys(narrowing).length > 0) {
			throw cannot(
				`${name}: a log does not say which device, namespace or process: -i, --netns and -p find nothing in it`,
			);
		}
		return {...recognised, fd, name, size: file ? stat.size : 0, written};
	} catch (error) {
		if (fd !== undefined) closeSync(fd);
		throw error instanceof ExitError ? error : readError(name, error);
	}
}

/** In one line, what went wrong while a file was read. */
export function readError(name: string, error: unknown): ExitError {
	return cannot(error instanceof SessionFileError ? `${name}: ${error.message}` : fileError(name, error));
}
