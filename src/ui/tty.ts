/** The terminal as a device. Only screen.ts and what reads keys use it. */
import {closeSync, constants, openSync, writeSync} from 'node:fs';
import {ReadStream} from 'node:tty';

export interface Tty {
	/** File descriptor of the output, -1 for none. */
	readonly fd: number;
	size(): {columns: number; rows: number};
	/** Takes as much of the bytes as the terminal has room for, without waiting; the number of bytes taken. */
	write(bytes: Uint8Array): number;
	raw(on: boolean): void;
	onInput(take: (text: string) => void): void;
	onResize(take: () => void): void;
	close(): void;
}

/** Why there is no screen here. */
export class NoTerminal extends Error {}

/** Terminals without a size (a serial line) are taken for this one. */
const USUAL = {columns: 80, rows: 24};

/**
 * The terminal at stdout. It is opened anew, non-blocking: a terminal that reads slowly must not stop the program, and the
 * flag must not stay behind on the file that the shell shares. Throws NoTerminal.
 */
export function openTty(): Tty {
	const {stdout} = process;
	let fd: number;
	try {
		fd = openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	} catch (error) {
		throw new NoTerminal(`the terminal cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
	}
	const input = openInput();
	return {
		fd,
		size: () => ({columns: stdout.columns || USUAL.columns, rows: stdout.rows || USUAL.rows}),
		write: (bytes) => {
			try {
				return writeSync(fd, bytes);
			} catch (error) {
				if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
				// The terminal has gone: there is nobody to write for; SIGHUP ends the program.
				return bytes.length;
			}
		},
		raw: (on) => {
			try {
				input.setRawMode(on);
			} catch {
				// The terminal has gone.
			}
		},
		onInput: (take) => {
			input.setEncoding('utf8');
			input.on('data', (text: string) => take(text));
			input.on('error', () => {});
			input.resume();
		},
		onResize: (take) => void stdout.on('resize', take),
		close: () => {
			input.pause();
			input.unref();
			closeSync(fd);
		},
	};
}

/** Keys come from stdin, or from the controlling terminal where stdin is something else. */
function openInput(): ReadStream {
	if (process.stdin.isTTY) return process.stdin as ReadStream;
	try {
		return new ReadStream(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY));
	} catch {
		throw new NoTerminal('there is no terminal to read keys from');
	}
}
