/** `-r FILE` on a terminal: a recorded session on the screen. */
import {closeSync} from 'node:fs';
import {basename} from 'node:path';
import {cannot, say} from './exit.js';
import {keptLines} from './kept.js';
import {select} from './narrow.js';
import type {Options} from './options.js';
import {openRecorded} from './recorded.js';
import {openRecording, refuseWithoutNumbers} from './replay.js';
import {ReplaySource} from './replay-source.js';
import {openScreen, show} from './screen.js';

/** Returns the exit code; 1 when the file is not whole. */
export async function replayScreen(options: Options, path: string): Promise<number> {
	const {narrowing} = select(options, false);
	const file = openRecorded(path, narrowing);
	try {
		const recording = openRecording(file);
		refuseWithoutNumbers(options, file.name, recording.header.session.identity);
		const {buffer, speed, count, keep} = options;
		const source = new ReplaySource(recording, buffer, basename(path), speed, count, undefined, keep?.test);
		const shown = {open: () => source, waiting: '', cancel: () => {}};
		// A log says while it is read how fine its times are: `s` saves them so.
		const timed: Options = {
			...options,
			get time() {
				return options.time ?? recording.time;
			},
		};
		const code = await show(openScreen(), shown, timed, narrowing);
		for (const line of keptLines(source.keeper, source.store)) say(line);
		if (source.broken) throw cannot(`${path}: ${source.problem}`);
		if (source.problem !== '') say(`${path}: ${source.problem}`);
		return code;
	} finally {
		closeSync(file.fd);
	}
}
