/** The screen of a session, live or recorded: what of the command line it needs, and every way out of it. */
import {loadAddon} from '../collector/native.js';
import type {Beside} from '../trace/beside.js';
import type {Narrowing} from '../trace/filter/expression.js';
import {compileFields, isError, NO_FIELDS} from '../ui/filter.js';
import {RESTORE, Screen} from '../ui/screen.js';
import type {Source} from '../ui/source.js';
import {makeTheme, wantsAscii, wantsColor} from '../ui/theme.js';
import {NoTerminal, openTty, type Tty} from '../ui/tty.js';
import type {Viewer} from '../ui/viewer.js';
import {cannot, divert, Exit, say, signalCode} from './exit.js';
import type {Options} from './options.js';
import {save} from './save.js';

/** Opens the terminal. Throws ExitError (1) where there is none. */
export function openScreen(): Tty {
	try {
		return openTty();
	} catch (error) {
		throw error instanceof NoTerminal ? cannot(`${error.message} (--plain needs none)`) : error;
	}
}

/** What is to be shown. */
export interface Shown {
	/** Opens it; until it is there, `waiting` is on the screen. */
	readonly open: () => Source | Promise<Source>;
	readonly waiting: string;
	/** Nobody wants to wait any longer: `open` may reject with anything. */
	readonly cancel: () => void;
	/** Resolves when there is nothing more to show for. */
	readonly ended?: (source: Source) => Promise<unknown>;
	/** What is noted beside a log that is saved. */
	readonly beside?: () => Beside | undefined;
}

/**
 * Shows a session until the person quits or a signal comes. Returns the exit code.
 * @param base what -i, --netns and -p narrow for good.
 */
export async function show(tty: Tty, shown: Shown, options: Options, base: Narrowing): Promise<number> {
	const {device = '', ...narrowing} = base;
	const filter = compileFields({...NO_FIELDS, expression: options.filter, device}, narrowing);
	// The command line has been checked before.
	if (isError(filter)) throw cannot(filter.message);
	/** What is said on stderr once the terminal has its old content back. */
	const later: string[] = [];
	const screen = new Screen(tty);
	let viewer: Viewer | undefined;
	let left = false;
	divert((message) => {
		later.push(message);
		viewer?.notice(message);
	});
	let code: number = Exit.done;
	const leave = (): void => screen.leave();
	const quit = (): void => {
		left = true;
		if (viewer === undefined) shown.cancel();
		else viewer.quit();
	};
	const onSignal = (signal: NodeJS.Signals): void => {
		code = signalCode(signal);
		quit();
	};
	const onStop = (): void => viewer?.suspend();
	const onContinue = (): void => viewer?.resume();
	for (const signal of SIGNALS) process.on(signal, onSignal);
	process.on('SIGTSTP', onStop);
	process.on('SIGCONT', onContinue);
	process.on('uncaughtExceptionMonitor', leave);
	process.on('exit', leave);
	const guard = guardTerminal(tty);
	try {
		// Loaded while the kernel attaches, once there is something on the screen.
		const opening = opened(screen, tty, shown, quit, () => left);
		opening.catch(() => {});
		const loaded = await import('../ui/viewer.js');
		const source = await opening;
		if (source === undefined) return code;
		viewer = new loaded.Viewer(screen, tty, source, {
			theme: makeTheme(wantsColor(options.color, process.env), options.ascii || wantsAscii(process.env)),
			fps: options.fps,
			filter,
			base: narrowing,
			save: function* (saving, force) {
				const result = yield* save(saving, options, force, shown.beside);
				later.push(result.text);
				return result;
			},
			suspend: () => process.kill(process.pid, 'SIGSTOP'),
		});
		void shown.ended?.(source).then(quit);
		await viewer.run();
	} finally {
		leave();
		guard();
		process.off('SIGTSTP', onStop);
		process.off('SIGCONT', onContinue);
		process.off('uncaughtExceptionMonitor', leave);
		process.off('exit', leave);
		for (const signal of SIGNALS) process.off(signal, onSignal);
		tty.close();
		divert(undefined);
		for (const text of later) say(text);
	}
	return code;
}

/** The source, once it is there; undefined when the person did not want to wait for it. */
async function opened(
	screen: Screen,
	tty: Tty,
	{open, waiting}: Shown,
	quit: () => void,
	left: () => boolean,
): Promise<Source | undefined> {
	const opening = open();
	if (!(opening instanceof Promise)) return opening;
	screen.enter();
	const {columns, rows} = screen.size;
	const indent = ' '.repeat(Math.max(0, (columns - waiting.length) >> 1));
	const text = `${indent}${waiting}`.slice(0, columns);
	screen.paint(Array.from({length: rows}, (_, row) => (row === rows >> 1 ? text : '')));
	let over = false;
	tty.onInput((keys) => {
		if (!over && /[q\x03]/.test(keys)) quit();
	});
	try {
		const source = await opening;
		return left() ? undefined : source;
	} catch (error) {
		if (left()) return undefined;
		throw error;
	} finally {
		over = true;
	}
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Where there is an addon, it gives the terminal back even when the program crashes. Returns what takes the guard away. */
function guardTerminal(tty: Tty): () => void {
	try {
		const addon = loadAddon();
		addon.guardTerminal(tty.fd, Buffer.from(RESTORE));
		return () => addon.guardTerminal(-1, new Uint8Array(0));
	} catch {
		return () => {};
	}
}
