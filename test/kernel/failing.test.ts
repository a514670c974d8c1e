/**
 * A kernel that is out of memory, or refuses, at any of the calls by which pkttop loads and attaches: it says so in a line and
 * ends, or goes on with what it has and says what is missing; it never crashes, and nothing of it stays.
 */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {constants, tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {after} from 'node:test';
import {fileURLToPath} from 'node:url';
import {becomes, inKernel} from './support/net.js';
import {type Line, type Run, run} from './support/pkttop.js';

/** The tests are compiled to test/kernel/build/test/kernel. */
const SOURCE = fileURLToPath(new URL('../../../support/fail.c', import.meta.url));
const {ENOMEM, EPERM, EAGAIN} = constants.errno;
const EVER = 1_000_000;
/** Runs at a time: most of one is waiting for the kernel. */
const SIDE_BY_SIDE = 2;

const folder = mkdtempSync(join(tmpdir(), 'pkttop-test-'));
const library = join(folder, 'fail.so');
after(() => rmSync(folder, {recursive: true}));
execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-Wall', '-Werror', '-o', library, SOURCE, '-ldl']);

interface Failing extends Run {
	/** What the addon asked the kernel for, in this order. */
	readonly calls: readonly string[];
	/** How many of these failed. */
	readonly failed: number;
}

let runs = 0;

/** A short run in which the calls of one kind fail, from the `from`-th to the `to`-th. */
async function failing(error: number, from: number, to: number, kind: string): Promise<Failing> {
	const log = join(folder, `calls-${runs++}`);
	const result = await run(['--json', '-d', '0.1', '--backend', 'tracepoint'], {
		env: {LD_PRELOAD: library, PKTTOP_FAIL: `${error} ${from} ${to} ${kind}`, PKTTOP_FAIL_LOG: log},
	});
	const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
	return {
		...result,
		calls: lines.map((line) => line.replace('! ', '')),
		failed: lines.filter((line) => line.startsWith('! ')).length,
	};
}

/** What a user must see of such a run, whichever call it was. */
function check(what: string, {code, signal, stdout, stderr, failed}: Failing): void {
	const told = `${what}: exit code ${code}, ${signal}: ${stderr}`;
	assert.ok(failed > 0, `${told} no such call was made`);
	assert.equal(signal, null, told);
	assert.match(stderr, /^(pkttop: [^\n]+\n)+$/, told);
	if (code === 1) {
		assert.equal(stdout, '', told);
		assert.match(stderr, /^pkttop: backend tracepoint: [^\n]+\n$/, told);
		return;
	}
	assert.equal(code, 0, told);
	const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Line;
	assert.equal(summary.type, 'summary', told);
	const {attached = 0, wanted = 0} = summary;
	assert.ok(attached > 0, told);
	assert.equal(
		attached < wanted,
		/^pkttop: not traced \([^)\n]+\): /m.test(stderr),
		`${told} attached ${attached} of ${wanted}`,
	);
}

/** Checks a run for each entry; then that nothing of them is left. */
async function all(entries: readonly (readonly [number, number, number, string])[]): Promise<Map<string, Failing>> {
	const results = new Map<string, Failing>();
	const left = [...entries];
	const some = async () => {
		for (let entry = left.shift(); entry !== undefined; entry = left.shift()) {
			const [error, from, to, kind] = entry;
			const what = `error ${error} at ${kind}, ${from} to ${to}`;
			const result = await failing(error, from, to, kind);
			check(what, result);
			results.set(what, result);
		}
	};
	await Promise.all(Array.from({length: SIDE_BY_SIDE}, some));
	await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`, 30_000);
	return results;
}

const whole = await failing(ENOMEM, EVER, EVER, 'none');
const count = (kind: string) => whole.calls.filter((call) => call === kind).length;
const kinds = [...new Set(whole.calls)];
const isProgram = (kind: string) => /^program pkttop_/.test(kind);

test('the calls of loading and attaching are seen', () => {
	assert.equal(whole.code, 0, whole.stderr);
	for (const kind of [
		'btf load',
		'map create ring',
		'program pkttop_mark',
		'raw tracepoint',
		'mmap',
		'thread',
		'fork',
	]) {
		assert.ok(kinds.includes(kind), `no ${kind} in ${kinds}`);
	}
});

test('no memory from the first call of each kind on', async () => {
	// Templates are all alike: a few of them.
	const some = kinds.filter((kind) => !isProgram(kind) || /_(try|switch|mark|hook|handler|freed|ended)$/.test(kind));
	await all(some.map((kind) => [ENOMEM, 1, EVER, kind]));
});

test('no memory from a later call on', async () => {
	const later = kinds.filter((kind) => count(kind) > 2 && !isProgram(kind) && kind !== 'info');
	await all(
		later.flatMap(
			(kind) =>
				[
					[ENOMEM, Math.ceil(count(kind) / 2), EVER, kind],
					[ENOMEM, count(kind), EVER, kind],
				] as const,
		),
	);
});

test('one call that fails, once', async () => {
	const once: [number, number, number, string][] = ['raw tracepoint', 'btf by id', 'socket']
		.filter((kind) => kinds.includes(kind))
		.map((kind) => [ENOMEM, 1, 1, kind]);
	for (let n = 1; n <= count('program'); n++) once.push([ENOMEM, n, n, 'program']);
	for (let n = 1; n <= count('mmap'); n += 4) once.push([ENOMEM, n, n, 'mmap']);
	for (let n = 1; n <= count('thread'); n++) once.push([EAGAIN, n, n, 'thread']);
	await all(once);
});

test('what is not permitted', async () => {
	const some = [
		'map create ring',
		'program',
		'program pkttop_mark',
		'raw tracepoint',
		'link',
		'socket',
		'btf by id',
		'mmap',
	];
	const results = await all(some.filter((kind) => kinds.includes(kind)).map((kind) => [EPERM, 1, EVER, kind]));
	for (const [what, {code, stderr}] of results) {
		if (code === 1 && !/btf by id|mmap/.test(what)) assert.match(stderr, /not permitted/, what);
	}
});
