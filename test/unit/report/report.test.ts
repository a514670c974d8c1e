/** `pkttop report FILE` on a session that was recorded by a kernel, and on files that are not whole. */
import {closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {divert, ExitError} from '../../../src/cli/exit.js';
import {parseOptions} from '../../../src/cli/options.js';
import {replay} from '../../../src/cli/replay.js';
import {report} from '../../../src/cli/report.js';
import {type SessionEnd, SessionReader, SessionWriter} from '../../../src/formats/session-file.js';
import {LOSS_CAUSES} from '../../../src/trace/losses.js';
import {NameTable} from '../../../src/trace/names.js';
import {Flag, Kind} from '../../../src/trace/record.js';
import type {Session, TracedFunction} from '../../../src/trace/session.js';
import {callCount} from '../../../src/trace/statistics.js';
import {Tasks} from '../../../src/trace/tasks.js';
import {makeLoss, makeRecord, makeSession, makeTask} from '../support/records.js';

const DEMO = fileURLToPath(new URL('../../fixtures/demo.ptt', import.meta.url));

let folder = '';
let output = '';
/** Lines for stderr. */
let said: string[] = [];
beforeEach(() => {
	said = [];
	divert((line) => said.push(line));
	folder = mkdtempSync(join(tmpdir(), 'pkttop-report-'));
	output = join(folder, 'out');
});
afterEach(() => {
	divert(undefined);
	rmSync(folder, {recursive: true});
});

/** What the command writes with these arguments. */
function run(...argv: string[]): string {
	const options = parseOptions(['report', ...argv, '-o', output, '--force']);
	expect(report(options, options.read ?? '')).toBe(0);
	return readFileSync(output, 'utf8');
}

interface Line {
	type: string;
	fn?: string;
	calls: number;
	total: number;
	self: number;
	duration: number;
	share: number;
	per_block: number;
	blocks: number;
	p50: number;
	p90: number;
	p99: number;
	max: number;
}
const parsed = (text: string): Line[] =>
	text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Line);

/** What the kernel's own histograms say. */
function kernelStats(): {functions: readonly TracedFunction[]; end: SessionEnd} {
	const fd = openSync(DEMO, 'r');
	try {
		const reader = new SessionReader(fd);
		for (const chunk of reader.chunks()) {
			if (chunk.type === 'end') return {functions: reader.header.session.functions, end: chunk};
		}
		throw new Error('no end');
	} finally {
		closeSync(fd);
	}
}

test("calls and times of each function are those of the kernel's histograms", () => {
	const {functions, end} = kernelStats();
	const rows = new Map(parsed(run(DEMO, '--json')).map((line) => [line.fn, line]));
	functions.forEach((fn, index) => {
		const stat = end.stats[index];
		const row = rows.get(fn.name);
		if (stat === undefined || row === undefined) throw new Error(fn.name);
		expect(row.calls).toBe(Number(callCount(stat)));
		if (!fn.mark) expect([row.total, row.self, row.max]).toEqual([stat.total, stat.self, stat.max].map(Number));
	});
});

test('JSON has a line for each function, group and layer, then the totals and the summary', () => {
	const lines = parsed(run(DEMO, '--json'));
	const count = (type: string) => lines.filter((line) => line.type === type).length;
	expect(['function', 'group', 'layer', 'total', 'summary'].map(count)).toEqual([61, 13, 8, 1, 1]);
	expect(lines.find(({fn}) => fn === 'ip_rcv')).toEqual({
		type: 'function',
		fn: 'ip_rcv',
		group: 'ip_rcv',
		layer: 'ip',
		calls: 68,
		total: 48217840,
		self: 11773602,
		p50: 152917,
		p90: 908765,
		p99: 10446191,
		max: 11049276,
		mean: 709086,
		share: 0.057001,
		per_block: 36005,
		open: 0,
		unknown: 0,
	});
	expect(lines.find(({fn}) => fn === 'kfree_skb')).toEqual({
		type: 'function',
		fn: 'kfree_skb',
		group: 'device',
		layer: 'device',
		calls: 1,
	});
	expect(lines.at(-2)).toEqual({
		type: 'total',
		blocks: 327,
		calls: 1942,
		marks: 1,
		open: 0,
		unknown: 0,
		self: 206550685,
		per_block: 631653,
	});
	expect(lines.at(-1)).toMatchObject({type: 'summary', blocks: 327, events: 1943});
});

