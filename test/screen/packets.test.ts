/** Packets on the screen: their pane, journeys, comparisons, waits in the trace, and a packet that is followed. */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import {save} from '../../src/cli/save.js';
import {loadCharts} from '../../src/ui/charts/charts.js';
import {begin, datagram, playScene} from './support/journeys.js';
import type {FakeKernel} from './support/live.js';
import {type Opened, open, type Settings} from './support/terminal.js';

let opened: Opened | undefined;
afterEach(async () => {
	await opened?.quit();
	opened = undefined;
});

async function play(settings: Settings = {}): Promise<Opened & {kernel: FakeKernel}> {
	const kernel = playScene();
	opened = open(kernel, settings);
	await opened.viewer.ready;
	await opened.tty.until(() => kernel.store.blocks === 32, 'all blocks');
	return {...opened, kernel};
}

const SIZES = [
	[80, 24],
	[40, 10],
	[200, 50],
] as const;

/** Without the header's figures, which change all the time. */
const body = (text: string): string => text.split('\n').slice(1).join('\n');

test.each(SIZES)('the pane, a journey and a comparison on %i x %i', async (columns, rows) => {
	const {tty} = await play({columns, rows});
	tty.type('3');
	expect(
		body(await tty.until((text) => / 8 .*delivered/.test(text) && /(?<! of )9 packets/.test(text), 'packets')),
	).toMatchSnapshot();
	tty.type('jjjj\r');
	expect(body(await tty.until((text) => /^packet 5 /m.test(text), 'the journey'))).toMatchSnapshot();
	tty.type('qdjd');
	expect(body(await tty.until((text) => /later by/.test(text), 'the comparison'))).toMatchSnapshot();
	expect(tty.wide).toEqual([]);
});

test.each(SIZES)('any key in any view on %i x %i: nothing is too wide, nothing throws', async (columns, rows) => {
	const {tty, ended} = await play({columns, rows});
	let failed: unknown;
	ended.catch((error: unknown) => {
		failed = error;
	});
	for (const keys of [
		'3',
		'i',
		'i',
		'e',
		'e',
		'\r',
		'jjj',
		'll',
		'G',
		'g',
		'\r',
		'f',
		']]',
		'[',
		'i',
		'i',
		'J',
		'\x1b',
		'3',
		'd',
		'jd',
		'Gg',
		'\r',
		'3q',
		'x',
		'2',
		'5',
		'1z',
		'J',
	]) {
		tty.type(keys);
		await tty.text();
	}
	expect(failed).toBeUndefined();
	expect(tty.wide).toEqual([]);
});

test('a packet that is shown: by its fate, by its times, by the filter bar', async () => {
	const {tty} = await play({columns: 120, rows: 30});
	const shown = (text: string): string[] => [...text.matchAll(/^ +\*?(\d+) udp /gm)].map((match) => match[1] as string);
	const until = (numbers: readonly string[]) =>
		tty.until((text) => shown(text).join() === numbers.join(), `packets ${numbers.join()}`);
	tty.type('3');
	await until(['8', '7', '100', '6', '5', '4', '3', '2', '1']);
	tty.type('Ffate dropped\r');
	await until(['3']);
	await tty.see('1 of 9 packets');
	tty.type('F\x15time > 1ms\r');
	await until(['5']);
	// What is wrong changes nothing.
	tty.type('F and bogus\r');
	await tty.see("'bogus'");
	expect(shown(await tty.text())).toEqual(['5']);
	tty.type('\x1b');
	await tty.until((text) => !text.includes('bogus'), 'the prompt closed');
	tty.type('x');
	await until(['8', '7', '100', '6', '5', '4', '3', '2', '1']);
	tty.type('/udp port 99\r');
	await until(['8', '7']);
});

test('sorted by any column', async () => {
	const {tty} = await play({columns: 200, rows: 30});
	tty.type('3');
	const first = (number: number) =>
		tty.until(
			(text) => new RegExp(`^ +${number} `, 'm').exec(text.split('\n').slice(4).join('\n'))?.index === 0,
			`${number}`,
		);
	await first(8);
	tty.type('o');
	await first(1);
	// Path, fate, total.
	tty.type('>>>>>');
	await first(3);
	tty.type('>');
	await first(5);
	tty.type('<<<<<<<');
	await first(100);
});

test('waits stand above what took the packet out, and not in what is saved', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'pkttop-waits-'));
	const output = join(folder, 'log');
	const {tty} = await play({
		...{columns: 120, rows: 60},
		save: (saving, force) => save(saving, {output, time: 'us'}, force),
	});
	tty.type('g');
	const text = await tty.see('wait backlog 35.0µs (packet 1), put in by enqueue_to_backlog');
	const lines = text.split('\n');
	const at = lines.findIndex((line) => line.includes('wait backlog 35.0µs (packet 1)'));
	expect(lines[at]).toMatch(/^ +⋯ wait/);
	expect(lines[at + 1]).toMatch(/ ┌ __netif_receive_skb_one_core B/);
	// The head of a block is also its first record below a wait.
	tty.type('/udp\r');
	tty.type(`g${'j'.repeat(at - 4)}`);
	await tty.text();
	tty.type('i');
	await tty.see('input backlog of a CPU');
	tty.type('ij\r');
	await tty.see('▸ 11.0µs');
	tty.type('s');
	await tty.see('saved ');
	const log = readFileSync(output, 'utf8');
	rmSync(folder, {recursive: true});
	expect(log.match(/ B$| B /gm)?.length).toBeGreaterThan(60);
	expect(log).not.toMatch(/wait/);
});

