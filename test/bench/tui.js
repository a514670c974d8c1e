/**
 * What the screen costs at 200x50 and 15 frames a second: CPU, bytes a frame, lateness of the loop, key to screen, memory,
 * and the time to the first frame of a recording. The kernel is a generator in this process; what it takes itself is
 * measured alone and subtracted. Prints figures, decides nothing. Needs a build: npm run build && node test/bench/tui.js
 * ONLY="100k events/s" SECONDS=300 measures one of them for ten minutes, half of the time with keys.
 */
import {spawn} from 'node:child_process';
import {monitorEventLoopDelay} from 'node:perf_hooks';
import {fileURLToPath} from 'node:url';

process.env.NODE_ENV ??= 'production';
const {BlockBuilder} = await import('../../dist/trace/blocks.js');
const {NameTable} = await import('../../dist/trace/names.js');
const {At, Context, Family, Flag, Kind, Proto} = await import('../../dist/trace/record.js');
const {Store} = await import('../../dist/trace/store.js');
const {Tasks} = await import('../../dist/trace/tasks.js');
const {compileFields, NO_FIELDS} = await import('../../dist/ui/filter.js');
const {Screen} = await import('../../dist/ui/screen.js');
const {makeTheme} = await import('../../dist/ui/theme.js');
const {Viewer} = await import('../../dist/ui/viewer.js');

const SECONDS = Number(process.env.SECONDS ?? 5);
const ONLY = process.env.ONLY ?? '';
const SIZE = 64;
/** Calls of one exchange: depth, interrupt stack, thread, begin and duration in ns. */
const EXCHANGE = [
	...[6, 5, 4, 3, 2, 1, 0].map((depth) => [depth, true, 1, 60 + depth, 60 - 2 * depth]),
	...[5, 4, 3, 2, 1, 0].map((depth) => [depth, false, 1, 10 + depth, 200 - 2 * depth]),
	...[2, 1, 0].map((depth) => [depth, false, 2, 250 + depth, 40 - 2 * depth]),
];
const NAMES = [
	'inet_sendmsg',
	'udp_sendmsg',
	'ip_output',
	'ip_finish_output2',
	'__dev_queue_xmit',
	'dev_hard_start_xmit',
];
const functions = Array.from({length: 16}, (_, fn) => ({
	name: NAMES[fn % 6] + (fn < 6 ? '' : `_${fn}`),
	group: ['inet', 'udpio', 'ip_send', 'device'][fn % 4],
	ipLayer: fn % 3 === 0,
	returnsNumber: true,
	mark: false,
}));
const session = {
	kernel: '6.12.0',
	backend: 'fentry',
	wallOffset: 1_700_000_000_000_000_000n,
	functions,
	attached: 16,
	wanted: 16,
	attachMs: 1,
	dropReasons: {},
	filter: '',
};

/** Exchanges of many flows, made once; their times are set when they are handed out. */
function template(exchanges) {
	const bytes = new Uint8Array(exchanges * EXCHANGE.length * SIZE);
	const data = new DataView(bytes.buffer);
	let at = 0;
	for (let i = 0; i < exchanges; i++) {
		for (const [depth, interrupt, thread, , duration] of EXCHANGE) {
			data.setUint8(at, Kind.CALL);
			data.setUint8(at + At.flags, (interrupt ? Flag.IRQ_STACK : 0) | (interrupt ? Context.SOFTIRQ : Context.TASK));
			data.setUint8(at + At.family, Family.IPV4);
			data.setUint16(at + At.fn, depth + (interrupt ? 8 : 0), true);
			data.setUint32(at + At.tid, 1000 + (i % 4) * 10 + thread, true);
			data.setBigUint64(at + At.duration, BigInt(duration), true);
			data.setUint16(at + At.cpu, i % 2, true);
			data.setUint16(at + At.under, interrupt && depth === 0 ? 6 : 0, true);
			data.setUint8(at + At.depth, depth);
			data.setUint8(at + At.proto, Proto.UDP);
			data.setUint16(at + At.sport, 40000 + (i % 100), true);
			data.setUint16(at + At.dport, 30091, true);
			data.setUint32(at + At.len, 92, true);
			data.setUint32(at + At.saddr, 0x0100007f, true);
			data.setUint32(at + At.daddr, 0x0200007f, true);
			at += SIZE;
		}
	}
	return bytes;
}