test('the largest self time is first, and the shares of each table are all of it', () => {
	const lines = parsed(run(DEMO, '--json'));
	for (const type of ['function', 'group', 'layer']) {
		const rows = lines.filter((line) => line.type === type && line.self !== undefined);
		expect(rows.map(({self}) => self)).toEqual(rows.map(({self}) => self).sort((a, b) => b - a));
		expect(rows.reduce((sum, {share}) => sum + share, 0)).toBeCloseTo(1, 4);
		expect(rows.reduce((sum, {self}) => sum + self, 0)).toBe(206550685);
	}
});

test('a filter narrows as it does with -r', () => {
	const rows = parsed(run(DEMO, 'udp and port 30091', '--json')).filter(({type}) => type === 'function');
	const all = join(folder, 'all');
	replay(parseOptions(['-r', DEMO, '--json', '-o', all, 'udp', 'and', 'port', '30091']), DEMO);
	const calls = parsed(readFileSync(all, 'utf8')).filter(({type}) => type === 'call');
	expect(calls.length).toBeGreaterThan(100);
	expect(calls.length).toBeLessThan(1000);
	for (const {fn, calls: count, self = 0, total = 0} of rows) {
		const own = calls.filter((call) => call.fn === fn);
		const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
		expect([fn, count, self, total]).toEqual([
			fn,
			own.length,
			sum(own.map((call) => call.self)),
			sum(own.map((call) => call.duration)),
		]);
	}
	expect(parsed(run(DEMO, '-i', 'none', '--json')).find(({type}) => type === 'total')).toMatchObject({calls: 0});
});

test('the table is aligned, and ends with what was counted', () => {
	const lines = run(DEMO).trimEnd().split('\n');
	const heading = lines.find((line) => line.startsWith('function')) ?? '';
	expect(heading).toMatch(/^function +layer +calls +total +self +share +a block +mean +p50 +p90 +p99 +max$/);
	const rows = lines.filter((line) => /(ns|µs|ms|s) .*%/.test(line));
	expect(rows).toHaveLength(48 + 10 + 7);
	expect(new Set(rows.map(({length}) => length))).toEqual(new Set([heading.length]));
	expect(rows[0]).toMatch(/^tcp_connect +tcp +9 +45.7ms +20.3ms +9.8% +62.1µs +5.08ms +983µs +17.9ms +27.1ms +28.1ms$/);
	expect(lines.find((line) => line.startsWith('kfree_skb'))).toMatch(/^kfree_skb +device +1$/);
	expect(lines.slice(-4)).toEqual([
		'traced and not called: 12',
		'marks, which take no time: 1',
		'1942 calls in 327 blocks took 207ms, 632µs a block',
		'327 blocks, 1943 events, 0 lost',
	]);
	expect(run(DEMO, '--ascii')).toMatch(/^[\n -~]+$/);
});

test('folded stacks have all of the time, softirqs inside the calls that they interrupted', () => {
	const text = run(DEMO, '--to', 'folded');
	const lines = text.trimEnd().split('\n');
	expect(lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)).toBe(206550685);
	expect(lines).toContain('demo-client;task;inet_release;tcp_close 501790');
	expect(text).toMatch(
		/^demo-client;task;inet_sendmsg;udp_sendmsg;.*;neigh_resolve_output;softirq;__netif_receive_skb_one_core;arp_rcv \d+$/m,
	);
	expect(new Set(lines).size).toBe(lines.length);
	expect(run(DEMO, 'icmp', '--to', 'folded')).toBe('');
	expect(said).toEqual(['no call has a time: there are no stacks']);
});

