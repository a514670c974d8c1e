/** `-r FILE` on a terminal: a recorded session on the screen. */
import {closeSync} from 'node:fs';
import {basename} from 'node:path';
import {cannot} from './exit.js';
import {select} from './narrow.js';
import type {Options} from './options.js';
import {openSession} from './replay.js';
import {ReplaySource} from './replay-source.js';
import {openScreen, show} from './screen.js';

/** Returns the exit code; 1 when the file is not whole. */
export async function replayScreen(options: Options, path: string): Promise<number> {
	const {narrowing} = select(options, false);
	const {reader, fd} = openSession(path);
	try {
		const source = new ReplaySource(reader, options.buffer, basename(path), options.speed, options.count);
		const shown = {open: () => source, waiting: '', cancel: () => {}};
		const code = await show(openScreen(), shown, options, narrowing);
		if (source.problem !== '') throw cannot(`${path}: ${source.problem}`);
		return code;
	} finally {
		closeSync(fd);
	}
}
