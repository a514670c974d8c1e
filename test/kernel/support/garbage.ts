/**
 * Loaded before pkttop (node --expose-gc --import) by who wants to know what it holds: at SIGUSR2 it collects what is
 * garbage, and appends what is left to the file of PKTTOP_TEST_MEMORY. Without that a leak of 1 kB a second cannot be told
 * from garbage that nobody has needed to collect.
 */
import {appendFileSync} from 'node:fs';

const {PKTTOP_TEST_MEMORY: file} = process.env;
const {gc} = globalThis;
if (file === undefined || gc === undefined) throw new Error('PKTTOP_TEST_MEMORY and --expose-gc are wanted');

process.on('SIGUSR2', () => {
	// What finalizers let go of is there for the second one.
	gc();
	gc();
	const {heapUsed, external} = process.memoryUsage();
	appendFileSync(file, `${JSON.stringify({heapUsed, external})}\n`);
});
