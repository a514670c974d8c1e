/** The viewer on a live kernel: what comes while one looks. */
import {afterEach, expect, test} from 'vitest';
import {Kind} from '../../src/trace/record.js';
import {makeLoss, makeRecord, makeTask, type RecordFields} from '../unit/support/records.js';
import {FakeKernel} from './support/live.js';
import {type Opened, open, type Settings} from './support/terminal.js';

let opened: Opened | undefined;
afterEach(async () => {
	await opened?.quit();
	opened = undefined;
});

const FUNCTIONS = ['inet_sendmsg', 'ip_rcv*', 'udp_rcv', '-kfree_skb', 'tcp_recvmsg'];

async function live(settings: Settings = {}, buffer?: number): Promise<{kernel: FakeKernel; app: Opened}> {
	const kernel = new FakeKernel(FUNCTIONS, buffer);
	opened = open(kernel, {columns: 120, rows: 30, ...settings});
	await opened.viewer.ready;
	await opened.tty.see('LIVE');
	return {kernel, app: opened};
}

/** What a kernel attaches and what it does not. */
const MORE = [
	{name: 'udp_sendmsg', group: 'udpio', backend: 'fentry'},
	{name: 'udp_rcv', group: 'udpio', backend: 'kprobe-multi'},
	{name: 'udp_recvmsg', group: 'udpio', why: 'attach refused: it cannot be probed'},
];

let clock = 0;
/** A packet that comes in: ip_rcv and udp_rcv inside it, on an interrupt stack on top of nothing. */
function packet(port: number, more: RecordFields = {}): Uint8Array[] {
	clock += 1000;
	const common = {
		src: [10, 0, 0, 1],
		dst: [10, 0, 0, 2],
		sport: 4000,
		dport: port,
		proto: 17,
		len: 60,
		tid: 7,
		...more,
	};
	return [
		makeRecord({...common, fn: 2, depth: 1, begin: clock + 100, duration: 300}),
		makeRecord({...common, fn: 1, depth: 0, begin: clock, duration: 800}),
	];
}

test('packets come, are counted and followed', async () => {
	const {kernel, app} = await live();
	await app.tty.see('no packet yet');
	kernel.send(...packet(53), ...packet(80));
	const text = await app.tty.see('2 blocks');
	expect(text).toMatch(/┌ ip_rcv B +10\.0\.0\.1:4000 → 10\.0\.0\.2:53 UDP/);
	expect(text).toMatch(/└ ip_rcv E +800ns +500ns/);
	expect(text).toContain('ring 50%');
	expect(text).toContain('a call costs 48ns');
});

test('paused: the picture stands still, what comes is counted, and is there afterwards', async () => {
	const {kernel, app} = await live();
	kernel.send(...packet(53));
	await app.tty.see('10.0.0.2:53');
	app.tty.type('p');
	await app.tty.see('PAUSED');
	const before = (await app.tty.lines()).slice(3);
	kernel.send(...packet(99), ...packet(99));
	const paused = await app.tty.see('PAUSED (2 new)');
	expect(paused.split('\n').slice(3)).toEqual(before);
	app.tty.type('G');
	expect(await app.tty.text()).not.toContain('10.0.0.2:99');
	app.tty.type('p');
	await app.tty.see('10.0.0.2:99');
});

test('what has happened when s is pressed is in the log, though it is not on the screen yet', async () => {
	let saved = -1;
	const {kernel, app} = await live({
		*save({limit}) {
			saved = limit;
			yield;
			return {text: 'saved', bad: false};
		},
	});
	app.tty.type('s');
	// From where the kernel has put it, it comes a moment later.
	setTimeout(() => kernel.send(...packet(53)), 30);
	await app.tty.see('saved');
	expect(saved).toBe(1);
});

test('lost events: in the header, at their place, and found by n', async () => {
	const {kernel, app} = await live({color: true});
	kernel.send(...packet(53), makeLoss(0, 12, clock + 900), ...packet(80));
	kernel.lost = 12n;
	await app.tty.see('LOST 12');
	expect(await app.tty.see('lost 12 events (ring full)')).toContain('─── lost 12 events (ring full) ───');
	app.tty.type('gn');
	await app.tty.text();
	expect(app.viewer.model.way.row({id: 1, row: 0})).toMatchObject({kind: 3});
});

