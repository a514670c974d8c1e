/** Where lines and records go: stdout, or a file that belongs to the invoking user. */
import {closeSync, constants, openSync, unlinkSync, writeSync} from 'node:fs';
import {cannot} from './exit.js';
import {asInvoker} from './invoker.js';

/** The reader of our output has gone (`| head`): the end, but no error. */
export class OutputClosed extends Error {}

/** How long to wait for a full pipe that somebody made non-blocking, ms. */
const RETRY = 5;
const nap = new Int32Array(new SharedArrayBuffer(4));

/** Reads the code of a system error. */
export function errorCode(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Words for the errors of files that people meet. */
export function fileError(path: string, error: unknown): string {
	const words: Record<string, string> = {
		EACCES: 'permission denied',
		EEXIST: 'it exists; --force overwrites it',
		EISDIR: 'it is a directory',
		ELOOP: 'it is a symbolic link, which pkttop does not follow',
		ENOENT: 'no such file or directory',
		ENOSPC: 'no space left on the device',
		EFBIG: 'the file is too large',
		EDQUOT: 'the disk quota is used up',
		EROFS: 'the file system is read-only',
	};
	return `${path}: ${words[errorCode(error)] ?? (error instanceof Error ? error.message : String(error))}`;
}

/** Writes all of `text` to stdout before it returns, unless its reader has gone. Throws ExitError (1) when there is no room. */
export function print(text: string): void {
	try {
		Output.open(undefined, false).bytes(Buffer.from(text));
	} catch (error) {
		if (!(error instanceof OutputClosed)) throw error;
	}
}

export class Output {
	private buffer: string[] = [];
	private length = 0;
	private closed = false;

	private constructor(
		private readonly fd: number,
		private readonly path: string | undefined,
	) {}

	/** `undefined` and `-` are stdout. Throws ExitError (1) when the file exists or cannot be made. */
	static open(path: string | undefined, force: boolean): Output {
		if (path === undefined || path === '-') return new Output(1, undefined);
		const {O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW} = constants;
		try {
			const fd = asInvoker(() => openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | (force ? O_TRUNC : O_EXCL), 0o644));
			return new Output(fd, path);
		} catch (error) {
			throw cannot(fileError(path, error));
		}
	}

	/** Collects text until `flush`. */
	text(text: string): void {
		if (text === '') return;
		this.buffer.push(text);
		this.length += text.length;
		if (this.length > 1 << 16) this.flush();
	}

	flush(): void {
		if (this.length === 0) return;
		const bytes = Buffer.from(this.buffer.join(''));
		this.buffer = [];
		this.length = 0;
		this.bytes(bytes);
	}

	/** Writes all of `bytes`. Throws OutputClosed when nobody reads any more, ExitError (1) when there is no room. */
	bytes(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; ) {
			try {
				at += writeSync(this.fd, bytes, at, bytes.length - at);
			} catch (error) {
				const code = errorCode(error);
				if (code === 'EPIPE') throw new OutputClosed();
				if (code !== 'EAGAIN') {
					throw cannot(`${fileError(this.path ?? 'stdout', error)}; what is there is cut off`);
				}
				Atomics.wait(nap, 0, 0, RETRY);
			}
		}
	}

	close(): void {
		if (this.path !== undefined && !this.closed) closeSync(this.fd);
		this.closed = true;
	}

	/** Takes the file away again: nothing was recorded. */
	discard(): void {
		this.close();
		const {path} = this;
		if (path !== undefined) asInvoker(() => unlinkSync(path));
	}
}
