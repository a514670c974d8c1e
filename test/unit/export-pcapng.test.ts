/** `export --to pcapng`, as the command line calls it. */
import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {main} from '../../src/cli/main.js';
import {type Packet, readPcapng} from '../kernel/support/pcapng.js';

const DEMO = fileURLToPath(new URL('../fixtures/demo.ptt', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../fixtures/thesis/sample.log', import.meta.url));
const COMMENT = /^pkttop: block (\d+), clean_log lines (\d+)-(\d+), headers made of what was recorded$/;

let folder = '';
const path = (name: string): string => join(folder, name);
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pkttop-export-'));
});
afterEach(() => {
	rmSync(folder, {recursive: true});
	vi.restoreAllMocks();
});

async function run(...argv: string[]): Promise<{code: number; stderr: string}> {
	let stderr = '';
	vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
		stderr += text;
		return true;
	});
	return {code: await main(argv), stderr};
}

async function exported(file: string, ...more: string[]): Promise<Packet[]> {
	expect((await run('export', file, '--to', 'pcapng', '--force', '-o', path('made'), ...more)).code).toBe(0);
	return readPcapng(readFileSync(path('made')));
}

interface Line {
	readonly type: string;
	readonly block?: number;
	readonly family?: number;
	readonly proto?: string | number;
	readonly flags?: string;
	readonly len?: number;
	readonly ifname?: string;
}

async function blocksWithPacket(...filter: string[]): Promise<Map<number, Line[]>> {
	await run('-r', DEMO, '--json', '--force', '-o', path('json'), ...filter);
	const lines = readFileSync(path('json'), 'utf8').trim().split('\n');
	const blocks = new Map<number, Line[]>();
	for (const line of lines.map((text) => JSON.parse(text) as Line)) {
		const packet = line.proto === 'tcp' ? line.flags !== undefined : line.len !== undefined;
		if (line.family === undefined || line.block === undefined || !packet) continue;
		blocks.set(line.block, [...(blocks.get(line.block) ?? []), line]);
	}
	return blocks;
}

test('a packet for each block that knows one, with its device, time and lines of the log', async () => {
	const blocks = await blocksWithPacket();
	const packets = await exported(DEMO);
	expect(packets.length).toBeGreaterThan(100);
	const numbers = packets.map(({comment}) => Number(COMMENT.exec(comment)?.[1]));
	expect(numbers.toSorted((a, b) => a - b)).toEqual([...blocks.keys()].toSorted((a, b) => a - b));
	expect(new Set(packets.map(({device}) => device))).toEqual(new Set(['lo', 'veth-a', 'veth-b']));
	await run('export', DEMO, '--to', 'clean_log', '--time', 'ns', '-o', path('log'));
	const numbered = readFileSync(path('log'), 'utf8')
		.split('\n')
		.filter((line) => /^\d/.test(line));
	for (const {comment, wall} of packets) {
		const [first = 0, last = 0] = (COMMENT.exec(comment)?.slice(2) ?? []).map(Number);
		// The root's B and E are the only lines of a block that are not indented.
		const lines = numbered.slice(first - 1, last);
		const roots = lines.map((line) => /^\d+ \S/.test(line));
		expect(roots.indexOf(true)).toBe(0);
		expect(roots.indexOf(true, 1)).toBe(lines.length - 1);
		expect(lines.some((line) => line.includes(String(wall % 1_000_000_000n).padStart(9, '0')))).toBe(true);
	}
});

test('a capture that --match finds in the session again', async () => {
	await exported(DEMO);
	await run('-r', DEMO, '--match', path('made'), '--json', '-o', path('match'), 'ip or ip6');
	const sums = JSON.parse(readFileSync(path('match'), 'utf8').trim().split('\n').at(-1) ?? '') as object;
	expect(sums).toMatchObject({unmatched: 0, outside: 0, unknown: 0});
});

test('a log has the same packets, and its lines keep their numbers', async () => {
	const comments = async (file: string, ...filter: string[]) =>
		(await exported(file, ...filter)).map(({comment}) => comment);
	const session = await comments(DEMO);
	await run('export', DEMO, '--to', 'packet.log', '-o', path('packet.log'));
	expect(await comments(path('packet.log'))).toEqual(session);
	await run('format', path('packet.log'), '-o', path('clean_log'));
	expect(await comments(path('clean_log'))).toEqual(session);
	expect(await comments(SAMPLE)).toEqual([expect.stringContaining('clean_log lines 35-38,')]);
	// A part of a log is numbered anew, as its clean_log is.
	expect(await comments(SAMPLE, 'tcp')).toEqual([expect.stringContaining('clean_log lines 1-4,')]);
	// Printed live, blocks stand in the order of their ends.
	const [early = '', late = ''] = readFileSync(SAMPLE, 'utf8')
		.replaceAll(/^\d+ /gm, '')
		.split(/(?<=\n)(?=Time)/);
	writeFileSync(path('turned'), `${early.replaceAll('19:26', '19:27')}${late}${early}${late}`);
	expect((await comments(path('turned'))).map((comment) => COMMENT.exec(comment)?.slice(2))).toEqual([
		['5', '8'],
		['1', '4'],
	]);
});

test('a filter, and what it leaves', async () => {
	const blocks = await blocksWithPacket('udp port 30091');
	const packets = await exported(DEMO, 'udp port 30091');
	expect(packets).toHaveLength(blocks.size);
	for (const {bytes} of packets) expect(bytes[14 + ((bytes[14] ?? 0) >>> 4 === 4 ? 9 : 6)]).toBe(17);
	expect(await run('export', DEMO, '--to', 'pcapng', '-o', path('arp'), 'arp')).toEqual({
		code: 0,
		stderr: expect.stringMatching(/^pkttop: (\d+) of \1 blocks had no packet to write\n$/),
	});
	expect(readPcapng(readFileSync(path('arp')))).toEqual([]);
});

test('not to a terminal, and not while tracing', async () => {
	const {isTTY} = process.stdout;
	process.stdout.isTTY = true;
	try {
		for (const output of [[], ['-o', '-']]) {
			expect(await run('export', DEMO, '--to', 'pcapng', ...output)).toEqual({
				code: 2,
				stderr: 'pkttop: pcapng is nothing for a terminal: name a file with -o\n',
			});
		}
		expect(await run('export', DEMO, '--to', 'pcapng', '-o', path('file'))).toMatchObject({code: 0});
	} finally {
		process.stdout.isTTY = isTTY;
	}
	expect(await run('--to', 'pcapng', '-o', path('live'))).toEqual({
		code: 2,
		stderr: expect.stringMatching(/--pcap FILE/),
	});
	expect(await run('-r', DEMO, '--match', DEMO, '--to', 'pcapng')).toMatchObject({code: 2});
	expect(existsSync(path('live'))).toBe(false);
});

test('tcpdump lists them all', async () => {
	const packets = await exported(DEMO);
	const listed = execFileSync('tcpdump', ['-vnr', path('made')], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	const lines = listed.split('\n').filter((line) => /^\d\d:\d\d:\d\d\.\d+ IP/.test(line));
	expect(lines).toHaveLength(packets.length);
	expect(listed).not.toMatch(/bad cksum/);
	expect(lines[0]).toMatch(/IP \(.* id 49758, .* proto UDP \(17\), length 92\)/);
});
