/** When the lines of packets are printed while a session goes on: each once, none lost, those of printed blocks alone. */
import {expect, test} from 'vitest';
import {Pipeline} from '../../src/cli/pipeline.js';
import {ShownPackets} from '../../src/cli/shown-packets.js';
import {NameTable} from '../../src/trace/names.js';
import {Life} from '../../src/trace/record.js';
import {Tasks} from '../../src/trace/tasks.js';
import {call, Scene, UDP} from './support/packets.js';
import {makeSession} from './support/records.js';

const FUNCTIONS = 'ip_rcv ip_output';

function running(limit: number, some = false) {
	const tasks = new Tasks();
	const names = new NameTable(makeSession(FUNCTIONS.split(' ')), tasks);
	const pipeline = new Pipeline(1 << 24, tasks, names, undefined);
	const {table} = pipeline.followPackets(limit);
	const printed: string[] = [];
	let clock = 0;
	const shown = new ShownPackets(
		table,
		some,
		(slot) => printed.push(`${table.columns.number[slot]} ${table.columns.what[slot] === 0 ? 'alive' : 'over'}`),
		() => clock,
	);
	shown.listen();
	return {
		shown,
		printed,
		pipeline,
		/** Pushes what happens; then time goes on. */
		push(scene: Scene, ms = 0): string[] {
			for (const record of scene.records()) pipeline.push(record, 0, record.length);
			shown.turn();
			clock += ms;
			shown.turn();
			return printed.splice(0);
		},
		end(): string[] {
			shown.end();
			pipeline.flush();
			shown.finish();
			return printed.splice(0);
		},
	};
}

/** A packet that is received, and ends in that. */
const received = (packet: number, begin: number, over = true): Scene => {
	const scene = new Scene(FUNCTIONS).softirq(0, call('ip_rcv', begin, begin + 100, {...UDP, packet}));
	return over ? scene.life({what: Life.CONSUMED, packet, at: begin + 50}) : scene;
};

test('a second after it was over, once; what is left at the end, in the order of first calls', () => {
	const {push, end} = running(64);
	expect(push(received(1, 0), 5000)).toEqual([]); // nothing came since: it may not be over yet
	expect(push(received(2, 1e9), 500)).toEqual([]);
	expect(push(received(4, 2e9, false), 600)).toEqual(['1 over']);
	expect(push(received(3, 2.5e9), 2000)).toEqual(['2 over']);
	expect(end()).toEqual(['4 alive', '3 over']);
});

test('when something comes of it meanwhile it is printed as it is then, and not again when something comes later', () => {
	const {push, end} = running(64);
	push(received(1, 0));
	push(received(2, 1e9));
	const late = (begin: number) =>
		new Scene(FUNCTIONS).softirq(1, call('ip_output', begin, begin + 10, {...UDP, packet: 1}));
	expect(push(late(2e9))).toEqual([]);
	expect(push(received(3, 3e9), 1500)).toEqual(['1 over', '2 over']);
	expect(push(late(4e9), 1500)).toEqual(['3 over']);
	expect(end()).toEqual([]);
});

test('none is lost when there are more than the table has room for', () => {
	const {push, end} = running(16);
	const lines: string[] = [];
	for (let packet = 1; packet <= 200; packet++) lines.push(...push(received(packet, packet * 1e9, packet % 3 !== 0)));
	lines.push(...end());
	expect(lines.map((line) => Number(line.split(' ')[0])).sort((a, b) => a - b)).toEqual(
		Array.from({length: 200}, (_, i) => i + 1),
	);
	expect(lines.filter((line) => line.endsWith('alive')).length).toBe(66);
});

test('where not all blocks are printed: packets of those that are', () => {
	const one = running(64, true);
	let count = 0;
	one.pipeline.onEntry((entry) => {
		if (count++ === 1) one.shown.entry(entry);
	});
	one.push(received(1, 0));
	one.push(received(2, 1e9));
	one.push(received(3, 2e9));
	expect(one.end()).toEqual(['2 over']);
});
