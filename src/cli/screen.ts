/** The screen of a session, live or recorded: what of the command line it needs, and every way out of it. */
import {loadAddon} from '../collector/native.js';
import type {Narrowing} from '../trace/filter/expression.js';
import {compileFields, isError, NO_FIELDS} from '../ui/filter.js';
import {RESTORE, Screen} from '../ui/screen.js';
import type {Source} from '../ui/source.js';
import {makeTheme, wantsAscii, wantsColor} from '../ui/theme.js';
import {NoTerminal, openTty, type Tty} from '../ui/tty.js';
import {Viewer} from '../ui/viewer.js';
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

/**
 * Shows a session until the person quits or a signal comes. Returns the exit code.
 * @param base what -i, --netns and -p narrow for good; @param end resolves when there is nothing more to show for.
 */
export async function show(
	tty: Tty,
	source: Source,
	options: Options,
	base: Narrowing,
	ended?: Promise<unknown>,
): Promise<number> {
	const {device = '', ...narrowing} = base;
	const filter = compileFields({...NO_FIELDS, expression: options.filter, device}, narrowing);
	// The command line has been checked before.
	if (isError(filter)) throw cannot(filter.message);
	/** What is said on stderr once the terminal has its old content back. */
	const later: string[] = [];
	const screen = new Screen(tty);
	const viewer: Viewer = new Viewer(screen, tty, source, {
		theme: makeTheme(wantsColor(options.color, process.env), options.ascii || wantsAscii(process.env)),
		fps: options.fps,
		filter,
		base: narrowing,
		save: function* (saving, force) {
			const result = yield* save(saving, options, force);
			later.push(result.text);
			return result;
		},
		suspend: () => process.kill(process.pid, 'SIGSTOP'),
	});
	divert((message) => {
		later.push(message);
		viewer.notice(message);
	});
	void ended?.then(() => viewer.quit());
	let code: number = Exit.done;
	const leave = (): void => screen.leave();
	const onSignal = (signal: NodeJS.Signals): void => {
		code = signalCode(signal);
		viewer.quit();
	};
	const onStop = (): void => viewer.suspend();
	const onContinue = (): void => viewer.resume();
	for (const signal of SIGNALS) process.on(signal, onSignal);
	process.on('SIGTSTP', onStop);
	process.on('SIGCONT', onContinue);
	process.on('uncaughtExceptionMonitor', leave);
	process.on('exit', leave);
	const guard = guardTerminal(tty);
	try {
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
