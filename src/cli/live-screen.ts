/** The running kernel on the screen. */
import {basename} from 'node:path';
import type {Addon} from '../collector/native.js';
import {SessionWriter} from '../formats/session-file.js';
import {Tasks} from '../trace/tasks.js';
import type {Demo} from '../traffic/demo.js';
import {attach, recordedOptions, summary} from './attach.js';
import {ExitError, say} from './exit.js';
import {giveUpRoot} from './invoker.js';
import {LiveSource} from './live-source.js';
import type {Selection} from './narrow.js';
import type {Options} from './options.js';
import type {Output} from './output.js';
import {openScreen, show} from './screen.js';

/** Traces until the person quits, a limit is reached or a signal comes. Returns the exit code. */
export async function liveScreen(
	options: Options,
	selection: Selection,
	addon: Addon,
	record: Output | undefined,
	demo: Demo | undefined,
): Promise<number> {
	const tasks = new Tasks();
	// The terminal may belong to root alone, so it is opened while we are root.
	const tty = openScreen();
	const collector = attach(options, selection, addon, tasks);
	const header = {session: collector.session, options: recordedOptions(options), started: process.hrtime.bigint()};
	const writer =
		record === undefined ? undefined : new SessionWriter((bytes) => record.bytes(bytes), header, collector.names);
	giveUpRoot(addon);
	const file = options.write === undefined ? '' : basename(options.write);
	const source = new LiveSource(collector, tasks, options.buffer, file, writer, (error) =>
		error instanceof ExitError ? error.message : String(error),
	);
	say(`tracing with ${collector.session.backend} on ${collector.session.kernel}`);
	demo?.start();
	const limit = limits(options, source);
	try {
		return await show(tty, source, options, selection.narrowing, limit.reached);
	} finally {
		limit.stop();
		collector.pause();
		collector.stop();
		source.pump();
		source.builder.flush();
		const ended = process.hrtime.bigint();
		if (source.problem === '') {
			const {counters, stats} = {counters: collector.counters(), stats: collector.stats()};
			writer?.end({ended, counters, stats, probeCost: undefined});
		} else say(`the recording is cut off: ${source.problem}`);
		say(summary(collector, source.builder, source.store.blocks, source.store.events));
	}
}

/** -d and -c end the screen, too. */
function limits(options: Options, {store}: LiveSource): {reached: Promise<unknown>; stop: () => void} {
	let end: (value: unknown) => void = () => {};
	const reached = new Promise((resolve) => {
		end = resolve;
	});
	const timers: NodeJS.Timeout[] = [];
	if (options.duration !== Number.POSITIVE_INFINITY) timers.push(setTimeout(end, options.duration * 1000));
	if (options.count !== Number.POSITIVE_INFINITY) {
		timers.push(setInterval(() => (store.blocks >= options.count ? end(undefined) : undefined), 25));
	}
	return {reached, stop: () => timers.forEach(clearTimeout)};
}
