/** --keep and --follow as the command line has them, on recordings; and how what is kept is recorded. */

import {closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {divert} from '../../src/cli/exit.js';
import {KeptRecorder, keptLines} from '../../src/cli/kept.js';
import {main} from '../../src/cli/main.js';
import {Pipeline} from '../../src/cli/pipeline.js';
import {ReplaySource} from '../../src/cli/replay-source.js';
import {EntryRecords} from '../../src/formats/entry-records.js';
import {SessionReader, SessionWriter} from '../../src/formats/session-file.js';
import {NameTable} from '../../src/trace/names.js';
import {parsePacketFilter} from '../../src/trace/packets/packet-filter.js';
import {Flag, Life} from '../../src/trace/record.js';
import {Entry} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {build, read} from './support/blocks.js';
import {anyStep, Kernel} from './support/kernel.js';
import {FUNCTIONS, KNOWN, LOST, SENT, udpScene, writeSession} from './support/packet-session.js';
import {call, Scene, UDP} from './support/packets.js';
import {join as joined, makeLoss, makeRecord, makeSession, makeTask} from './support/records.js';

const DEMO = fileURLToPath(new URL('../fixtures/demo.ptt', import.meta.url));

let folder = '';
let said: string[] = [];
let made = 0;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pkttop-keep-'));
	said = [];
	divert((line) => said.push(line));
});
afterEach(() => {
	divert(undefined);
	rmSync(folder, {recursive: true});
});

const file = (name = 'session.ptt'): string => join(folder, name);

async function run(...argv: string[]): Promise<string> {
	said = [];
	const output = file(`out${made++}`);
	expect(await main([...argv, '-o', output]), said.join('\n')).toBe(0);
	return readFileSync(output, 'utf8');
}

type Line = Record<string, unknown> & {type: string};
const parsed = (text: string): Line[] =>
	text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Line);
const packets = (lines: readonly Line[]): unknown[] =>
	lines.flatMap(({type, packet}) => (type === 'packet' ? [packet] : []));