test('a drop says so in words, with its reason, and is found by n', async () => {
	const {kernel, app} = await live();
	const [inner, outer] = packet(53) as [Uint8Array, Uint8Array];
	const drop = makeRecord({
		kind: Kind.DROP,
		fn: 3,
		depth: 1,
		begin: clock + 500,
		ret: 3,
		duration: 0xffffn,
		tid: 7,
		src: [10, 0, 0, 1],
		dst: [10, 0, 0, 2],
	});
	kernel.send(inner, drop, outer, ...packet(80));
	expect(await app.tty.see('DROP')).toMatch(/│ ├ kfree_skb - DROP NO_SOCKET at 0xffff/);
	app.tty.type('gni');
	const text = await app.tty.see('kfree_skb drop');
	expect(text).toMatch(/dropped +NO_SOCKET/);
	app.tty.type('z');
	await app.tty.see('▸');
});

test('the filter goes to the kernel and holds for what is stored', async () => {
	const {kernel, app} = await live();
	kernel.send(...packet(53), ...packet(80), ...packet(53));
	await app.tty.see('3 blocks');
	app.tty.type(':80\r');
	const text = await app.tty.see('1 of 3 blocks');
	expect(text).not.toContain('10.0.0.2:53');
	// With 8, with 80, and with Enter.
	expect(kernel.filters.length).toBe(3);
	expect(kernel.filters[2]?.some((byte) => byte !== 0)).toBe(true);
	kernel.send(...packet(80));
	await app.tty.see('2 of 4 blocks');
});

test('calls that are open now, with the time so far', async () => {
	const {kernel, app} = await live();
	kernel.stands = 5_000_000_000n;
	const open = {
		kind: Kind.OPEN,
		fn: 4,
		depth: 0,
		begin: 2_600_000_000,
		tid: 9,
		src: [10, 0, 0, 1],
		dst: [10, 0, 0, 2],
		proto: 6,
	};
	kernel.send(makeTask(9, 9, 'curl'), makeRecord(open));
	app.tty.type('O');
	const text = await app.tty.see('so far');
	expect(text).toMatch(/┌ tcp_recvmsg B .*curl\[9\]/);
	expect(text).toContain('└ tcp_recvmsg open, 2.40s so far');
	kernel.send(makeRecord({...open, kind: Kind.CALL, duration: 5000}));
	await app.tty.see('no call is open');
	app.tty.type('O');
	await app.tty.see('1 blocks');
});

test('names from outside cannot move the cursor', async () => {
	const {kernel, app} = await live();
	kernel.send(makeTask(7, 7, '\x1b[2J\u202e界'), ...packet(53));
	expect(await app.tty.see('[7]')).toContain('?[2J??[7]');
});

test('functions: exact from the histograms, and from zero with c', async () => {
	const {kernel, app} = await live();
	kernel.calls = 1000n;
	app.tty.type('2');
	expect(await app.tty.see('1.00k')).toMatch(/ip_rcv .* 1\.00k .* 1\.46µs .* 1\.90µs +1\.50ms +1\.00ms +20%/);
	app.tty.type('c');
	await app.tty.until((text) => !text.includes('1.00k'), 'zero');
	kernel.calls = 1005n;
	expect(await app.tty.until((text) => /inet_sendmsg .* 5 /.test(text), 'five')).toMatch(
		/inet_sendmsg .* 7\.50µs +5\.00µs/,
	);
});

test('the oldest blocks go when the buffer is full, and that is said', async () => {
	const {kernel, app} = await live({}, 1 << 17);
	for (let i = 0; i < 40; i++) kernel.send(...Array.from({length: 100}, () => packet(53)).flat());
	await app.tty.see('old blocks gone');
	app.tty.type('g');
	expect(await app.tty.text()).toContain('ip_rcv B');
	expect(app.viewer.model.way.first()?.id).toBe(kernel.store.first);
});

