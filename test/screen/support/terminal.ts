/** The whole viewer in this process, on a terminal without a window. */
import {closeSync, openSync} from 'node:fs';
import {basename} from 'node:path';
import {fileURLToPath} from 'node:url';
import xterm from '@xterm/headless';
import {vi} from 'vitest';
import {ReplaySource} from '../../../src/cli/replay-source.js';
import {recognise} from '../../../src/formats/log-file.js';
import {recordingOf} from '../../../src/formats/recording.js';
import {compileFields, type Fields, isError, NO_FIELDS} from '../../../src/ui/filter.js';
import type {Saving} from '../../../src/ui/saving.js';
import {Screen} from '../../../src/ui/screen.js';
import type {Source} from '../../../src/ui/source.js';
import {makeTheme} from '../../../src/ui/theme.js';
import type {Tty} from '../../../src/ui/tty.js';
import {Viewer, type ViewerOptions} from '../../../src/ui/viewer.js';

process.env.TZ = 'UTC';
// Everything here waits for conditions; a busy machine may take its time.
vi.setConfig({testTimeout: 60_000});

export const DEMO = fileURLToPath(new URL('../../fixtures/demo.ptt', import.meta.url));

/** A terminal that the test reads: what is written to it becomes cells. */
export class FakeTty implements Tty {
	readonly fd = -1;
	readonly terminal: InstanceType<typeof xterm.Terminal>;
	/** All that was ever written. */
	output = '';
	rawMode = false;
	/** Lines that were written too wide for the size of their moment. */
	readonly wide: string[] = [];
	/** Bytes that it takes from now on before it is full. */
	room = Number.POSITIVE_INFINITY;
	private take: (text: string) => void = () => {};
	private resized: () => void = () => {};
	private readonly decoder = new TextDecoder();

	constructor(
		public columns: number,
		public rows: number,
	) {
		this.terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true});
	}

	size(): {columns: number; rows: number} {
		return {columns: this.columns, rows: this.rows};
	}

	write(bytes: Uint8Array): number {
		const taken = Math.min(this.room, bytes.length);
		this.room -= taken;
		const text = this.decoder.decode(bytes.subarray(0, taken), {stream: true});
		this.output += text;
		this.wide.push(...linesOf(text).filter((line) => widthOf(line) > this.columns));
		this.terminal.write(text);
		return taken;
	}

	raw(on: boolean): void {
		this.rawMode = on;
	}

	onInput(take: (text: string) => void): void {
		this.take = take;
	}

	onResize(take: () => void): void {
		this.resized = take;
	}

	close(): void {}

	type(text: string): void {
		this.take(text);
	}

	resize(columns: number, rows: number): void {
		this.columns = columns;
		this.rows = rows;
		this.terminal.resize(columns, rows);
		this.resized();
	}

	/** What stands on the screen, trailing blanks left out. */
	async lines(): Promise<string[]> {
		await new Promise<void>((done) => this.terminal.write('', done));
		const {active} = this.terminal.buffer;
		return Array.from(
			{length: this.rows},
			(_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
		);
	}

	async text(): Promise<string> {
		return (await this.lines()).join('\n');
	}

	/** Waits until the screen is as wanted; fails with what stands there instead. */
	async until(wanted: (text: string) => boolean, what: string): Promise<string> {
		const late = Date.now() + 30_000;
		for (;;) {
			const text = await this.text();
			if (wanted(text)) return text;
			if (Date.now() > late) throw new Error(`never came: ${what}\n${text}`);
			await new Promise((resolve) => setImmediate(resolve));
		}
	}

	see(words: string): Promise<string> {
		return this.until((text) => text.includes(words), words);
	}
}

export interface Opened {
	readonly tty: FakeTty;
	readonly viewer: Viewer;
	readonly source: Source;
	readonly saved: {readonly saving: Saving; readonly force: boolean}[];
	/** Resolves when the viewer has gone. */
	readonly ended: Promise<void>;
	quit(): Promise<void>;
}

export interface Settings {
	readonly columns?: number;
	readonly rows?: number;
	readonly fields?: Partial<Fields>;
	readonly color?: boolean;
	readonly ascii?: boolean;
	readonly fps?: number;
	readonly save?: ViewerOptions['save'];
	readonly suspend?: () => void;
}

/** A recorded session or a log as a source. */
export function demoSource(speed = 0, clock?: () => number, path = DEMO): {source: ReplaySource; close: () => void} {
	const fd = openSync(path, 'r');
	const recording = recordingOf(fd, recognise(fd), Date.UTC(2026, 0, 15, 12));
	const source = new ReplaySource(recording, 1 << 26, basename(path), speed, undefined, clock);
	return {source, close: () => closeSync(fd)};
}

export function open(source: Source, settings: Settings = {}): Opened {
	const {columns = 80, rows = 24, fields = {}, color = false, ascii = false, fps = 60} = settings;
	const filter = compileFields({...NO_FIELDS, ...fields});
	if (isError(filter)) throw new Error(filter.message);
	const tty = new FakeTty(columns, rows);
	const saved: Opened['saved'] = [];
	const viewer = new Viewer(new Screen(tty), tty, source, {
		theme: makeTheme(color, ascii),
		fps,
		filter,
		base: {},
		save:
			settings.save ??
			function* (saving, force) {
				saved.push({saving, force});
				yield;
				return {text: 'saved it', bad: false};
			},
		suspend: settings.suspend ?? (() => {}),
	});
	const ended = viewer.run();
	ended.catch(() => {});
	const quit = async () => {
		viewer.quit();
		await ended;
	};
	return {tty, viewer, source, saved, ended, quit};
}

/** The recorded session on a screen, all of it read. */
export async function openDemo(settings: Settings = {}): Promise<Opened> {
	const {source, close} = demoSource();
	const opened = open(source, settings);
	await opened.viewer.ready;
	const late = Date.now() + 30_000;
	while (!source.done || !opened.viewer.model.matches.complete) {
		if (Date.now() > late) throw new Error('the session was never read');
		await new Promise((resolve) => setImmediate(resolve));
	}
	opened.ended.then(close, close);
	return opened;
}

const SEQUENCE = /\x1b\[[?0-9;]*[A-Za-z]|[^\x1b]+/g;

/** What was written after each erased line. */
const linesOf = (output: string): string[] => output.split(/\x1b\[\d+H\x1b\[2K/).slice(1);

/** Cells over which a line moves the cursor; what follows the last line (place of the cursor) does not count. */
function widthOf(line: string): number {
	let width = 0;
	for (const [part] of line.replace(/\x1b\[\d+;\d+H.*$/s, '').matchAll(SEQUENCE)) {
		const move = /^\x1b\[(\d+)([CG])$/.exec(part);
		if (move !== null) width = move[2] === 'C' ? width + Number(move[1]) : Number(move[1]) - 1;
		else if (!part.startsWith('\x1b')) width += part.length;
	}
	return width;
}
