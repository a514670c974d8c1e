/** Saves what the screen shows as a classic log. */
import {basename} from 'node:path';
import {ClassicWriter} from '../formats/classic.js';
import type {Beside} from '../trace/beside.js';
import {narrowed} from '../trace/narrow.js';
import {inOrder} from '../trace/order.js';
import {Kind} from '../trace/record.js';
import type {Saving} from '../ui/saving.js';
import {ExitError} from './exit.js';
import type {Options} from './options.js';
import {Output} from './output.js';
import {totalLost} from './printer.js';

export interface Saved {
	readonly text: string;
	readonly bad: boolean;
}

/** Blocks between two looks at the clock. */
const SLICE = 64;
const DEFAULT = 'clean_log';
/** A file of this name gets the raw log. */
const RAW = 'packet.log';

/**
 * Writes the log to `-o` or ./clean_log, the raw one to a packet.log, some of it at each step, and says what became of it.
 * @param force also over a file that exists; @param beside what is noted beside the log, asked for once there is a file.
 */
export function* save(
	saving: Saving,
	options: Pick<Options, 'output' | 'time'>,
	force: boolean,
	beside: () => Beside | undefined = () => undefined,
): Generator<void, Saved> {
	const path = options.output ?? DEFAULT;
	let output: Output | undefined;
	try {
		output = Output.open(path, force);
		const raw = basename(path) === RAW;
		const {blocks, lines} = yield* write(saving, {...options, raw}, output, beside());
		const lost = totalLost(saving.counters);
		return {text: `saved ${path}: ${blocks} blocks in ${lines} lines, ${lost} events lost`, bad: false};
	} catch (error) {
		if (!(error instanceof ExitError)) throw error;
		const exists = error.message.endsWith('--force overwrites it');
		return {text: exists ? `${path} exists: S overwrites it` : `not saved: ${error.message}`, bad: true};
	} finally {
		output?.close();
	}
}

function* write(
	saving: Saving,
	options: Pick<Options, 'time'> & {readonly raw: boolean},
	output: Output,
	beside: Beside | undefined,
): Generator<void, {blocks: number; lines: number}> {
	const {store, open, limit, predicate, lookup, names, counters, now} = saving;
	const part = predicate !== undefined || limit < store.end;
	const match = predicate ?? (() => true);
	const shown = part ? yield* narrowed(store, limit, match, lookup) : store;
	const shownOpen = predicate === undefined ? open : yield* narrowed(open, open.end, predicate, lookup);
	const writer = new ClassicWriter(names.session, {
		time: options.time ?? 'us',
		now: () => now,
		beside,
		raw: options.raw,
	});
	output.text(writer.dropped(store.droppedBlocks, store.droppedEvents));
	let blocks = 0;
	for (const entry of inOrder(shown, shownOpen)) {
		output.text(writer.entry(entry));
		if (entry.kind !== Kind.LOSS) blocks++;
		if (blocks % SLICE === 0) yield;
	}
	output.text(writer.last(totalLost(counters)));
	output.flush();
	return {blocks, lines: writer.lines};
}
