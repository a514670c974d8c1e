/** A real session and the capture that tcpdump would have made of it: each frame has the call that sent or received it. */
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join as path} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {main} from '../../src/cli/main.js';
import {arp, ETHER, ethernet, packet, pcapFile, pcapngFile, type Timed} from './support/frames.js';

const SESSION = fileURLToPath(new URL('../fixtures/demo.ptt', import.meta.url));

let folder = '';
beforeAll(() => {
	folder = mkdtempSync(path(tmpdir(), 'pkttop-match-'));
});
afterAll(() => rmSync(folder, {recursive: true}));

interface Line {
	readonly type: string;
	readonly fn: string;
	readonly wall: number;
	readonly block: number;
	readonly family?: number;
	readonly proto?: string;
	readonly src: string;
	readonly dst: string;
	readonly sport?: number;
	readonly dport?: number;
	readonly flags?: string;
	readonly seq?: number;
	readonly ack?: number;
	readonly ipid?: number;
	readonly len: number;
	readonly ifname?: string;
	readonly blocks: readonly {readonly block?: number}[];
	readonly [sum: string]: unknown;
}

async function lines(...args: string[]): Promise<Line[]> {
	const out = path(folder, 'out');
	expect(await main(['-r', SESSION, '--json', '--force', '-o', out, ...args])).toBe(0);
	return readFileSync(out, 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Line);
}

const LETTERS = 'FSRP.UEW';
const bytesOf = (address: string) => address.split('.').map(Number);

function frameOf(line: Line, received: boolean): Timed {
	const wall = BigInt(line.wall) + (received ? -1000n : 1000n);
	const ends = {src: bytesOf(line.src), dst: bytesOf(line.dst)};
	if (line.proto === 'arp') return {wall, bytes: ethernet(arp(ends.src, ends.dst), ETHER.arp)};
	const {sport = 0, dport = 0, seq = 0, ack = 0, ipid = 0, len} = line;
	const flags = [...(line.flags ?? '')].reduce((sum, letter) => sum | (1 << LETTERS.indexOf(letter)), 0);
	const proto = line.proto === 'tcp' ? 6 : line.proto === 'udp' ? 17 : 1;
	// Without TCP's options: what was carried is as long as what is known of it says at most.
	const carried = Math.max(0, len - (received ? 0 : 14) - (proto === 6 ? 52 : 28));
	return {wall, bytes: ethernet(packet({...ends, proto, id: ipid, sport, dport, seq, ack, flags, carried}))};
}

// Where a capture does not say on which device a frame was, it is of one device.
test.each([true, false])('each frame has its call, each packet its frame; devices known: %s', async (known) => {
	const calls = (await lines('ip or arp')).filter(({type}) => type === 'call');
	const seen = calls.flatMap((line) => {
		if (!known && line.ifname !== 'veth-a') return [];
		const sent = line.fn === 'dev_hard_start_xmit' && line.ifname !== 'lo';
		return sent || line.fn === '__netif_receive_skb_one_core' ? [{line, frame: frameOf(line, !sent)}] : [];
	});
	seen.sort((a, b) => Number(a.frame.wall - b.frame.wall));
	expect(seen.length).toBeGreaterThan(50);
	const file = path(folder, 'capture');
	// The support gives frames to interfaces in turn, so each has an interface of its own.
	const devices = {links: seen.map(() => 1), names: seen.map(({line}) => line.ifname ?? ''), resolution: 9};
	const frames = seen.map(({frame}) => ({...frame, units: frame.wall}));
	writeFileSync(file, known ? pcapngFile(frames, devices) : pcapFile(frames, {nano: true}));

	const result = await lines('--match', file, 'ip or arp');
	const found = result.filter(({type}) => type === 'frame');
	expect(found).toHaveLength(seen.length);
	const wrong = found.filter(({blocks}, i) => !blocks.some(({block}) => block === seen[i]?.line.block));
	expect(wrong.map(({frame}) => frame)).toEqual([]);
	expect(result.at(-1)).toMatchObject({type: 'summary', unmatched: 0, outside: 0, unknown: 0});
	const missing = result.filter(({type}) => type === 'missing').map(({ifname}) => ifname);
	expect(missing.filter((device) => known || device !== 'lo')).toEqual([]);
});
