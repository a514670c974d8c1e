/** `pkttop packet N -r FILE`: the journey of one packet. Needs no root. */
import {closeSync} from 'node:fs';
import {journeyJson} from '../formats/journey-json.js';
import {journeyText} from '../formats/journey-text.js';
import {NameTable} from '../trace/names.js';
import {journeyOf} from '../trace/packets/journey.js';
import {Kind, recordSize} from '../trace/record.js';
import type {Entry} from '../trace/store.js';
import {Tasks} from '../trace/tasks.js';
import {cannot, Exit, type ExitError, say} from './exit.js';
import type {Options} from './options.js';
import {Output, OutputClosed} from './output.js';
import {Pipeline} from './pipeline.js';
import {openRecorded} from './recorded.js';
import {openRecording, packetsIn, readRecording} from './replay.js';

/** Prints the journey. Returns the exit code; throws ExitError (1) where there is none, or only part of the file was read. */
export function packet(options: Options, number: number, path: string): number {
	const file = openRecorded(path);
	try {
		const recording = openRecording(file);
		const {session} = recording.header;
		const tasks = new Tasks();
		const names = new NameTable(session, tasks);
		const pipeline = new Pipeline(options.buffer, tasks, names, undefined);
		const world = pipeline.followPackets(packetsIn(file, options.buffer));
		const numbers = new Numbers(number);
		pipeline.onEntry((entry) => numbers.add(entry));
		const {problem} = readRecording(recording, names, pipeline, path);
		const journey = journeyOf(world, number);
		if (journey === undefined) throw numbers.missing(file.name, session.identity, problem);
		if (journey.steps.every(({type}) => type === 'end')) throw noLonger(number);
		const text = options.format === 'json' ? journeyJson(world, journey) : journeyText(world, journey, options.ascii);
		print(options, text);
		if (journey.cut) say(`not all records of packet ${number} are in memory: --buffer`);
		if (problem !== undefined) throw cannot(`${path}: ${problem}`);
		if (recording.problem !== '') say(`${path}: ${recording.problem}`);
		return Exit.done;
	} finally {
		closeSync(file.fd);
	}
}

const noLonger = (number: number): ExitError => cannot(`packet ${number} is no longer in memory: --buffer`);

/** The numbers that a session has. */
class Numbers {
	private first = Number.POSITIVE_INFINITY;
	private last = 0;
	private seen = false;

	/** @param wanted the one that is looked for. */
	constructor(private readonly wanted: number) {}

	add({view, at: from, end, kind}: Entry): void {
		if (kind === Kind.LOSS) return;
		for (let at = from; at < end; at += recordSize(view.bytes, at)) {
			const number = view.packet(at);
			if (number === 0) continue;
			if (number < this.first) this.first = number;
			if (number > this.last) this.last = number;
			if (number === this.wanted) this.seen = true;
		}
	}

	/** Why the packet is not there. @param problem of reading the file. */
	missing(name: string, identity: string, problem: string | undefined): ExitError {
		const {wanted, first, last} = this;
		const partly = problem === undefined ? '' : `; ${problem}`;
		if (this.seen) return noLonger(wanted);
		if (last > 0) return cannot(`${name} has no packet ${wanted}: its packets are ${first} to ${last}${partly}`);
		if (identity === '') return cannot(`${name} has no packet ${wanted}: no record in it is of a packet${partly}`);
		return cannot(`${name} has no packet numbers: it was recorded without identity (${identity})`);
	}
}

function print(options: Options, text: string): void {
	const output = Output.open(options.output, options.force);
	try {
		output.text(text);
		output.flush();
	} catch (error) {
		if (!(error instanceof OutputClosed)) throw error;
	} finally {
		output.close();
	}
}