class Generator {
	live = true;
	done = false;
	problem = '';
	file = '';
	made = 0;
	begun = performance.now();
	bytes = template(256);
	words = new Uint32Array(this.bytes.buffer);

	constructor(rate, take) {
		this.rate = rate;
		this.tasks = new Tasks();
		this.store = new Store(64 << 20);
		this.builder = new BlockBuilder(this.store, this.tasks);
		this.names = new NameTable(session, this.tasks);
		this.take = take ?? ((bytes, at, length) => this.builder.push(bytes, at, length));
	}

	/** What is due by now. */
	pump() {
		const due = Math.floor(((performance.now() - this.begun) / 1000) * this.rate);
		while (this.made + EXCHANGE.length <= due) {
			const exchanges = Math.min(256, Math.floor((due - this.made) / EXCHANGE.length));
			for (let i = 0; i < exchanges; i++) {
				const clock = 5_000_000_000_000 + (this.made / this.rate) * 1e9;
				for (let k = 0; k < EXCHANGE.length; k++) {
					const word = ((i * EXCHANGE.length + k) * SIZE + At.begin) >>> 2;
					const begin = Math.floor(clock) + EXCHANGE[k][3];
					this.words[word] = begin % 2 ** 32;
					this.words[word + 1] = Math.floor(begin / 2 ** 32);
				}
				this.made += EXCHANGE.length;
			}
			this.take(this.bytes, 0, exchanges * EXCHANGE.length * SIZE);
		}
		return false;
	}

	stats() {
		const calls = BigInt(this.made >> 4);
		const bucket = new Array(48).fill(0n);
		bucket[10] = calls;
		return functions.map(() => ({total: calls * 1000n, self: calls * 500n, max: 2000n, bucket}));
	}
	counters() {
		return {emitted: BigInt(this.made), lost: [0n, 0n, 0n, 0n, 0n]};
	}
	fill() {
		return 0;
	}
	now() {
		return 0n;
	}
	probeCost() {}
	setFilter() {}

	switch() {
		return '';
	}

	isOn() {
		return true;
	}
	hold() {}
	skip() {}
}

/** A terminal that takes `speed` bytes a second, in pieces of a pty's buffer. */
class FakeTty {
	fd = -1;
	written = 0;
	room = 4096;
	at = performance.now();
	onWrite = () => {};

	constructor(speed = Number.POSITIVE_INFINITY) {
		this.speed = speed;
	}
	size() {
		return {columns: 200, rows: 50};
	}
	write(bytes) {
		if (this.speed === Number.POSITIVE_INFINITY) {
			this.written += bytes.length;
			this.onWrite();
			return bytes.length;
		}
		const now = performance.now();
		this.room = Math.min(4096, this.room + ((now - this.at) / 1000) * this.speed);
		this.at = now;
		const taken = Math.min(bytes.length, Math.floor(this.room));
		this.room -= taken;
		this.written += taken;
		return taken;
	}
	raw() {}
	onInput(take) {
		this.type = take;
	}
	onResize() {}
	close() {}
}

const cpu = () => {
	const {user, system} = process.cpuUsage();
	return (user + system) / 1000;
};
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));
const percentile = (list, q) =>
	[...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))] ?? 0;

/** CPU of the generator alone, per cent of a core. */
async function generatorAlone(rate) {
	const source = new Generator(rate, () => {});
	const timer = setInterval(() => source.pump(), 25);
	await sleep(1000);
	const before = cpu();
	await sleep(3000);
	clearInterval(timer);
	return (cpu() - before) / 30;
}