test('f shows the blocks of one packet alone, [ and ] go through them, Esc ends it', async () => {
	const {tty} = await play({columns: 120, rows: 60});
	tty.type('gjj');
	await tty.see('wait backlog 35.0µs (packet 1)');
	tty.type('f');
	const alone = await tty.until(
		(text) => /following packet 1\b/.test(text) && !/packet 2\)/.test(text),
		'packet 1 alone',
	);
	expect(alone.match(/inet_sendmsg B/g)).toHaveLength(1);
	expect(alone.match(/__netif_receive_skb_one_core B/g)).toHaveLength(1);
	tty.type(']]]i');
	await tty.until((text) => /skb_consume_udp call/.test(text), 'the last block');
	await tty.see('packet no.  1: delivered to server (20)');
	tty.type(']');
	await tty.see('packet 1 has no block after this one');
	tty.type('[');
	await tty.until((text) => /__netif_receive_skb_one_core call/.test(text), 'the block before');
	tty.type('i\x1b');
	const all = await tty.until((text) => !/following/.test(text), 'all blocks');
	expect(all.match(/inet_sendmsg B/g)?.length).toBeGreaterThan(1);
});

test('a packet is followed into blocks that come later', async () => {
	const {tty, kernel} = await play({columns: 100, rows: 40});
	const all = datagram({number: 50, at: begin(30)});
	kernel.send(...all.slice(0, 7));
	await tty.see('34 blocks');
	tty.type('kkkf');
	await tty.see('following packet 50');
	expect((await tty.text()).match(/__netif_receive_skb_one_core B/g)).toBeNull();
	kernel.send(...all.slice(7));
	await tty.until((text) => /__netif_receive_skb_one_core B/.test(text), 'the next block');
});

test('from the journey to the row and back', async () => {
	const {tty} = await play({columns: 120, rows: 40});
	tty.type('3');
	await tty.see('9 packets');
	tty.type('jjjjjj\r');
	const journey = await tty.until((text) => /^packet 3 /m.test(text), 'the journey');
	expect(journey).toMatch(/fate dropped: NO_SOCKET in ip_rcv/);
	tty.type('G\r');
	await tty.until((text) => / kfree_skb_reason - DROP NO_SOCKET/.test(text), 'the trace');
	tty.type('i');
	await tty.see('kfree_skb_reason drop');
	tty.type('i3');
	await tty.until((text) => /^packet 3 /m.test(text), 'the journey again');
	tty.type('\x1b');
	await tty.until((text) => /slowest part/.test(text), 'the packets again');
	tty.type('1J');
	await tty.until((text) => /^packet \d+ /m.test(text), 'the journey of the packet under the cursor');
	tty.type('q');
	await tty.until((text) => / B /.test(text), 'the trace again');
});

test('packets of two flows are not compared', async () => {
	const {tty} = await play({columns: 120, rows: 30});
	tty.type('3');
	await tty.see('9 packets');
	tty.type('d');
	await tty.see('packet 8 is marked');
	tty.type('jjjd');
	await tty.see('packet 6 is not of the flow of 8');
	tty.type('kkd');
	const text = await tty.until((shown) => /later by/.test(shown), 'the comparison');
	expect(text).toMatch(/total +220µs +220µs *$/m);
});

test('queues among the functions, with their histogram and what they are', async () => {
	await loadCharts();
	const {tty} = await play({columns: 120, rows: 40});
	tty.type('2');
	const text = await tty.until((shown) => /wait qdisc veth0 latency/.test(shown) && /8 waits/.test(shown), 'the queue');
	expect(text).toMatch(/wait qdisc veth0 +queue +8 /);
	expect(text).toMatch(/wait backlog veth0 +queue +8 /);
	tty.type('e');
	await tty.see('queueing discipline of a device');
	tty.type('ec');
	await tty.until((shown) => /wait qdisc veth0 +queue +0 /.test(shown), 'counts from zero');
});

test('ASCII has nothing beyond it', async () => {
	const {tty} = await play({columns: 120, rows: 40, ascii: true});
	for (const keys of ['3', '\r', 'jj', 'q', 'djd', 'q', 'i', 'i', '1', 'g', 'f', '\x1b']) {
		tty.type(keys);
		expect(await tty.text()).toMatch(/^[\x00-\x7f]*$/);
	}
});
