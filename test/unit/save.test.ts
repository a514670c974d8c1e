/** What `s` writes: all, what the filter shows, what a paused screen shows, and why not. */
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {type Saved, save} from '../../src/cli/save.js';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {compilePredicate} from '../../src/trace/filter/predicate.js';
import {LOSS_CAUSES} from '../../src/trace/losses.js';
import {NameTable} from '../../src/trace/names.js';
import {Kind} from '../../src/trace/record.js';
import {Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import type {Saving} from '../../src/ui/saving.js';
import {makeLoss, makeRecord, makeSession} from './support/records.js';

let folder = '';
let path = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pkttop-save-'));
	path = join(folder, 'log');
});
afterEach(() => rmSync(folder, {recursive: true}));

const from = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], sport: 4000, proto: 17};

/** Two blocks, a loss between them, and a call that is open. */
function session(): Saving {
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	builder.push(makeRecord({...from, fn: 1, depth: 1, begin: 1100, duration: 300, dport: 53, tid: 1}));
	builder.push(makeRecord({...from, fn: 0, depth: 0, begin: 1000, duration: 900, dport: 80, tid: 1}));
	builder.push(makeLoss(0, 12, 2500));
	builder.push(makeRecord({...from, fn: 0, depth: 0, begin: 3000, duration: 900, dport: 80, tid: 1}));
	builder.push(makeRecord({...from, kind: Kind.OPEN, fn: 2, depth: 0, begin: 3500, dport: 53, tid: 2}));
	const open = new Store(1 << 20);
	builder.snapshot(open);
	return {
		store,
		open,
		limit: store.end,
		predicate: undefined,
		lookup: {pid: () => undefined, device: () => undefined},
		names: new NameTable(makeSession(['ip_rcv', 'udp_rcv', 'udp_recvmsg']), new Tasks()),
		counters: {emitted: 5n, lost: LOSS_CAUSES.map((_, cause) => (cause === 0 ? 12n : 0n))},
		now: 2_000_003_500n,
	};
}

function run(saving: Saving, force = false, output = path): Saved {
	const steps = save(saving, {output, time: 'us'}, force);
	for (;;) {
		const {done, value} = steps.next();
		if (done === true) return value;
	}
}

/** The function and sign of each line, comments as they are. */
const written = (): string[] =>
	readFileSync(path, 'utf8')
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('Time'))
		.map((line) => (line.startsWith('#') ? line : line.split(' ').slice(-2).join(' ')));

test('all of it, in the order of begin, with what is open and what was lost', () => {
	expect(run(session())).toEqual({text: `saved ${path}: 3 blocks in 7 lines, 12 events lost`, bad: false});
	expect(written()).toEqual([
		'ip_rcv B',
		'udp_rcv B',
		'udp_rcv E',
		'ip_rcv E',
		'# lost 12 events (ring full)',
		'ip_rcv B',
		'ip_rcv E',
		'udp_recvmsg B',
		'# open: udp_recvmsg, 2.0 s so far',
		'# 4 events, 12 lost',
	]);
});

test('a file called packet.log is raw: no numbers, no indentation, no times of blocks', () => {
	const raw = join(dirname(path), 'packet.log');
	expect(run(session(), false, raw).bad).toBe(false);
	const lines = readFileSync(raw, 'utf8').trimEnd().split('\n');
	expect(lines.filter((line) => !line.startsWith('#'))).toHaveLength(7);
	for (const line of lines) expect(line).toMatch(/^(#|\d\d:\d\d:\d\d:\d{6} )/);
});

test('what the filter shows', () => {
	run({...session(), predicate: compilePredicate(parseFilter('port 53'))});
	expect(written()).toEqual([
		'udp_rcv B',
		'udp_rcv E',
		'# lost 12 events (ring full)',
		'udp_recvmsg B',
		'# open: udp_recvmsg, 2.0 s so far',
		'# 2 events, 12 lost',
	]);
});

test('what a paused screen shows', () => {
	run({...session(), limit: 1, open: new Store(1 << 20)});
	expect(written()).toEqual(['ip_rcv B', 'udp_rcv B', 'udp_rcv E', 'ip_rcv E', '# 2 events, 12 lost']);
});

test('a file that exists stays as it is, unless it shall not', () => {
	writeFileSync(path, 'mine');
	expect(run(session())).toEqual({text: `${path} exists: S overwrites it`, bad: true});
	expect(readFileSync(path, 'utf8')).toBe('mine');
	expect(run(session(), true).bad).toBe(false);
	expect(written()).toHaveLength(10);
});

test('a file that cannot be made', () => {
	path = join(folder, 'none', 'log');
	expect(run(session())).toEqual({text: `not saved: ${path}: no such file or directory`, bad: true});
	expect(existsSync(path)).toBe(false);
});