async function run(name, rate, {speed, seconds = SECONDS, keys = '', typed = ['l', 'h']} = {}) {
	if (ONLY !== '' && name !== ONLY) return;
	const alone = await generatorAlone(rate);
	const source = new Generator(rate);
	const tty = new FakeTty(speed);
	const screen = new Screen(tty);
	const viewer = new Viewer(screen, tty, source, {
		theme: makeTheme(true, false),
		fps: 15,
		filter: compileFields({...NO_FIELDS}),
		base: {},
		save: () => [].values(),
		suspend() {},
	});
	const ended = viewer.run();
	if (keys !== '') tty.type(keys);
	await sleep(3000);
	const delay = monitorEventLoopDelay({resolution: 2});
	delay.enable();
	// Without a key first: what it costs to watch.
	const idle = cpu();
	await sleep(seconds * 1000);
	const watching = (cpu() - idle) / (seconds * 10);
	const [cpu0, bytes0, frames0, rss0] = [cpu(), screen.written, screen.frames, process.memoryUsage().rss];
	const late = [];
	const end = performance.now() + seconds * 1000;
	while (performance.now() < end) {
		await sleep(100 + 50 * Math.random());
		if (speed !== undefined) continue;
		const pressed = performance.now();
		let seen;
		tty.onWrite = () => {
			seen ??= performance.now();
		};
		tty.type(typed[late.length % typed.length]);
		while (seen === undefined && performance.now() < pressed + 1000) await sleep(1);
		tty.onWrite = () => {};
		late.push((seen ?? performance.now()) - pressed);
	}
	const used = (cpu() - cpu0) / (seconds * 10);
	const frames = screen.frames - frames0;
	const rss = (process.memoryUsage().rss - rss0) / 2 ** 20;
	delay.disable();
	viewer.quit();
	await ended;
	const figures = [
		`${(watching - alone).toFixed(1)} % of a core, with 6 keys a second ${(used - alone).toFixed(1)} % (generator alone ${alone.toFixed(1)} %)`,
		`${(frames / seconds).toFixed(1)} frames/s of ${((screen.written - bytes0) / Math.max(1, frames) / 1000).toFixed(1)} kB`,
		`loop p99 ${(delay.percentile(99) / 1e6 - 2).toFixed(1)} ms late`,
		...(late.length > 0
			? [`key to screen p50 ${percentile(late, 0.5).toFixed(1)} ms, p99 ${percentile(late, 0.99).toFixed(1)} ms`]
			: []),
		`RSS ${rss >= 0 ? '+' : ''}${rss.toFixed(0)} MiB in ${seconds} s (the buffer has 64 MiB)`,
	];
	console.log(`${name}: ${figures.join(', ')}`);
}

/** From the start of the program to the first bytes of its first frame, on a terminal made by script(1). */
async function firstFrame() {
	const [main, demo] = ['../../dist/main.js', '../fixtures/demo.ptt'].map((path) =>
		fileURLToPath(new URL(path, import.meta.url)),
	);
	const times = [];
	for (let i = 0; i < 7; i++) {
		const began = performance.now();
		const child = spawn('script', ['-qfec', `${process.execPath} ${main} -r ${demo}`, '/dev/null'], {
			env: {...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8'},
		});
		let text = '';
		await new Promise((resolve) => {
			child.stdout.on('data', (data) => {
				text += data;
				if (text.includes('pkttop')) resolve();
			});
			child.on('exit', resolve);
		});
		times.push(performance.now() - began);
		child.stdin.write('q');
		await new Promise((resolve) => child.on('exit', resolve));
	}
	console.log(`first frame of a recording: median ${percentile(times, 0.5).toFixed(0)} ms of ${times.length} starts`);
}

if (ONLY === '') await firstFrame();
await run('100k events/s', 100_000);
await run('500k events/s', 500_000);
await run('100k events/s, functions with charts', 100_000, {keys: '2'});
await run('100k events/s, inspector open', 100_000, {keys: 'i'});
await run('100k events/s, a filter set and taken away by each key', 100_000, {typed: [':30091\r', 'x']});
await run('100k events/s, terminal takes 30 kB/s', 100_000, {speed: 30_000});
process.exit(0);
