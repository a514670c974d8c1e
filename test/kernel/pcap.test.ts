/** `--pcap` and `--match`: as many frames as packets were sent, each beside its blocks and lines; tcpdump is the witness. */
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {after, before} from 'node:test';
import {becomes, Namespace} from './support/net.js';
import {type Packet, readPcapng} from './support/pcapng.js';
import {FUNCTIONS, Pkttop, QUICKEST, type Run, run} from './support/pkttop.js';

const NOBODY = 65534;

let folder = '';
before(() => {
	folder = mkdtempSync(join(tmpdir(), 'pkttop-pcap-'));
	chmodSync(folder, 0o777);
});
after(() => rmSync(folder, {recursive: true}));

const BACKEND = ['--backend', QUICKEST];

/** A run with traffic in it, as the user who typed sudo. */
async function traced(args: readonly string[], traffic: () => Promise<void>): Promise<Run> {
	const env = {SUDO_UID: String(NOBODY), SUDO_GID: String(NOBODY), SUDO_USER: 'nobody'};
	const pkttop = new Pkttop([...BACKEND, ...args], {env, cwd: folder});
	try {
		await pkttop.tracing();
		await traffic();
	} catch (error) {
		pkttop.child.kill('SIGKILL');
		throw error;
	}
	return pkttop.stop();
}

const packets = (name: string): Packet[] => readPcapng(readFileSync(join(folder, name)));

/** What tcpdump reads of the file, a line for each frame. */
const dumped = (name: string): string[] =>
	execFileSync('tcpdump', ['-nn', '-r', join(folder, name)], {stdio: ['ignore', 'pipe', 'ignore']})
		.toString()
		.trim()
		.split('\n');

/** Lines of a clean_log by their number. */
function numbered(name: string): Map<number, string> {
	const lines = readFileSync(join(folder, name), 'utf8').split('\n');
	return new Map(lines.filter((line) => /^\d/.test(line)).map((line) => [Number.parseInt(line, 10), line]));
}

/** Line numbers that a comment names. */
function linesOf({comment}: Packet): number[] {
	const ranges = / ?clean_log lines ([\d -]+)$/.exec(comment)?.[1]?.split(' ') ?? [];
	return ranges.flatMap((range) => {
		const [first = 0, last = first] = range.split('-').map(Number);
		return Array.from({length: last - first + 1}, (_, i) => first + i);
	});
}

