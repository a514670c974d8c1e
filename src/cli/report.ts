/** `pkttop report FILE`: what functions, groups and layers consumed in a recorded session. Needs no root. */
import {closeSync} from 'node:fs';
import {foldedLines} from '../formats/folded.js';
import {JsonWriter} from '../formats/json.js';
import {consumptionLines, packetLines} from '../formats/report-json.js';
import {Consumption} from '../trace/consumption.js';
import {compilePredicate} from '../trace/filter/predicate.js';
import {Fold} from '../trace/fold.js';
import {NameTable} from '../trace/names.js';
import {fateCounts} from '../trace/packets/fate.js';
import {FateTimes} from '../trace/packets/fate-times.js';
import {Tasks} from '../trace/tasks.js';
import {cannot, Exit, say} from './exit.js';
import {keptLines, notKept} from './kept.js';
import {select} from './narrow.js';
import type {Options} from './options.js';
import {Output, OutputClosed} from './output.js';
import {Pipeline} from './pipeline.js';
import {openRecorded} from './recorded.js';
import {openRecording, packetsIn, readRecording, refuseWithoutNumbers} from './replay.js';
import {packetTables} from './report-packets.js';
import {reportTable} from './report-table.js';

/** Bytes of entries kept: each is counted as soon as it is complete, but the way of a packet when that has ended. */
const KEPT = 1 << 20;
const KEPT_PACKETS = 64 << 20;

/** Prints the report. Returns the exit code; throws ExitError (1) after what could be read when the file is not whole. */
export function report(options: Options, path: string): number {
	const {expression, narrowing} = select(options, false);
	const all = options.filter === '' && Object.keys(narrowing).length === 0;
	const file = openRecorded(path, narrowing);
	try {
		const recording = openRecording(file);
		const {session} = recording.header;
		const tasks = new Tasks();
		const names = new NameTable(session, tasks);
		const predicate = all ? undefined : compilePredicate(expression, narrowing);
		const followed = session.identity === '' && !options.folded;
		const kept = followed
			? Math.max(KEPT, Math.min(options.buffer, KEPT_PACKETS, 2 * (file.size || KEPT_PACKETS)))
			: KEPT;
		const pipeline = new Pipeline(kept, tasks, names, predicate, options.keep?.test);
		refuseWithoutNumbers(options, file.name, session.identity);
		if (options.follow === true) pipeline.followAccepted();
		const world = followed ? pipeline.followPackets(packetsIn(file, kept)) : undefined;
		const fates = world && new FateTimes(world.table);
		const consumption = new Consumption(session.functions);
		const fold = options.folded ? new Fold() : undefined;
		pipeline.onEntry((entry) => {
			consumption.add(entry);
			fold?.add(entry, tasks.get(entry.task)?.comm ?? '[unknown]', pipeline.store.epoch);
		});
		const {end, problem} = readRecording(recording, names, pipeline, path);
		fold?.finish();
		const {cuts, evicted} = pipeline.builder;
		if (cuts + evicted > 0) say(`${cuts + evicted} blocks were too long and were cut`);
		const lost = end?.counters.lost ?? consumption.lost;
		if (fold !== undefined) {
			print(options, foldedLines(fold, session.functions));
			sayFolded(fold, consumption, lost);
		} else if (options.format === 'json') {
			const counts = world && fateCounts(world.table.fates);
			const summary = new JsonWriter(names, tasks).summary(
				consumption.blocks,
				consumption.events,
				lost,
				counts,
				pipeline.keeper && notKept(pipeline.keeper),
			);
			const packets = world && fates ? packetLines(world, fates) : '';
			print(options, [consumptionLines(consumption), packets, summary]);
		} else {
			const packets = world && fates ? packetTables(world, fates, options.ascii) : '';
			print(options, [reportTable(consumption, session, lost, options.ascii, packets)]);
		}
		for (const line of keptLines(pipeline.keeper, pipeline.store)) say(line);
		if (problem !== undefined) throw cannot(`${path}: ${problem}`);
		if (recording.problem !== '') say(`${path}: ${recording.problem}`);
		return Exit.done;
	} finally {
		closeSync(file.fd);
	}
}

function print(options: Options, texts: readonly string[]): void {
	const output = Output.open(options.output, options.force);
	try {
		for (const text of texts) output.text(text);
		output.flush();
	} catch (error) {
		if (!(error instanceof OutputClosed)) throw error;
	} finally {
		output.close();
	}
}

/** What a file of stacks cannot say itself. */
function sayFolded({stacks}: Fold, consumption: Consumption, lost: readonly bigint[]): void {
	const {calls, open, unknown} = consumption.totals();
	if (calls === 0) say('no call has a time: there are no stacks');
	if (stacks.cut > 0) say('there are too many distinct stacks: some times stand at the calls around them');
	if (open + unknown > 0)
		say(`calls still open at the end, or whose end was not seen, without a time: ${open + unknown}`);
	const sum = lost.reduce((all, one) => all + one, 0n);
	if (sum > 0n) say(`${sum} events were lost: they are in no stack`);
}
