/** The command line: which command, and how every one of them ends. */
import {readFileSync} from 'node:fs';
import {AddonError} from '../collector/native.js';
import {FilterError} from '../trace/filter/error.js';
import {demo} from './demo.js';
import {doctor} from './doctor.js';
import {Exit, ExitError, say} from './exit.js';
import {explain} from './explain.js';
import {list} from './list.js';
import {live} from './live.js';
import {helpText, type Options, parseOptions} from './options.js';
import {replay} from './replay.js';
import {report} from './report.js';
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

async function run(options: Options): Promise<number> {
	if (options.help) {
		process.stdout.write(helpText());
		return Exit.done;
	}
	if (options.version) {
		process.stdout.write(`pkttop ${version()}\n`);
		return Exit.done;
	}
	if (options.command === 'doctor') return doctor(options.format);
	if (options.command === 'explain') return explain(options.subject);
	if (options.command === 'list') return list(options.format);
	if (options.command === 'report') return report(options, options.read ?? '');
	if (options.command === 'demo') return demo(options.words, options.duration);
	const screen = wantsScreen(options);
	if (options.read === undefined) return live(options, screen);
	// The screen is loaded when it is wanted: lines need neither React nor its start-up time.
	if (screen) return (await import('./replay-screen.js')).replayScreen(options, options.read);
	return replay(options, options.read);
}

function version(): string {
	const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
	return (JSON.parse(text) as {version: string}).version;
}
