/** The built program where every user can read it, as an installed one is: a checkout may lie where only its owner can go. */
import {chmodSync, cpSync, existsSync, mkdtempSync, renameSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The tests are compiled to test/kernel/build/test/kernel/support. */
const PROJECT = fileURLToPath(new URL('../../../../../../', import.meta.url));
const PARTS = ['package.json', 'dist', 'native/build/Release/pkttop.node', 'bpf/build/pkttop.bpf.o'];

/** In a VM, where copying takes seconds: one copy for all test files. It goes with the VM. */
const SHARED = (process.env.PKTTOP_TEST_ON ?? 'host') === 'host' ? undefined : join(tmpdir(), 'pkttop-installed');

let folder: string | undefined;

/** Its folder; gone when the test process, or the VM, ends. */
export function installed(): string {
	folder ??= SHARED === undefined ? ofOurOwn() : shared(SHARED);
	return folder;
}

function ofOurOwn(): string {
	const made = copy();
	process.on('exit', () => rmSync(made, {recursive: true, force: true}));
	return made;
}

function shared(path: string): string {
	if (!existsSync(path)) renameSync(copy(), path);
	return path;
}

function copy(): string {
	const made = mkdtempSync(join(tmpdir(), 'pkttop-installed-'));
	chmodSync(made, 0o755);
	for (const part of PARTS) cpSync(join(PROJECT, part), join(made, part), {recursive: true});
	return made;
}
