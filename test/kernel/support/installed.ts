/** The built program where every user can read it, as an installed one is: a checkout may lie where only its owner can go. */
import {chmodSync, cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The tests are compiled to test/kernel/build/test/kernel/support. */
const PROJECT = fileURLToPath(new URL('../../../../../../', import.meta.url));
const PARTS = ['package.json', 'dist', 'native/build/Release/pkttop.node', 'bpf/build/pkttop.bpf.o'];

let folder: string | undefined;

/** Its folder; gone when the test process ends. */
export function installed(): string {
	if (folder !== undefined) return folder;
	const made = mkdtempSync(join(tmpdir(), 'pkttop-installed-'));
	chmodSync(made, 0o755);
	for (const part of PARTS) cpSync(join(PROJECT, part), join(made, part), {recursive: true});
	process.on('exit', () => rmSync(made, {recursive: true, force: true}));
	folder = made;
	return made;
}
