/** Wrong input on a real machine: one line, its exit code, and nothing left behind. */
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {after} from 'node:test';
import {becomes, here, inKernel} from './support/net.js';
import {FUNCTIONS, MAIN, Pkttop, run} from './support/pkttop.js';

const folder = mkdtempSync(join(tmpdir(), 'pkttop-test-'));
after(() => rmSync(folder, {recursive: true}));

/** Ends with `code` after exactly one line, which matches. */
async function refused(args: readonly string[], code: number, line: RegExp, uid?: number): Promise<void> {
	const result = await run(args, {cwd: folder, ...(uid === undefined ? {} : {uid})});
	assert.match(result.stderr, /^pkttop: [^\n]+\n$/, `one line for ${args.join(' ')}: ${result.stderr}`);
	assert.match(result.stderr, line);
	assert.equal(result.code, code, args.join(' '));
	assert.equal(result.stdout, '');
}

const BACKENDS = ['fsession', 'fentry', 'kprobe-session', 'kprobe-multi', 'kprobe', 'tracepoint'];

interface Report {
	readonly root: boolean;
	readonly backends: Readonly<Record<string, {readonly ok: boolean; readonly why: string; readonly attachMs?: number}>>;
	readonly consequences: readonly string[];
	readonly remedies: readonly string[];
}

test('wrong usage ends with 2 before anything is touched', async () => {
	await refused(['--nonsense'], 2, /--nonsense/);
	await refused(['tpc'], 2, /column 1: .*tpc/);
	await refused(['port 70000'], 2, /column 6: .*70000/);
	await refused(['net 1.2.3.4/40'], 2, /column \d+: .*40/);
	await refused(['(udp or tcp'], 2, /column \d+/);
	await refused(['-c', '0'], 2, /-c/);
	await refused(['-d', 'soon'], 2, /soon/);
	await refused(['--backend', 'magic'], 2, /magic/);
	await refused(['--buffer', '12'], 2, /--buffer/);
	await refused(['-i', 'a/b'], 2, /a\/b/);
});

test('without root one line says what to type', async () => {
	await refused(['udp'], 1, /needs root: type sudo pkttop udp/, 65534);
});

test('what is not there is named, with exit code 1', async () => {
	await refused(['-i', 'nosuchdev'], 1, /nosuchdev/);
	await refused(['--netns', 'nosuchns'], 1, /nosuchns/);
	await refused(['-p', '4194303'], 1, /4194303/);
	await refused(['-r', 'nosuchfile'], 1, /nosuchfile: no such file/);
	if (!FUNCTIONS) await refused(['--backend', 'fentry'], 1, /fentry: .*not permitted/);
	await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);
});

test('doctor tries every backend, and says what can be traced', async () => {
	const {code, stdout, stderr} = await run(['doctor', '--json']);
	assert.equal(stderr, '');
	assert.equal(code, 0);
	const report = JSON.parse(stdout) as Report;
	assert.equal(report.root, true);
	assert.deepEqual(Object.keys(report.backends).sort(), [...BACKENDS].sort());
	for (const {ok, why, attachMs} of Object.values(report.backends)) {
		assert.ok(why);
		assert.equal(attachMs !== undefined, ok);
	}
	assert.ok(report.backends.tracepoint?.ok);
	assert.equal(report.backends.fentry?.ok, FUNCTIONS);
	assert.match(report.consequences.join(), FUNCTIONS ? /^functions: yes, by / : /^only tracepoints/);
	await becomes(() => inKernel().length === 0, `still in the kernel: ${inKernel()}`);
});

test('doctor without root says what it could not try', async () => {
	const {code, stdout} = await run(['doctor', '--json'], {uid: 65534});
	assert.equal(code, 1);
	const report = JSON.parse(stdout) as Report;
	for (const {ok, why} of Object.values(report.backends)) assert.ok(!ok && /needs root/.test(why), why);
	assert.ok(report.remedies.includes('sudo pkttop doctor'), report.remedies.join());
});

test('a kernel without BTF is named', () => {
	const hidden = 'mount -t tmpfs none /sys/kernel/btf && exec "$0" "$@"';
	const {status, stderr} = spawnSync('unshare', ['-m', 'sh', '-c', hidden, process.execPath, MAIN, '--plain']);
	assert.match(stderr.toString(), /^pkttop: this kernel .* has no BTF [^\n]*\n$/);
	assert.equal(status, 1);
});

test('an output that exists, is a link or cannot be made is left as it is', async () => {
	const exists = join(folder, 'exists');
	writeFileSync(exists, 'mine');
	await refused(['-o', exists], 1, /exists: it exists; --force/);
	const link = join(folder, 'link');
	symlinkSync(exists, link);
	await refused(['-w', link, '--force'], 1, /link: it is a symbolic link/);
	await refused(['-o', join(folder, 'no', 'such', 'folder')], 1, /no such file or directory/);
	assert.equal(readFileSync(exists, 'utf8'), 'mine');
});

test('a file that is no session is refused in one line', async () => {
	const file = join(folder, 'foreign');
	for (const bytes of ['', 'PK', 'not a session at all '.repeat(100)]) {
		writeFileSync(file, bytes);
		await refused(['-r', file, '--plain'], 1, /foreign: /);
	}
});

if (!FUNCTIONS) {
	test('a refused start takes its empty files away again', async () => {
		await refused(['--backend', 'fentry', '-o', 'log', '-w', 'session'], 1, /fentry/);
		assert.ok(!existsSync(join(folder, 'log')) && !existsSync(join(folder, 'session')));
	});
}

test('a full disk is said, with exit code 1, and what is there stays', async () => {
	const disk = join(folder, 'disk');
	mkdirSync(disk);
	execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
	try {
		const pkttop = new Pkttop(['--plain', '-o', join(disk, 'log'), 'udp port 30101']);
		await pkttop.tracing();
		await here('echo-udp', '127.0.0.1', 30101, 300);
		const result = await pkttop.end();
		assert.equal(result.code, 1, result.stderr);
		assert.match(result.stderr, /log: no space left on the device; what is there is cut off\n/);
		assert.match(readFileSync(join(disk, 'log'), 'utf8'), /^1 \d\d:/);
	} finally {
		execFileSync('umount', [disk]);
	}
});