test('UDP and TCP over loopback: a frame for each packet, with the lines and blocks that are its', async () => {
	const namespace = new Namespace();
	try {
		const before = namespace.counters();
		const result = await traced(
			['--plain', '-o', 'log', '--pcap', 'file', '--netns', namespace.name, 'ip'],
			async () => {
				await namespace.traffic('echo-udp', '127.0.0.1', 0, 50);
				await namespace.traffic('echo-tcp', '127.0.0.1', 0, 3);
				await becomes(() => namespace.settled(), 'TCP does not come to rest');
			},
		);
		const sent = namespace.counters().since(before, 'IpInReceives');
		const frames = packets('file');
		assert.equal(frames.length, sent);
		assert.equal(dumped('file').length, sent);
		assert.match(result.stderr, new RegExp(`^pkttop: pcap file: ${sent} packets, ${sent} with blocks$`, 'm'));
		assert.doesNotMatch(result.stderr, /not captured|not written/);
		assert.equal(statSync(join(folder, 'file')).uid, NOBODY);
		const inode = statSync(`/run/netns/${namespace.name}`).ino;
		assert.ok(frames.every(({device, description}) => device === 'lo' && description.endsWith(` ${inode}`)));

		const log = numbered('log');
		for (const frame of frames) {
			assert.match(
				frame.comment,
				FUNCTIONS ? /^pkttop: blocks [\d ]+, clean_log lines / : /^pkttop: (blocks|clean_log)/,
			);
			const lines = linesOf(frame).map((number) => log.get(number) ?? assert.fail(`there is no line ${number}`));
			// Bytes 26 to 37 of the frame: addresses and ports. One line at least has them, in that order.
			const at = (i: number) => frame.bytes[i] as number;
			const end = (ip: number, port: number) =>
				`${at(ip)}.${at(ip + 1)}.${at(ip + 2)}.${at(ip + 3)}:${at(port) * 256 + at(port + 1)}`;
			const pair = ` ${end(26, 34)} ${end(30, 36)} `;
			assert.ok(
				lines.some((line) => line.includes(pair)),
				`${pair} is not in ${lines.join('\n')}`,
			);
		}
		// Each frame is named in the log, where its packet is: no function sees two packets of a flow in another order.
		const named = readFileSync(join(folder, 'log'), 'utf8').match(/^# frame [\d ]+$/gm) ?? [];
		assert.equal(new Set(named.flatMap((line) => line.slice(8).split(' '))).size, sent);
	} finally {
		namespace.remove();
	}
});

test('datagrams that nobody tells apart have each its own lines, in their order', async () => {
	const namespace = new Namespace();
	try {
		await traced(['--plain', '-o', 'six', '--pcap', 'six.pcapng', '--netns', namespace.name, 'udp'], async () => {
			await namespace.traffic('echo-udp', '::1', 0, 40);
		});
		const frames = packets('six.pcapng');
		assert.equal(frames.length, 80);
		const firsts = frames.map((frame) => Math.min(...linesOf(frame)));
		assert.deepEqual(
			firsts,
			[...firsts].sort((a, b) => a - b),
		);
		assert.equal(new Set(firsts).size, 80);
		const lines = frames.flatMap(linesOf);
		assert.equal(new Set(lines).size, lines.length, 'a line is of two frames');
	} finally {
		namespace.remove();
	}
});

test('only what passes the filter is written, with the device it was on, in JSON, too', async () => {
	const [a, b] = [new Namespace(), new Namespace()];
	try {
		a.connect(b, 'veth-a', 'veth-b', [['10.30.95.1/24', '10.30.95.2/24']]);
		await traced(['--json', '-o', 'json', '--pcap', 'veth', '--netns', a.name, 'udp dst port 30095'], async () => {
			const close = await b.serve('serve-udp', '10.30.95.2', 30095);
			await a.traffic('client-udp', '10.30.95.2', 30095, 25);
			await a.traffic('echo-udp', '127.0.0.1', 0, 5);
			await close();
		});
		const frames = packets('veth');
		assert.equal(frames.length, 25);
		assert.ok(frames.every(({device, direction}) => device === 'veth-a' && direction === 'out'));
		assert.ok(frames.every(({comment}) => /^pkttop: (blocks|marks) \d/.test(comment)));
		assert.ok(dumped('veth').every((line) => line.includes('> 10.30.95.2.30095: UDP')));
	} finally {
		a.remove();
		b.remove();
	}
});

test('a capture of tcpdump beside a session: nothing is missing on either side', async () => {
	const namespace = new Namespace();
	const capture = join(folder, 'tcpdump');
	try {
		let sent = 0;
		await traced(['--plain', '-w', 'session', '--netns', namespace.name, 'udp'], async () => {
			// Short frames, else its ring has room for eight.
			const wanted = ['-c', '120', '-s', '200', '--immediate-mode', '-Z', 'root', '-w', capture, 'udp'];
			const tcpdump = spawn('ip', ['netns', 'exec', namespace.name, 'tcpdump', '-i', 'lo', ...wanted]);
			const ended = once(tcpdump, 'exit');
			await once(tcpdump.stderr, 'data');
			await namespace.traffic('echo-udp', '127.0.0.1', 0, 40);
			await namespace.traffic('echo-udp', '::1', 0, 20);
			sent = 120;
			const limit = setTimeout(() => tcpdump.kill('SIGKILL'), 20_000);
			assert.deepEqual(await ended, [0, null], 'tcpdump has not seen all');
			clearTimeout(limit);
		});
		const {stdout, code, stderr} = await run(['-r', join(folder, 'session'), '--match', capture, '--json']);
		assert.equal(code, 0, stderr);
		const lines = stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as {type: string; blocks: {fn: string}[] | number; [sum: string]: unknown});
		const summary = lines.at(-1);
		assert.equal(summary?.matched, sent, JSON.stringify(summary));
		assert.equal(summary?.unmatched, 0);
		assert.equal(summary?.blocks_unmatched, 0, JSON.stringify(lines.find(({type}) => type === 'missing')));
		// Each is sent and received once.
		const received = FUNCTIONS ? /^__netif_receive_skb|^net_rx|^process_backlog/ : /^netif_receive_skb$/;
		for (const {type, blocks, frame} of lines) {
			if (type !== 'frame' || typeof blocks === 'number') continue;
			assert.equal(blocks.filter(({fn}) => received.test(fn)).length, 1, `frame ${frame}: ${JSON.stringify(blocks)}`);
		}
	} finally {
		namespace.remove();
	}
});

test('a full disk is said, with exit code 1, and what is there stays', async () => {
	const disk = join(folder, 'disk');
	mkdirSync(disk);
	execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k,mode=777', 'tmpfs', disk]);
	const namespace = new Namespace();
	try {
		const args = ['--plain', '-o', 'log2', '--pcap', 'disk/full', '--netns', namespace.name, 'udp'];
		const {code, stderr} = await traced(args, () => namespace.traffic('echo-udp', '127.0.0.1', 0, 100));
		assert.equal(code, 1);
		assert.match(stderr, /^pkttop: disk\/full: no space left on the device; what is there is cut off$/m);
		assert.ok(statSync(join(disk, 'full')).size > 1000);
	} finally {
		execFileSync('umount', [disk]);
		namespace.remove();
	}
});

test('what cannot be captured is said in one line, and no file is left', async () => {
	const pkttop = await run([...BACKEND, '--plain', '--pcap', '/proc/none', '-d', '1']);
	assert.equal(pkttop.code, 1);
	assert.match(pkttop.stderr, /^pkttop: \/proc\/none: [^\n]*\n$/);
});
