/** The whole viewer on a recorded session, cell by cell. */
import {afterEach, expect, test} from 'vitest';
import {loadCharts} from '../../src/ui/charts/charts.js';
import {demoSource, type Opened, open, openDemo, type Settings} from './support/terminal.js';

let opened: Opened | undefined;
afterEach(async () => {
	await opened?.quit();
	opened = undefined;
});

async function demo(settings: Settings = {}): Promise<Opened> {
	// Loaded already, charts are there in the first frame of their pane.
	await loadCharts();
	opened = await openDemo(settings);
	await opened.tty.until((text) => !/PLAYING/.test(text) || settings.rows !== undefined, 'the first whole frame');
	return opened;
}

/** The screen once nothing changes any more: after the next refresh of the header. */
async function still({tty}: Opened): Promise<string> {
	let before = '';
	return tty.until((text) => {
		// Charts come a moment after their title.
		const charted = !/ latency/.test(text) || / latency.*\n.+\n/.test(text);
		const same = charted && text === before && (text.includes('RECORDED') || tty.rows < 4);
		before = text;
		return same;
	}, 'a screen that stands still');
}

const SIZES = [
	[80, 24],
	[120, 40],
	[200, 50],
	[40, 12],
	[20, 5],
] as const;

test.each(SIZES)('the trace on %i x %i', async (columns, rows) => {
	const app = await demo({columns, rows});
	app.tty.type('g');
	expect(await still(app)).toMatchSnapshot();
});

test.each([
	['folded', 'gz'],
	['functions', '2'],
	['flows', '5'],
	['groups', '4'],
	['groups, folded and sorted, the last row', '4z>>>jj\x1b[CG'],
	['help', '?'],
	['inspector', 'gjjji'],
	['explain', 'gje'],
	['filter open', '/'],
	['a filter with an error', '/udp port 99999'],
	['scrolled to the right', 'gl'],
	['since begin of the block', 'gt'],
])('80 x 24: %s', async (_, keys) => {
	const app = await demo({columns: 80, rows: 24});
	await still(app);
	app.tty.type(keys);
	expect(await still(app)).toMatchSnapshot();
});

test.each([
	['inspector beside the trace', 'gjji', 160, 30],
	['functions with charts', '2', 120, 40],
	['folded', 'gz', 200, 20],
	['groups', '4', 200, 50],
])('wide: %s', async (_, keys, columns, rows) => {
	const app = await demo({columns, rows});
	await still(app);
	app.tty.type(keys);
	expect(await still(app)).toMatchSnapshot();
});

test('ASCII has nothing beyond it', async () => {
	const app = await demo({ascii: true, columns: 100, rows: 30});
	for (const keys of ['g', 'i', 'i', '2', '3', '4', '5', 'z', '?', 'q', '1', 'z', '/']) {
		app.tty.type(keys);
		expect(await app.tty.text()).toMatch(/^[\x00-\x7f]*$/);
	}
});

