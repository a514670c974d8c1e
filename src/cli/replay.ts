/** `-r FILE`: a recorded session through the same views as live events, without root and without the addon. */
import {closeSync, openSync} from 'node:fs';
import {type SessionEnd, SessionFileError, SessionReader} from '../formats/session-file.js';
import {compilePredicate} from '../trace/filter/predicate.js';
import {LOSS_CAUSES} from '../trace/losses.js';
import {NameTable} from '../trace/names.js';
import {inOrder} from '../trace/order.js';
import {Kind} from '../trace/record.js';
import type {Counters} from '../trace/statistics.js';
import {Tasks} from '../trace/tasks.js';
import {cannot, Exit, ExitError, say} from './exit.js';
import {select} from './narrow.js';
import type {Options} from './options.js';
import {fileError, Output, OutputClosed} from './output.js';
import {Pipeline} from './pipeline.js';
import {printer} from './printer.js';

/** Prints a recorded session in the order of the blocks' begin. Returns the exit code; 1 when the file is not whole. */
export function replay(options: Options, path: string): number {
	const {expression, narrowing} = select(options, false);
	const all = options.filter === '' && Object.keys(narrowing).length === 0;
	const {reader, fd} = openSession(path);
	try {
		const tasks = new Tasks();
		const names = new NameTable(reader.header.session, tasks);
		const pipeline = new Pipeline(
			options.buffer,
			tasks,
			() => names,
			all ? undefined : compilePredicate(expression, narrowing),
		);
		const {end, problem} = readInto(reader, names, pipeline);
		print(options, names, tasks, pipeline, end);
		if (problem !== undefined) throw cannot(`${path}: ${problem}`);
		return Exit.done;
	} finally {
		closeSync(fd);
	}
}

/** Opens a session file and reads its header. Throws ExitError (1). */
export function openSession(path: string): {reader: SessionReader; fd: number} {
	let fd: number;
	try {
		fd = openSync(path, 'r');
	} catch (error) {
		throw cannot(fileError(path, error));
	}
	try {
		return {reader: new SessionReader(fd), fd};
	} catch (error) {
		closeSync(fd);
		throw error instanceof SessionFileError ? cannot(`${path}: ${error.message}`) : cannot(fileError(path, error));
	}
}

/** Takes all that a session has to the pipeline, and what is open at its end. `problem`: why the rest cannot be read. */
export function readInto(
	reader: SessionReader,
	names: NameTable,
	pipeline: Pipeline,
): {end?: SessionEnd; problem?: string} {
	let end: SessionEnd | undefined;
	try {
		for (const chunk of reader.chunks()) {
			if (chunk.type === 'records') pipeline.push(chunk.bytes, chunk.offset, chunk.length);
			else if (chunk.type === 'end') end = chunk;
			else {
				for (const {dev, device} of chunk.devices) names.setDevice(dev, device);
				for (const {address, text} of chunk.symbols) names.setSymbol(address, text);
			}
		}
	} catch (error) {
		if (!(error instanceof SessionFileError)) throw error;
		pipeline.builder.flush();
		return {problem: error.message};
	}
	pipeline.builder.flush();
	return end === undefined ? {} : {end};
}

function print(
	options: Options,
	names: NameTable,
	tasks: Tasks,
	{store, builder}: Pipeline,
	end: SessionEnd | undefined,
): void {
	const none: Counters = {emitted: 0n, lost: LOSS_CAUSES.map(() => 0n)};
	const lines = printer(options, names, tasks, () => end?.ended ?? 0n);
	const output = Output.open(options.output, options.force);
	if (store.droppedBlocks > 0) {
		say(`${store.droppedBlocks} older blocks did not fit into the buffer and are left out (--buffer)`);
	}
	if (builder.cuts + builder.evicted > 0) say(`${builder.cuts + builder.evicted} blocks were too long and were cut`);
	try {
		let blocks = 0;
		let events = 0;
		for (const entry of inOrder(store)) {
			if (blocks >= options.count) break;
			output.text(lines.entry(entry));
			if (entry.kind === Kind.LOSS) continue;
			blocks++;
			events += entry.records;
		}
		output.text(lines.end(blocks, events, end?.counters ?? none, end?.stats));
		output.flush();
	} catch (error) {
		if (!(error instanceof OutputClosed)) throw error instanceof ExitError ? error : cannot(String(error));
	} finally {
		output.close();
	}
}
