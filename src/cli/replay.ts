/** `-r FILE`: a recorded session or a log through the same views as live events, without root and without the addon. */
import {closeSync} from 'node:fs';
import {type Recording, recordingOf} from '../formats/recording.js';
import {type SessionEnd, SessionFileError} from '../formats/session-file.js';
import {compilePredicate} from '../trace/filter/predicate.js';
import {LOSS_CAUSES} from '../trace/losses.js';
import {NameTable} from '../trace/names.js';
import {inOrder} from '../trace/order.js';
import type {PacketWorld} from '../trace/packets/packet-row.js';
import type {AnyWait} from '../trace/packets/wait-stats.js';
import {Kind, SIZE_LIFE} from '../trace/record.js';
import type {Counters} from '../trace/statistics.js';
import {Tasks} from '../trace/tasks.js';
import {copyLog} from './copy-log.js';
import {cannot, Exit, ExitError, say, wrong} from './exit.js';
import {keptLines, noNumbers} from './kept.js';
import {select} from './narrow.js';
import type {Options} from './options.js';
import {Output, OutputClosed} from './output.js';
import {PcapngPrinter} from './pcapng-printer.js';
import {Pipeline} from './pipeline.js';
import {printer} from './printer.js';
import {openRecorded, type Recorded, readError} from './recorded.js';
import {ShownPackets} from './shown-packets.js';

/** Bytes of the buffer for each packet that is followed, and how many are followed whatever the buffer. */
const PACKET_BYTES = 1024;
const LEAST_PACKETS = 65_536;
/** Waits of connections that are held until all blocks are printed. */
const MOST_WAITS = 262_144;

/**
 * Prints a recorded session or a log, in the order of the blocks' begin. Returns the exit code. Throws ExitError, also when
 * the file is not whole: after what there is.
 */
export function replay(options: Options, path: string): number {
	const {expression, narrowing} = select(options, false);
	const all = options.filter === '' && Object.keys(narrowing).length === 0;
	if (options.format === 'pcapng' && (options.output ?? '-') === '-' && process.stdout.isTTY === true)
		throw wrong('pcapng is nothing for a terminal: name a file with -o');
	const file = openRecorded(path, narrowing);
	try {
		/** A log of which nothing is left out keeps the numbers of its lines. */
		const some = options.count !== Number.POSITIVE_INFINITY || options.keep !== undefined || options.follow === true;
		const whole = file.format === 'log' && all && !some;
		if (whole && (options.format === 'plain' || options.format === 'packet.log')) {
			return copyLog(file, options, {raw: options.format === 'packet.log', time: options.time});
		}
		const recording = openRecording(file);
		const tasks = new Tasks();
		const names = new NameTable(recording.header.session, tasks);
		const pipeline = new Pipeline(
			options.buffer,
			tasks,
			names,
			all ? undefined : compilePredicate(expression, narrowing),
			options.keep?.test,
		);
		const {identity} = recording.header.session;
		refuseWithoutNumbers(options, file.name, identity);
		if (options.follow === true) pipeline.followAccepted();
		const followed = options.format === 'json' && identity === '';
		const world = followed ? pipeline.followPackets(packetsIn(file, options.buffer)) : undefined;
		const waits: AnyWait[] = [];
		// With a count nothing says whether they are of a block that is printed.
		if (world !== undefined && options.count === Number.POSITIVE_INFINITY) {
			world.table.waits.onSocket = (wait) => {
				if (waits.length < MOST_WAITS) waits.push(wait);
			};
		}
		const {end, problem} = readRecording(recording, names, pipeline, path);
		print({...options, time: options.time ?? recording.time}, names, tasks, pipeline, end, whole, world, waits);
		if (problem !== undefined) throw cannot(`${path}: ${problem}`);
		if (recording.problem !== '') say(`${path}: ${recording.problem}`);
		return Exit.done;
	} finally {
		closeSync(file.fd);
	}
}

