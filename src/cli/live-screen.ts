/** The running kernel on the screen. */

import {basename} from 'node:path';
import {now} from '../collector/clock.js';
import type {LiveCollector} from '../collector/live.js';
import type {Addon} from '../collector/native.js';
import {SessionWriter} from '../formats/session-file.js';
import {Tasks} from '../trace/tasks.js';
import type {Demo} from '../traffic/demo.js';
import {attach, recordedOptions, summary} from './attach.js';
import {ExitError, say} from './exit.js';
import {giveUpRoot} from './invoker.js';
import {keptLines} from './kept.js';
import {LiveSource} from './live-source.js';
import type {Selection} from './narrow.js';
import type {Options} from './options.js';
import type {Output} from './output.js';
import type {Pcap} from './pcap.js';
import {openScreen, show} from './screen.js';

/** Traces until the person quits, a limit is reached or a signal comes. Returns the exit code. */
export async function liveScreen(
	options: Options,
	selection: Selection,
	addon: Addon,
	record: Output | undefined,
	pcap: Pcap | undefined,
	demo: Demo | undefined,
): Promise<number> {
	let run: Run | undefined;
	const shown = {
		open: async () => {
			run = await begin(options, selection, addon, record, pcap);
			demo?.start();
			return run.source;
		},
		waiting: `attaching to ${options.points.functions.length} functions (q quits)`,
		cancel: () => addon.cancel(),
		ended: () => limits(options, (run as Run).source),
		beside: () => pcap?.saving(),
	};
	try {
		return await show(openScreen(), shown, options, selection.narrowing);
	} finally {
		if (run !== undefined) await end(run);
	}
}

interface Run {
	readonly collector: LiveCollector;
	readonly source: LiveSource;
	readonly writer: SessionWriter | undefined;
	readonly pcap: Pcap | undefined;
}

async function begin(
	options: Options,
	selection: Selection,
	addon: Addon,
	record: Output | undefined,
	pcap: Pcap | undefined,
): Promise<Run> {
	const tasks = new Tasks();
	const collector = await attach(options, selection, addon, tasks);
	const header = {session: collector.session, options: recordedOptions(options), started: now()};
	const writer =
		record === undefined ? undefined : new SessionWriter((bytes) => record.bytes(bytes), header, collector.names);
	giveUpRoot(addon);
	const file = options.write === undefined ? '' : basename(options.write);
	const fail = (error: unknown) => (error instanceof ExitError ? error.message : String(error));
	const {buffer, keep, follow} = options;
	const source = new LiveSource(collector, tasks, buffer, file, writer, fail, pcap, keep?.test, follow);
	pcap?.begin(collector.names, source.store);
	say(`tracing with ${collector.session.backend} on ${collector.session.kernel}`);
	return {collector, source, writer, pcap};
}

/** Lets go of the kernel, takes the last records and says what there was. */
async function end({collector, source, writer, pcap}: Run): Promise<void> {
	collector.pause();
	pcap?.pause();
	collector.stop();
	await pcap?.settle();
	source.finish();
	const ended = now();
	if (source.problem === '') {
		const {counters, stats} = {counters: collector.counters(), stats: collector.stats()};
		writer?.end({ended, counters, stats});
	} else say(`the recording is cut off: ${source.problem}`);
	try {
		pcap?.finish();
	} catch (error) {
		say(`the capture is cut off: ${error instanceof ExitError ? error.message : String(error)}`);
	}
	for (const line of keptLines(source.keeper, source.store)) say(line);
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
