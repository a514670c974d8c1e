/** The running kernel on the screen. */
import {basename} from 'node:path';
import type {LiveCollector} from '../collector/live.js';
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
	let run: Run | undefined;
	const shown = {
		open: async () => {
			run = await begin(options, selection, addon, record);
			demo?.start();
			return run.source;
		},
		waiting: `attaching to ${options.points.functions.length} functions (q quits)`,
		cancel: () => addon.cancel(),
		ended: () => limits(options, (run as Run).source),
	};
	try {
		return await show(openScreen(), shown, options, selection.narrowing);
	} finally {
		if (run !== undefined) end(run);
	}
}

interface Run {
	readonly collector: LiveCollector;
	readonly source: LiveSource;
	readonly writer: SessionWriter | undefined;
}

async function begin(options: Options, selection: Selection, addon: Addon, record: Output | undefined): Promise<Run> {
	const tasks = new Tasks();
	const collector = await attach(options, selection, addon, tasks);
	const header = {session: collector.session, options: recordedOptions(options), started: process.hrtime.bigint()};
	const writer =
		record === undefined ? undefined : new SessionWriter((bytes) => record.bytes(bytes), header, collector.names);
	giveUpRoot(addon);
	const file = options.write === undefined ? '' : basename(options.write);
	const source = new LiveSource(collector, tasks, options.buffer, file, writer, (error) =>
		error instanceof ExitError ? error.message : String(error),
	);
	say(`tracing with ${collector.session.backend} on ${collector.session.kernel}`);
	return {collector, source, writer};
}

/** Lets go of the kernel, takes the last records and says what there was. */
function end({collector, source, writer}: Run): void {
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

/** -d and -c end the screen, too: resolves when that is. */
function limits(options: Options, {store}: LiveSource): Promise<void> {
	return new Promise((resolve) => {
		if (options.duration !== Number.POSITIVE_INFINITY) setTimeout(resolve, options.duration * 1000).unref();
		if (options.count === Number.POSITIVE_INFINITY) return;
		const counting = setInterval(() => {
			if (store.blocks < options.count) return;
			clearInterval(counting);
			resolve();
		}, 25).unref();
	});
}
