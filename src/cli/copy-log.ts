/** A classic log from a classic log: `format`, and `-r` and `export` where nothing is left out. In constant memory. */
import {closeSync, fstatSync, statSync} from 'node:fs';
import {ClassicCopy, type CopyOptions} from '../formats/classic-copy.js';
import {linesOf} from '../formats/lines.js';
import {cannot, Exit, say} from './exit.js';
import type {Options} from './options.js';
import {Output, OutputClosed} from './output.js';
import {Progress} from './progress.js';
import {openRecorded, type Recorded, readError} from './recorded.js';

/** `pkttop format`: clean_log from packet.log. Returns the exit code. Throws ExitError (1). */
export function format(options: Options): number {
	const log = openRecorded(options.words[0] ?? '-');
	try {
		if (log.format === 'session') {
			throw cannot(`${log.name}: this is a session and no log: pkttop export ${log.name} --to clean_log`);
		}
		return copyLog(log, options, {raw: false, time: options.time});
	} finally {
		closeSync(log.fd);
	}
}

/** Writes a log again and says what of it could not be read. Returns the exit code. Throws ExitError (1). */
export function copyLog(log: Recorded, options: Pick<Options, 'output' | 'force'>, how: CopyOptions): number {
	refuseSame(log, options.output);
	const output = Output.open(options.output, options.force);
	const progress = new Progress(log.size, options.output === undefined && process.stdout.isTTY === true);
	const copy = new ClassicCopy(how);
	try {
		const lines = linesOf(log.fd, log.head, (bytes) => progress.add(bytes));
		for (;;) {
			const some = next(lines, log.name);
			if (some === undefined) break;
			let text = '';
			for (const line of some) text += copy.push(line);
			output.text(text);
		}
		output.text(copy.finish());
		output.flush();
	} catch (error) {
		if (!(error instanceof OutputClosed)) throw error;
	} finally {
		progress.end();
		output.close();
	}
	const {problem} = copy.unread;
	if (problem !== '') say(`${log.name}: ${problem}`);
	return Exit.done;
}

function next(lines: Generator<string[]>, name: string): string[] | undefined {
	try {
		const {done, value} = lines.next();
		return done === true ? undefined : value;
	} catch (error) {
		throw readError(name, error);
	}
}

/** To empty the file that is to be read is never what somebody wants. */
function refuseSame({fd, name}: Recorded, path: string | undefined): void {
	if (path === undefined || path === '-') return;
	const from = fstatSync(fd);
	const to = statSync(path, {throwIfNoEntry: false});
	if (to !== undefined && from.isFile() && from.ino === to.ino && from.dev === to.dev) {
		throw cannot(`${name} cannot be read and written at once: name another file with -o`);
	}
}