describe('--keep on a recording', () => {
	beforeEach(() => writeSession(file(), FUNCTIONS, udpScene().records()));

	test('as JSON: blocks of the packets that ended so, and their lines', async () => {
		const lines = parsed(await run('-r', file(), '--json', '--keep', 'dropped'));
		expect(packets(lines)).toEqual([LOST]);
		expect(lines.flatMap(({type, fn}) => (type === 'call' ? [fn] : []))).toEqual(['ip_rcv', 'nf_hook_slow']);
		expect(lines.at(-1)).toMatchObject({
			blocks: 1,
			packets: {dropped: 1, delivered: 0, alive: 0},
			not_kept: {packets: 2, blocks: 4, events: 10},
		});
		expect(said).toEqual(['kept 1 of 3 packets, 1 blocks; not kept: 4 blocks, 10 events']);
		expect(packets(parsed(await run('-r', file(), '--json', '--keep', 'time > 10us')))).toEqual([SENT]);
		expect(packets(parsed(await run('-r', file(), '--json', '--keep', 'alive or wait receive')))).toEqual([
			SENT,
			KNOWN,
		]);
	});

	test('as a classic log, and in the report', async () => {
		const log = await run('-r', file(), '--plain', '--keep', 'dropped');
		expect(log.split('\n').filter((line) => / B/.test(line)).length).toBe(2);
		expect(log).toContain('nf_hook_slow B');
		expect(log).toMatch(/# 2 events/);
		const report = await run('report', file(), '--keep', 'dropped');
		expect(report).toMatch(/^dropped +1 +100%/m);
		expect(report).not.toMatch(/^delivered/m);
		expect(report).toMatch(/^1 blocks, 2 events/m);
	});

	test('a session without numbers: one line', async () => {
		for (const argv of [
			['-r', DEMO, '--keep', 'dropped', '--json'],
			['report', DEMO, '--keep', 'dropped'],
			['-r', DEMO, '--keep', 'dropped', '--plain'],
		]) {
			said = [];
			expect(await main(argv)).toBe(1);
			expect(said).toEqual([
				`${DEMO}: --keep wants packets to have numbers, and here they have none: an older version recorded it`,
			]);
		}
		said = [];
		expect(await main(['-r', DEMO, '--follow', '--plain', 'udp'])).toBe(1);
		expect(said[0]).toContain('--follow wants packets to have numbers');
	});
});

test('--follow: a packet that passed the filter passes it from then on', async () => {
	const p = {...UDP, packet: 1};
	const scene = new Scene(FUNCTIONS)
		.task(1, call('ip_output', 0, 100, p))
		.task(1, call('ip_output', 150, 180, {...UDP, packet: 2, dport: 99}))
		.softirq(0, call('ip_rcv', 200, 300, {...p, dport: 99}))
		.softirq(0, call('ip_rcv', 400, 500, {...UDP, packet: 2, dport: 99}));
	writeSession(file(), FUNCTIONS, scene.records());
	const calls = async (...argv: string[]) =>
		parsed(await run('-r', file(), '--json', 'port 53', ...argv)).flatMap(({type, fn}) =>
			type === 'call' ? [fn] : [],
		);
	expect(await calls()).toEqual(['ip_output']);
	expect(await calls('--follow')).toEqual(['ip_output', 'ip_rcv']);
});

describe('on the screen, a recording as it happened', () => {
	function played(keep?: string) {
		writeSession(file(), FUNCTIONS, udpScene().records());
		const fd = openSync(file(), 'r');
		let clock = 0;
		const test = keep === undefined ? undefined : parsePacketFilter(keep);
		const source = new ReplaySource(new SessionReader(fd), 1 << 24, '', 1e-3, undefined, () => clock, test);
		const lives: [number, number][] = [];
		(source.keeper ?? source.builder).onLife = (view, offset) =>
			lives.push([view.lifePacket(offset), view.lifeWhat(offset)]);
		return {
			source,
			lives,
			/** Everything up to so many ns of the session. */
			play(time: number): void {
				clock = time / 1e3;
				source.pump(() => false);
			},
			close: () => closeSync(fd),
		};
	}

	test('births and ends come when they happened', () => {
		const {source, lives, play, close} = played();
		play(0);
		play(1000); // since the first record, which is of 1300
		expect(lives).toEqual([[LOST, Life.CLONE]]);
		play(18_000);
		expect(lives.length).toBe(1);
		play(20_000);
		expect(lives.at(-1)).toEqual([LOST, Life.DROPPED]);
		expect(source.done).toBe(false);
		play(80_000);
		expect(lives.at(-1)).toEqual([SENT, Life.CONSUMED]);
		expect(source.done).toBe(true);
		close();
	});

	test('what is kept comes when its packet has ended, and nothing else', () => {
		const {source, lives, play, close} = played('dropped');
		play(0);
		play(30_000);
		expect(source.store.blocks).toBe(0);
		play(1e9);
		expect(source.done).toBe(true);
		expect(source.store.blocks).toBe(1);
		expect(lives).toEqual([
			[LOST, Life.CLONE],
			[LOST, Life.DROPPED],
		]);
		expect(source.keeper?.notKept).toEqual({blocks: 4, events: 10});
		close();
	});
});

describe('what is kept, recorded', () => {
	const none = {total: 0n, self: 0n, max: 0n, bucket: new Array<bigint>(48).fill(0n)};

	/** Records what is kept of a scene, as a live run does. */
	function record(filter: string, path: string): string[] {
		const session = makeSession(FUNCTIONS.split(' '));
		const tasks = new Tasks();
		const names = new NameTable(session, tasks);
		const pipeline = new Pipeline(1 << 24, tasks, names, undefined, parsePacketFilter(filter));
		const fd = openSync(path, 'w');
		const writer = new SessionWriter((bytes) => writeSync(fd, bytes), {session, options: {}, started: 0n}, names);
		const kept = new KeptRecorder(writer, tasks);
		pipeline.onLife = (view, at) => kept.life(view, at);
		pipeline.onEntry((entry) => kept.entry(entry));
		for (const tid of [1, 2]) {
			const task = makeTask(tid, tid * 10, `task${tid}`);
			pipeline.push(task, 0, task.length);
		}
		for (const one of udpScene().records()) pipeline.push(one, 0, one.length);
		pipeline.flush();
		const counters = {emitted: 0n, lost: []};
		writer.end({ended: 1n, counters, stats: session.functions.map(() => none)});
		closeSync(fd);
		return keptLines(pipeline.keeper, pipeline.store);
	}

	test('is read as what it was, with names, births and ends, and nothing else is in the file', async () => {
		expect(record('delivered', file('kept'))).toEqual(['kept 1 of 3 packets, 3 blocks; not kept: 2 blocks, 3 events']);
		const lines = parsed(await run('-r', file('kept'), '--json'));
		expect(packets(lines)).toEqual([SENT]);
		expect(lines.find(({type}) => type === 'packet')).toMatchObject({fate: 'delivered', comm: 'task2', pid: 20});
		expect(lines.filter(({type}) => type === 'call').length).toBe(9);
		expect(lines.filter(({type}) => type === 'wait').length).toBe(2);
		writeSession(file(), FUNCTIONS, udpScene().records());
		const whole = parsed(await run('-r', file(), '--json', '--keep', 'delivered'));
		const calls = (all: readonly Line[]) =>
			all.flatMap(({type, fn, duration, self, depth, comm}) =>
				type === 'call' ? [[fn, duration, self, depth, comm]] : [],
			);
		expect(calls(lines)).toEqual(calls(whole));
		record('dropped', file('dropped'));
		const dropped = parsed(await run('-r', file('dropped'), '--json'));
		expect(dropped.find(({type}) => type === 'packet')).toMatchObject({packet: LOST, of: SENT, reason: 'NO_SOCKET'});
	});

	test('nothing that was kept: a session of no blocks', async () => {
		expect(record('forwarded', file('none'))).toEqual(['kept 0 of 3 packets, 0 blocks; not kept: 5 blocks, 12 events']);
		expect(parsed(await run('-r', file('none'), '--json')).at(-1)).toMatchObject({blocks: 0});
		const fd = openSync(file('none'), 'r');
		expect([...new SessionReader(fd).chunks()].map(({type}) => type)).toEqual(['end']);
		closeSync(fd);
	});

	test('the length of a queue, of a call without its caller, is no call below it', () => {
		const call = makeRecord({tid: 1, begin: 200, duration: 5, depth: 1, under: 2, flags: Flag.IRQ_STACK, context: 1});
		const {store, builder} = build([call], 1);
		builder.flush();
		const entry = new Entry();
		expect(store.read(0, entry)).toBe(true);
		expect(entry.under).toBe(0);
		const copy = build([new EntryRecords(new Tasks()).of(entry).slice()], 1);
		copy.builder.flush();
		expect(copy.store.end).toBe(1);
		copy.store.read(0, entry);
		expect(entry.under).toBe(0);
	});

	test('entries of any session are the same blocks again', () => {
		fc.assert(
			fc.property(fc.array(anyStep(3), {maxLength: 150}), (steps) => {
				const kernel = new Kernel();
				for (const step of steps) kernel.run(step);
				kernel.stop(steps.length % 2 === 0);
				const {store, builder} = build([...kernel.records, makeLoss(0, 3, 1n << 32n)], 7);
				builder.flush();
				const records = new EntryRecords(new Tasks());
				const entry = new Entry();
				const again: Uint8Array[] = [];
				for (let id = store.first; id < store.end; id++) {
					if (store.read(id, entry)) again.push(records.of(entry).slice());
				}
				const copy = build(again, 1);
				copy.builder.flush();
				const blocks = (all: ReturnType<typeof read>) => all.map(({root}) => JSON.stringify(root, text)).sort();
				expect(blocks(read(copy.store))).toEqual(blocks(read(store)));
				expect(copy.builder.damaged).toBe(0);
				expect(joined(again).length).toBeGreaterThan(0);
			}),
			{numRuns: 200},
		);
	});
});

const text = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
