/**
 * Fuzzing: node test/fuzz/fuzz.js [SECONDS [TARGET…]], each target so long (default 600 s) in a process of its own. An input
 * that makes pkttop throw, hang or grow is kept below test/fuzz/found, and the exit code is 1. SEED=N for other inputs.
 * Needs a build: npm run build.
 */
import {spawn} from 'node:child_process';
import {copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {TARGETS} from './targets.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** One input may take so long, ms. */
const PATIENCE = 60_000;

const [seconds = '600', ...names] = process.argv.slice(2);
const seed = process.env.SEED ?? '1';
const unknown = names.find((name) => !TARGETS.includes(name));
if (!/^\d+$/.test(seconds) || unknown !== undefined) {
	console.error(`usage: fuzz.js [SECONDS [${TARGETS.join('|')}]…]`);
	process.exit(2);
}

/** '' or what went wrong. */
async function fuzz(name) {
	const folder = mkdtempSync(join(tmpdir(), 'pkttop-fuzz-'));
	const child = spawn(process.execPath, ['--expose-gc', join(HERE, 'worker.js'), name, seconds, seed], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: {...process.env, PKTTOP_FUZZ_FOLDER: folder, TZ: 'UTC'},
	});
	let last = '';
	child.stdout.on('data', (bytes) => {
		last = (last + bytes).slice(-4096);
	});
	let seen = '';
	let since = Date.now();
	let hung = false;
	const watch = setInterval(() => {
		const now = read(join(folder, 'at'));
		if (now !== seen) {
			seen = now;
			since = Date.now();
		} else if (Date.now() - since > PATIENCE && now !== '') {
			hung = true;
			child.kill('SIGKILL');
		}
	}, 1000);
	const code = await new Promise((resolve) => child.on('close', resolve));
	clearInterval(watch);
	if (code === 0) {
		console.log(last.trim().split('\n').at(-1));
	} else {
		mkdirSync(join(HERE, 'found'), {recursive: true});
		const kept = join(HERE, 'found', `${name}-${seed}-${seen.trim()}`);
		copyFileSync(join(folder, 'input'), kept);
		console.error(`${name}: ${hung ? `no end after ${PATIENCE / 1000} s` : `exit code ${code}`}; the input is ${kept}`);
	}
	rmSync(folder, {recursive: true, force: true});
	return code === 0;
}

function read(path) {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return '';
	}
}

let good = true;
for (const name of names.length > 0 ? names : TARGETS) good = (await fuzz(name)) && good;
process.exit(good ? 0 : 1);
