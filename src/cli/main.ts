/** The command line: which command, and how every one of them ends. */
import {readFileSync} from 'node:fs';
import {AddonError} from '../collector/native.js';
import {FilterError} from '../trace/filter/error.js';
import {Exit, ExitError, say} from './exit.js';
import {type Options, parseOptions} from './options.js';
import {print} from './output.js';
import {wantsScreen} from './wants-screen.js';

/** Runs pkttop with its arguments. Returns the exit code; whatever goes wrong is one line on stderr. */
export async function main(argv: readonly string[]): Promise<number> {
	try {
		return await run(parseOptions(argv));
	} catch (error) {
		if (error instanceof ExitError) {
			say(error.message);
			return error.code;
		}
		if (error instanceof FilterError) {
			say(`filter, column ${error.column}: ${error.message}`);
			return Exit.usage;
		}
		if (error instanceof AddonError) {
			say(error.message);
			return Exit.cannot;
		}
		throw error;
	}
}

/** Each command is loaded when it is wanted: loading all takes longer than most of them run. */
async function run(options: Options): Promise<number> {
	const {command, read, match, format, words} = options;
	if (options.help) {
		print((await import('./help.js')).helpText());
		return Exit.done;
	}
	if (options.version) {
		print(`pkttop ${version()}\n`);
		return Exit.done;
	}
	if (command === 'doctor') return (await import('./doctor.js')).doctor(format);
	if (command === 'explain') return (await import('./explain.js')).explain(words[0] ?? '');
	if (command === 'format') return (await import('./copy-log.js')).format(options);
	if (command === 'list') return (await import('./list.js')).list(format);
	if (command === 'report') return (await import('./report.js')).report(options, read ?? '');
	if (command === 'packet') return (await import('./packet.js')).packet(options, Number(words[0]), read ?? '');
	if (command === 'demo') return (await import('./demo.js')).demo(words, options.duration);
	const screen = wantsScreen(options);
	if (read === undefined) return (await import('./live.js')).live(options, screen);
	if (match !== undefined) return (await import('./match.js')).match(options, read, match);
	if (screen) return (await import('./replay-screen.js')).replayScreen(options, read);
	return (await import('./replay.js')).replay(options, read);
}

function version(): string {
	const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
	return (JSON.parse(text) as {version: string}).version;
}
