/** Alone in its file: what loading does it does once in a process. */
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test, vi} from 'vitest';
import {loadCharts} from '../../src/ui/charts/charts.js';

test('loading leaves the process and the terminal alone, and runs no tmux', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'pkttop-charts-'));
	const ran = join(folder, 'ran');
	writeFileSync(join(folder, 'tmux'), `#!/bin/sh\necho > ${ran}\n`, {mode: 0o755});
	vi.stubEnv('TMUX', '/nowhere,1,0');
	vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
	const listeners = () =>
		[process, process.stdin, process.stdout, process.stderr].map((one) =>
			Object.fromEntries(one.eventNames().map((event) => [String(event), one.listenerCount(event)])),
		);
	const writes = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'));
	const before = listeners();
	try {
		const charts = await loadCharts();
		const bucket = [0n, 5n];
		charts.histogram({columns: 80, rows: 20}, {total: 9n, self: 9n, max: 3n, bucket}, {ascii: false, color: true});
		expect(listeners()).toEqual(before);
		for (const write of writes) expect(write).not.toHaveBeenCalled();
		expect(process.env.TMUX).toBe('/nowhere,1,0');
		expect(existsSync(ran)).toBe(false);
	} finally {
		for (const write of writes) write.mockRestore();
		vi.unstubAllEnvs();
		rmSync(folder, {recursive: true});
	}
});
