/** What Ink draws it must not keep: some texts change twice a second, for as long as a person looks. */
import {execFileSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';

const CHROME = fileURLToPath(new URL('../../dist/ui/chrome/chrome.js', import.meta.url));

/** Draws frames whose lines are all new, and prints by how many bytes a frame the heap has grown. */
const SCRIPT = `
	import {Chrome} from ${JSON.stringify(CHROME)};
	const chrome = new Chrome();
	let number = 1e6;
	const lines = (count) => Array.from({length: count}, () => [{text: 'figures ', style: 'title'}, {text: String(number++)}]);
	const draw = (frames) => {
		for (let i = 0; i < frames; i++) {
			const panel = {content: {title: 'panel', lines: lines(30)}, top: 0, width: 80, height: 33, side: 'bottom'};
			chrome.lines({columns: 80, rows: 37, head: lines(3), foot: lines(1), panel, color: true, ascii: false});
		}
	};
	const heap = () => {
		gc();
		gc();
		return process.memoryUsage().heapUsed;
	};
	draw(100);
	const before = heap();
	draw(400);
	console.log((heap() - before) / 400);
	process.exit();
`;

test('memory does not grow with every line that was ever drawn', () => {
	// As main.ts sets it: a React that helps developers keeps much more.
	const env = {...process.env, NODE_ENV: 'production'};
	const args = ['--expose-gc', '--input-type=module', '-e', SCRIPT];
	const bytes = Number(execFileSync(process.execPath, args, {env, encoding: 'utf8'}));
	// A line that is kept takes more than a hundred bytes, and a frame has 34.
	expect(bytes).toBeLessThan(1500);
}, 60_000);
