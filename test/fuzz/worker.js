/**
 * Feeds one target for a while: worker.js TARGET SECONDS SEED, in a process of its own that fuzz.js watches. The number of
 * the input that is being fed stands in the file `at` of PKTTOP_FUZZ_FOLDER, the input itself in `input`.
 */
import {closeSync, openSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {Random} from './random.js';
import {target} from './targets.js';

const [name = '', seconds = '10', seed = '1'] = process.argv.slice(2);
const folder = process.env.PKTTOP_FUZZ_FOLDER ?? '.';
const CORPUS = 500;
/** Inputs until the code is compiled and caches are full, and what memory may grow by after that, bytes. */
const WARM = 2000;
const GROWTH = 96 << 20;

const {seeds, make, feed} = await target(name);
const corpus = [...seeds];
const outcomes = new Set();
const at = openSync(join(folder, 'at'), 'w');
const end = Date.now() + Number(seconds) * 1000;
let warm;
let turn = 0;

const memory = () => {
	globalThis.gc?.();
	const {heapUsed, external} = process.memoryUsage();
	return heapUsed + external;
};

for (; Date.now() < end; turn++) {
	const input = make(new Random(Number(seed) * 1e6 + turn), corpus);
	writeSync(at, String(turn).padEnd(16), 0);
	writeFileSync(join(folder, 'input'), input);
	let outcome;
	try {
		outcome = await feed(input, turn);
	} catch (error) {
		console.error(`${name}, input ${turn} of seed ${seed}: ${error instanceof Error ? error.stack : error}`);
		process.exit(1);
	}
	if (outcome !== '' && !outcomes.has(outcome)) {
		outcomes.add(outcome);
		if (seeds.length > 0 && corpus.length < CORPUS) corpus.push(input);
	}
	if (turn === WARM) warm = memory();
}
closeSync(at);
const grown = warm === undefined ? 0 : memory() - warm;
console.log(
	`${name}: ${turn} inputs, ${outcomes.size} outcomes, memory ${grown < 0 ? '' : '+'}${(grown / 1e6).toFixed(1)} MB`,
);
if (grown > GROWTH) {
	console.error(`${name}: memory grew by ${grown} bytes in ${turn - WARM} inputs`);
	process.exit(1);
}
process.exit(0);