test('a position stays where it is while packets come, also when its block moves into another', async () => {
	const {kernel, app} = await live();
	const softirq = {flags: 4, under: 1, tid: 7, src: [10, 0, 0, 1], dst: [10, 0, 0, 2], sport: 1, dport: 53, proto: 17};
	clock += 10_000;
	kernel.send(makeRecord({...softirq, fn: 1, begin: clock + 200, duration: 100, context: 1}));
	await app.tty.see('1 blocks');
	app.tty.type('g');
	await app.tty.text();
	kernel.send(
		makeRecord({
			fn: 0,
			tid: 7,
			begin: clock,
			duration: 1000,
			src: [10, 0, 0, 1],
			dst: [10, 0, 0, 2],
			dport: 53,
			proto: 17,
		}),
	);
	const text = await app.tty.see('inet_sendmsg B');
	expect(text.match(/ip_rcv B/g)).toHaveLength(1);
	expect(text).toMatch(/┊ ┌ ip_rcv B softirq/);
	expect(text).toMatch(/└ inet_sendmsg E +1\.00µs +900ns/);
});

test('what went wrong elsewhere is said in the footer until the next key', async () => {
	const {app} = await live();
	app.viewer.notice('demo traffic: no IPv6');
	await app.tty.see('demo traffic: no IPv6');
	app.tty.type('j');
	await app.tty.until((text) => !text.includes('no IPv6'), 'the keys again');
});

test('groups: Space switches a function, and all of a group; off is a word here and among the functions', async () => {
	const kernel = new FakeKernel([], undefined, MORE);
	opened = open(kernel, {columns: 120, rows: 30});
	const {tty} = opened;
	await opened.viewer.ready;
	kernel.calls = 1000n;
	tty.type('4');
	const text = await tty.see('1.00k');
	expect(text).toMatch(/▾ udpio +2 on, 1 not attached +2\.00k *$/m);
	expect(text).toMatch(/ udp_sendmsg +on +fentry +1\.00k *$/m);
	expect(text).toMatch(/ udp_recvmsg +not attached: attach refused: it cannot be probed *$/m);
	tty.type('jj ');
	await tty.see('1 on, 1 off, 1 not attached');
	expect(await tty.see('1 switched off')).toMatch(/ udp_sendmsg +off +fentry +1\.00k *$/m);
	expect([...kernel.off]).toEqual([0]);
	tty.type('2');
	await tty.until((screen) => /udp_sendmsg .* 1\.00k +off /.test(screen), 'off among the functions');
	expect(await tty.text()).not.toMatch(/udp_rcv .* off/);
	// One is on: all off. None is: all on.
	tty.type('4g ');
	await tty.see('2 off, 1 not attached');
	expect([...kernel.off].sort()).toEqual([0, 1]);
	tty.type(' ');
	await tty.see('2 on, 1 not attached');
	expect([...kernel.off]).toEqual([]);
	await tty.until((screen) => !screen.includes('switched off'), 'nothing is off');
});

test('groups: Space switches while the picture stands still, too', async () => {
	const {kernel, app} = await live();
	app.tty.type('4p');
	await app.tty.see('PAUSED');
	app.tty.type(' ');
	await app.tty.see('5 off');
	expect(kernel.off.size).toBe(5);
	expect(app.viewer.model.paused).toBe(true);
});

test('groups: what cannot be switched says why', async () => {
	const kernel = new FakeKernel([], undefined, MORE);
	opened = open(kernel, {columns: 80, rows: 24});
	const {tty} = opened;
	tty.type('4G ');
	await tty.see('udp_recvmsg: not attached: attach refused: it cannot be probed');
	kernel.stopped = true;
	tty.type('g ');
	await tty.see('the kernel is not traced any more');
	expect(await tty.text()).toContain('2 on, 1 not attached');
});

test('how much is attached is seen at 80 columns, and why not all of it', async () => {
	const kernel = new FakeKernel([], undefined, MORE);
	opened = open(kernel, {columns: 80, rows: 24});
	const {tty} = opened;
	await opened.viewer.ready;
	await tty.see('4 Groups 2/4');
	tty.type('4Gi');
	await tty.see('not attached attach refused: it cannot be probed');
	tty.type('g');
	await tty.see('UDP');
	tty.resize(160, 40);
	await tty.see('attached 2 of 4 by fentry');
});
