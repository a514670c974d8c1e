import {execFileSync, spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';

const OUTPUT = fileURLToPath(new URL('../../dist/cli/output.js', import.meta.url));

test('more than a pipe holds is printed whole before the process ends', () => {
	const script = `import('${OUTPUT}').then(({print}) => { print('x'.repeat(1e6)); process.exit(0); })`;
	const counted = execFileSync('sh', ['-c', '"$0" -e "$1" | wc -c', process.execPath, script]);
	expect(Number(counted)).toBe(1e6);
});

test('a reader that has gone is no error', () => {
	const script = `import('${OUTPUT}').then(({print}) => { print('x'.repeat(1e6)); process.exit(0); })`;
	const {stderr} = spawnSync('sh', ['-c', '("$0" -e "$1"; echo "code $?" >&2) | true', process.execPath, script]);
	expect(stderr.toString()).toBe('code 0\n');
});
