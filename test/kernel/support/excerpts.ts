/** Traces the passages of docs/walkthrough.md and prints the log lines of each, as JSON: `{"kernel": …, "ID": [lines]}`. */
import {mkdtempSync, rmSync} from 'node:fs';
import {release, tmpdir} from 'node:os';
import {join} from 'node:path';
import {logLines, passagesOf, walk} from './walk.js';

const folder = mkdtempSync(join(tmpdir(), 'pkttop-walk-'));
try {
	const {blocks, session} = await walk(folder);
	const log = await logLines(session);
	const found: Record<string, unknown> = {kernel: release()};
	for (const [id, block] of passagesOf(blocks)) found[id] = log.get(block?.[0]?.block ?? 0) ?? [];
	process.stdout.write(`${JSON.stringify(found)}\n`);
} finally {
	rmSync(folder, {recursive: true});
}
