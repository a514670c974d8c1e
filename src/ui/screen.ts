/**
 * The one writer to the terminal: alternate screen, only lines that have changed, each frame a synchronized update. While
 * the terminal has not taken a frame, newer ones replace each other; nothing here ever waits for it, but for `leave`.
 */
import type {Tty} from './tty.js';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[m\x1b[2J';
/** CAN ends a sequence that was cut off in the middle. */
export const RESTORE = '\x18\x1b[?2026l\x1b[m\x1b[?7h\x1b[?25h\x1b[?1049l';
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

/** How soon to ask a full terminal again, ms. */
const RETRY = 4;
/** How long `leave` waits for a full terminal at most, in steps of RETRY. */
const PATIENCE = 250;

export interface Cursor {
	readonly row: number;
	readonly column: number;
}

interface Frame {
	readonly lines: readonly string[];
	readonly cursor: Cursor | undefined;
}

export class Screen {
	/** Bytes written so far, for benchmarks. */
	written = 0;
	frames = 0;
	private shown: string[] = [];
	private next: Frame | undefined;
	private pending: Uint8Array = new Uint8Array(0);
	private timer: NodeJS.Timeout | undefined;
	private active = false;
	private cursorShown = '';

	constructor(private readonly tty: Tty) {}

	get size(): {columns: number; rows: number} {
		return this.tty.size();
	}

	/** Whether the terminal has not taken the last frame yet. */
	get busy(): boolean {
		return this.pending.length > 0;
	}

	/** Takes the terminal. */
	enter(): void {
		if (this.active) return;
		this.active = true;
		this.tty.raw(true);
		this.forget();
		this.send(ENTER);
	}

	/** Gives the terminal back as it was. May be called on every way out, any number of times. */
	leave(): void {
		if (!this.active) return;
		this.active = false;
		clearTimeout(this.timer);
		this.timer = undefined;
		this.pending = new Uint8Array(0);
		this.next = undefined;
		let rest: Uint8Array = Buffer.from(RESTORE);
		const nap = new Int32Array(new SharedArrayBuffer(4));
		for (let i = 0; i < PATIENCE && rest.length > 0; i++) {
			const taken = this.tty.write(rest);
			rest = rest.subarray(taken);
			if (rest.length > 0) Atomics.wait(nap, 0, 0, RETRY);
		}
		this.tty.raw(false);
	}

	/** Everything is written anew with the next frame. */
	forget(): void {
		this.shown = [];
		this.cursorShown = '';
	}

	/** @param lines one for each row, none wider than the screen. */
	paint(lines: readonly string[], cursor?: Cursor): void {
		if (!this.active) return;
		this.next = {lines, cursor};
		if (!this.busy) this.flush();
	}

	private flush(): void {
		const frame = this.next;
		if (frame === undefined) return;
		this.next = undefined;
		let text = '';
		frame.lines.forEach((line, row) => {
			if (this.shown[row] === line) return;
			text += `\x1b[${row + 1}H\x1b[2K${line}`;
		});
		this.shown = [...frame.lines];
		const {cursor} = frame;
		const place = cursor === undefined ? '\x1b[?25l' : `\x1b[${cursor.row + 1};${cursor.column + 1}H\x1b[?25h`;
		if (text === '' && place === this.cursorShown) return;
		const hide = text !== '' && cursor !== undefined ? '\x1b[?25l' : '';
		this.cursorShown = place;
		this.frames++;
		this.send(`${BEGIN}${hide}${text}${place}${END}`);
	}

	private send(text: string): void {
		const bytes = Buffer.from(text);
		this.written += bytes.length;
		this.pending = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
		this.push();
	}

	private push(): void {
		const taken = this.tty.write(this.pending);
		this.pending = this.pending.subarray(taken);
		if (!this.busy) {
			this.flush();
			return;
		}
		this.timer ??= setTimeout(() => {
			this.timer = undefined;
			if (this.active) this.push();
		}, RETRY);
	}
}