test('without colour there is no colour, only attributes', async () => {
	const app = await demo({columns: 120, rows: 40});
	for (const keys of ['g', 'i', '2', '3', '5', '4', '/x', '\x1b']) {
		app.tty.type(keys);
		await app.tty.text();
	}
	expect(app.tty.output.match(/\x1b\[[0-9;]*m/g)?.filter((sgr) => /[;[](3[0-7]|9[0-7]|4[0-7])[;m]/.test(sgr))).toEqual(
		[],
	);
});

test('only colours of the theme', async () => {
	const app = await demo({columns: 200, rows: 50, color: true});
	for (const keys of ['g', 'i', '2', '3', '5', '4', '?']) {
		app.tty.type(keys);
		await app.tty.text();
	}
	expect(app.tty.output).toMatch(/\x1b\[[0-9;]*3[1-6]/);
	expect(app.tty.output).not.toMatch(/[34]8;[25];/);
});

test('digits in the port field filter at once, Esc takes it back', async () => {
	const app = await demo();
	await app.tty.see('327 blocks');
	app.tty.type(':6045');
	await app.tty.see('port 6045 ');
	await app.tty.until((text) => /of 327 blocks/.test(text), 'a filter in force');
	app.tty.type('2');
	const filtered = await app.tty.until(
		(text) => /\b(1\d|2\d|3\d) of 327 blocks/.test(text),
		'the blocks of one connection',
	);
	expect(filtered).toContain('60452');
	app.tty.type('\x1b');
	await app.tty.until((text) => /(?<!of )327 blocks/.test(text) && text.includes('none: everything'), 'no filter');
});

test('a burst of keys is as good as one after the other', async () => {
	const app = await demo();
	app.tty.type('/udp port 30091\rg');
	const text = await app.tty.until((text) => text.includes('filter udp port 30091'), 'the filter in force');
	expect(text).not.toContain('TCP');
	expect(text).toContain('inet_sendmsg B');
});

test('a wrong filter changes nothing', async () => {
	const app = await demo({fields: {expression: 'udp'}});
	await app.tty.see('filter udp');
	app.tty.type('/ and bogus\r');
	await app.tty.see("expression, column 9: unknown word 'bogus'");
	expect(app.viewer.model.filter.text).toBe('udp');
	app.tty.type('\x1b');
	await app.tty.until((text) => /filter udp\s*\n/.test(text), 'the old filter');
});

test('what the filter hides can be shown faint', async () => {
	const app = await demo({fields: {expression: 'udp'}, columns: 120, rows: 40});
	await app.tty.see('filter udp');
	app.tty.type('g');
	expect(await still(app)).not.toContain('arp_xmit');
	app.tty.type('v');
	await app.tty.see('arp_xmit B');
});

test('softirqs stand where they ran, and not a second time', async () => {
	const app = await demo({columns: 120, rows: 60});
	app.tty.type('g');
	const text = await still(app);
	const lines = text.split('\n');
	const parent = lines.findIndex((line) => line.includes('inet_sendmsg B'));
	const inside = lines.findIndex((line) => line.includes('__netif_receive_skb_one_core B softirq'));
	expect(parent).toBe(4);
	expect(inside).toBeGreaterThan(parent);
	expect(lines[inside]).toMatch(/│ ┊ ┌ __netif/);
	expect(text.match(/08:54:10.431444.*__netif_receive_skb_one_core B/g)).toHaveLength(1);
});

test('playing: the picture follows, stands still while paused, and goes on', async () => {
	let now = 0;
	const {source, close} = demoSource(1, () => now);
	opened = open(source, {columns: 100, rows: 30});
	const {tty, viewer} = opened;
	await tty.see('PLAYING');
	const play = (text: string) => {
		now += 5;
		return /[1-9]\d* blocks/.test(text);
	};
	await tty.until(play, 'the first blocks');
	const early = source.store.blocks;
	expect(early).toBeLessThan(327);
	tty.type('p');
	await tty.see('PAUSED');
	now += 3000;
	tty.type('j');
	await tty.text();
	expect(source.store.blocks).toBe(early);
	tty.type('p');
	await tty.see('PLAYING');
	await tty.until((text) => {
		now += 500;
		return text.includes('RECORDED');
	}, 'the end');
	expect(source.store.blocks).toBe(327);
	expect(viewer.model.paused).toBe(false);
	close();
});

test('playing: a time that has not come yet is where it goes on', async () => {
	let now = 0;
	const {source, close} = demoSource(1, () => now);
	opened = open(source, {columns: 100, rows: 30});
	const {tty} = opened;
	await tty.until((text) => {
		now += 5;
		return /[1-9]\d* blocks/.test(text);
	}, 'the first blocks');
	tty.type('T+2\r');
	await tty.until(() => source.store.blocks > 100, 'two seconds of blocks');
	expect(source.done).toBe(false);
	const {store} = source;
	const latest = Math.max(...Array.from({length: store.end}, (_, id) => store.begin(id)));
	expect((latest - store.begin(0)) / 1e9).toBeCloseTo(2, 0);
	close();
});

test('up leaves the end, G follows it again', async () => {
	const app = await demo();
	const last = (await still(app)).split('\n').at(-2);
	app.tty.type('kkk');
	await app.tty.text();
	app.tty.type('\x1b[5~\x1b[5~');
	await app.tty.until((text) => text.split('\n').at(-2) !== last, 'other rows');
	app.tty.type('G');
	await app.tty.until((text) => text.split('\n').at(-2) === last, 'the end');
});

test('to a time', async () => {
	const app = await demo({columns: 120});
	app.tty.type('T08:54:11\r');
	const text = await app.tty.until((text) => !text.includes('go to time'), 'the prompt closed');
	expect(text).toMatch(/08:54:11\.\d{6}/);
	app.tty.type('T25:00:00\r');
	await app.tty.see('there is no 25:00:00 in a day');
});

test('Enter on a flow shows its blocks', async () => {
	const app = await demo({columns: 100});
	app.tty.type('5');
	await app.tty.see('packets');
	app.tty.type('\r');
	await app.tty.until(
		(text) => /filter host|filter .*host/.test(text) && /of 327 blocks/.test(text),
		'the flow as filter',
	);
});

test('a recording cannot be switched, and says so', async () => {
	const app = await demo();
	app.tty.type('4j ');
	const text = await app.tty.see('a recording cannot be switched');
	expect(text).toContain('RECORDED');
	expect(text).toMatch(/ tcp_ack +recorded +79 *$/m);
	app.tty.type('k');
	await app.tty.until((after) => !after.includes('cannot be switched'), 'the keys again');
});

test('everything is taken back on the way out', async () => {
	const app = await demo();
	app.tty.type('q');
	await app.ended;
	await app.tty.text();
	expect(app.tty.rawMode).toBe(false);
	expect(app.tty.terminal.buffer.active.type).toBe('normal');
	expect(app.tty.output).toMatch(/\x1b\[\?25h\x1b\[\?1049l$/);
	expect(app.tty.output.match(/\x1b\[2J/g)).toHaveLength(1);
});

test('what is thrown leaves the screen and comes out', async () => {
	const app = await demo({
		save: () => {
			throw new Error('broken');
		},
	});
	app.tty.type('s');
	await expect(app.ended).rejects.toThrow('broken');
	expect(app.tty.rawMode).toBe(false);
	expect(app.tty.output).toMatch(/\x1b\[\?1049l$/);
	opened = undefined;
});