/** Throws ExitError (1) where packets of a recording have no numbers (`identity`: why) and something asks for them. */
export function refuseWithoutNumbers(options: Options, name: string, identity: string): void {
	for (const option of ['keep', 'follow'] as const) {
		if (options[option] && identity !== '') throw cannot(`${name}: ${noNumbers(`--${option}`, identity)}`);
	}
}

/** Throws ExitError (1). */
export function openRecording(file: Recorded): Recording {
	try {
		return recordingOf(file.fd, file, file.written);
	} catch (error) {
		throw readError(file.name, error);
	}
}

/** Takes all that a recording has to the pipeline, and what is open at its end. `problem`: why the rest cannot be read. */
export function readRecording(
	recording: Recording,
	names: NameTable,
	pipeline: Pipeline,
	path: string,
): {end?: SessionEnd; problem?: string} {
	let end: SessionEnd | undefined;
	try {
		for (const chunk of recording.chunks()) {
			if (chunk.type === 'records') pipeline.push(chunk.bytes, chunk.offset, chunk.length);
			else if (chunk.type === 'end') end = chunk;
			else {
				for (const {dev, device} of chunk.devices) names.setDevice(dev, device);
				for (const {address, text} of chunk.symbols) names.setSymbol(address, text);
			}
		}
	} catch (error) {
		if (!(error instanceof SessionFileError)) throw readError(path, error);
		pipeline.flush();
		return {problem: error.message};
	}
	pipeline.flush();
	return end === undefined ? {} : {end};
}

/** How many packets are followed at most: all of a file, as far as the buffer may be expected to hold their records. */
export function packetsIn({size}: Recorded, buffer: number): number {
	const room = Math.max(LEAST_PACKETS, Math.floor(buffer / PACKET_BYTES));
	return size === 0 ? room : Math.min(room, Math.ceil(size / SIZE_LIFE));
}

/** Says of packets that are not known any more. */
export function sayForgotten(world: PacketWorld | undefined): void {
	const forgotten = world?.table.forgotten ?? 0;
	if (forgotten > 0) say(`${forgotten} older packets did not fit into the buffer and are left out (--buffer)`);
}

function print(
	options: Options,
	names: NameTable,
	tasks: Tasks,
	pipeline: Pipeline,
	end: SessionEnd | undefined,
	numbered: boolean,
	world: PacketWorld | undefined,
	waits: AnyWait[],
): void {
	const {store, builder} = pipeline;
	const none: Counters = {emitted: 0n, lost: LOSS_CAUSES.map(() => 0n)};
	const output = Output.open(options.output, options.force);
	const lines =
		options.format === 'pcapng'
			? new PcapngPrinter(output, names, numbered)
			: printer(options, names, tasks, () => end?.ended ?? 0n, undefined, world, pipeline.keeper);
	const packets =
		world === undefined
			? undefined
			: new ShownPackets(world.table, options.count !== Number.POSITIVE_INFINITY, (slot) => {
					output.text(lines.packet(slot));
				});
	if (store.droppedBlocks > 0) {
		say(`${store.droppedBlocks} older blocks did not fit into the buffer and are left out (--buffer)`);
	}
	sayForgotten(world);
	if (waits.length === MOST_WAITS) say(`only the first ${MOST_WAITS} waits of connections have a line`);
	for (const line of keptLines(pipeline.keeper, store)) say(line);
	if (builder.cuts + builder.evicted > 0) say(`${builder.cuts + builder.evicted} blocks were too long and were cut`);
	try {
		let blocks = 0;
		let events = 0;
		for (const entry of inOrder(store)) {
			if (blocks >= options.count) break;
			output.text(lines.entry(entry));
			packets?.entry(entry);
			if (entry.kind === Kind.LOSS) continue;
			blocks++;
			events += entry.records;
		}
		packets?.finish();
		waits.sort((a, b) => a.begin - b.begin || a.queue - b.queue);
		for (const wait of waits) output.text(lines.socketWait(wait));
		output.text(lines.end(blocks, events, end?.counters ?? none, end?.stats));
		output.flush();
	} catch (error) {
		if (!(error instanceof OutputClosed)) throw error instanceof ExitError ? error : cannot(String(error));
	} finally {
		output.close();
	}
}