/** A session of one call, by hand. */
function write(
	path: string,
	lost: bigint[],
	finish: boolean,
	more: readonly Uint8Array[] = [],
	cost: Pick<Session, 'ownCost' | 'costUnknown'> = {},
): void {
	const session = {...makeSession(['ip_rcv']), ...cost};
	const written: Uint8Array[] = [];
	const names = new NameTable(session, new Tasks());
	const writer = new SessionWriter((bytes) => written.push(bytes.slice()), {session, options: {}, started: 1n}, names);
	writer.records(makeTask(1, 1, 'ping'));
	writer.records(makeRecord({tid: 1, begin: 100, duration: 50}));
	for (const record of more) writer.records(record);
	if (finish) writer.end({ended: 999n, counters: {emitted: 1n, lost}, stats: [stat]});
	writeFileSync(path, Buffer.concat(written));
}
const stat = {total: 0n, self: 0n, max: 0n, bucket: new Array<bigint>(48).fill(0n)};

test('what was lost is in the last line', () => {
	const path = join(folder, 'lossy.ptt');
	write(
		path,
		LOSS_CAUSES.map((_, i) => (i === 0 ? 12n : i === 4 ? 1n : 0n)),
		true,
	);
	expect(run(path)).toMatch(
		/\n1 blocks, 1 events, 13 lost \(ring full 12, probe skipped .* 1\): what was lost is in no figure\n$/,
	);
	run(path, '--to', 'folded');
	expect(said).toEqual(['13 events were lost: they are in no stack']);
});

test('what a traced call costs is said, and by which backend where there are more, or why it is not known', () => {
	const none = LOSS_CAUSES.map(() => 0n);
	const path = join(folder, 'cost.ptt');
	const ownCost = {inside: 90, total: 219, corrected: false};
	write(path, none, true, [], {ownCost});
	expect(run(path)).toMatch(
		/\na traced call took 90ns more by itself and 219ns for its callers; --correct takes that off\n/,
	);
	write(path, none, true, [], {ownCost: {...ownCost, corrected: true, backend: 'fentry'}});
	expect(run(path)).toMatch(
		/\ncorrected: a traced call by fentry took 90ns .* 219ns for its callers, which is taken off\n/,
	);
	write(path, none, true, [], {costUnknown: 'running it: not permitted\u001b'});
	expect(run(path)).toMatch(/\nwhat a traced call costs is not known: running it: not permitted\P{Cc}*\n/u);
});

test('of a file that was cut off there is what can be read, and one line about the rest', () => {
	const path = join(folder, 'cut.ptt');
	write(path, [], false);
	const options = parseOptions(['report', path, '-o', output]);
	expect(() => report(options, path)).toThrow(/cut\.ptt: the recording was cut off/);
	expect(readFileSync(output, 'utf8')).toMatch(/\nip_rcv +ip +1 +50ns +50ns +100% /);
});

test('of a damaged file there is a report or one line, never a crash', {timeout: 60_000}, () => {
	const path = join(folder, 'damaged.ptt');
	write(
		path,
		LOSS_CAUSES.map(() => 0n),
		true,
		[
			makeRecord({tid: 1, begin: 220, duration: 5, under: 1, flags: Flag.IRQ_STACK, context: 1}),
			makeRecord({tid: 1, begin: 210, duration: 20, depth: 1}),
			makeRecord({kind: Kind.OPEN, tid: 1, begin: 200, src: new Array<number>(16).fill(1)}),
			makeLoss(0, 12, 300),
		],
	);
	const whole = readFileSync(path);
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), {minLength: 1, maxLength: 4}),
			fc.constantFrom([], ['--json'], ['--to', 'folded']),
			(changes, more) => {
				const copy = Uint8Array.from(whole);
				for (const [at, value] of changes) copy[at] = value;
				writeFileSync(path, copy);
				try {
					run(path, ...more);
				} catch (error) {
					if (!(error instanceof ExitError)) throw error;
					expect(error.message).toMatch(/^[^\n]+$/);
				}
			},
		),
		{numRuns: 500},
	);
});

test('a file that exists stays as it is, and what is no session leaves nothing behind', () => {
	writeFileSync(output, 'mine');
	expect(() => report(parseOptions(['report', DEMO, '-o', output]), DEMO)).toThrow(/--force/);
	expect(readFileSync(output, 'utf8')).toBe('mine');
	const other = join(folder, 'other');
	expect(() => report(parseOptions(['report', output, '-o', other]), output)).toThrow(
		/neither a pkttop session nor a log/,
	);
	expect(existsSync(other)).toBe(false);
});
