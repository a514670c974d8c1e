/** Packets, waits and clones in JSON, of sessions as the command line reads them. */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {divert} from '../../src/cli/exit.js';
import {main} from '../../src/cli/main.js';
import {BASE, FUNCTIONS, KNOWN, LOST, SENT, udpScene, WALL, writeSession} from './support/packet-session.js';
import {call, Scene, TCP} from './support/packets.js';
import {makeLife} from './support/records.js';

let folder = '';
let said: string[] = [];
let made = 0;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pkttop-packets-'));
	said = [];
	divert((line) => said.push(line));
});
afterEach(() => {
	divert(undefined);
	rmSync(folder, {recursive: true});
});

const file = (): string => join(folder, 'session.ptt');

async function run(...argv: string[]): Promise<string> {
	const output = join(folder, `out${made++}`);
	expect(await main([...argv, '-o', output]), said.join('\n')).toBe(0);
	return readFileSync(output, 'utf8');
}

type Line = Record<string, unknown> & {type: string};
const parsed = (text: string): Line[] =>
	text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Line);
const of = (lines: readonly Line[], type: string): Line[] => lines.filter((line) => line.type === type);

/** On the clocks of the session. */
const at = (time: number): number => Number(BASE) + time;
const wall = (time: number): number => Number(WALL) + time;

describe('JSON of a recording', () => {
	test('each packet has one line with its fate and where its time went', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		const lines = parsed(await run('-r', file(), '--json'));
		const flow = {family: 4, proto: 'udp', src: '10.0.0.1', dst: '10.0.0.2', dport: 53};
		expect(of(lines, 'packet')).toEqual([
			{
				type: 'packet',
				packet: SENT,
				...flow,
				sport: 1000,
				begin: at(1000),
				end: at(50_500),
				wall: wall(1000),
				duration: 49_500,
				fate: 'delivered',
				pid: 20,
				comm: 'task2',
				text: 'delivered to task2 (20)',
				functions: 1000 + 3000 + 500,
				queues: 3000 + 42_000,
				between: 0,
				slowest: 'wait receive',
				slowest_ns: 42_000,
			},
			{
				type: 'packet',
				packet: LOST,
				of: SENT,
				...flow,
				sport: 1000,
				begin: at(20_000),
				end: at(20_500),
				wall: wall(20_000),
				duration: 500,
				fate: 'dropped',
				reason: 'NO_SOCKET',
				location: 'nf_hook_slow+0x8c',
				fn: 'nf_hook_slow',
				text: 'dropped: NO_SOCKET in nf_hook_slow at nf_hook_slow+0x8c',
				functions: 500,
				queues: 0,
				between: 0,
				slowest: 'nf_hook_slow',
				slowest_ns: 300,
			},
			{
				type: 'packet',
				packet: KNOWN,
				...flow,
				sport: 2000,
				begin: at(70_000),
				end: at(71_000),
				wall: wall(70_000),
				duration: 1000,
				fate: 'alive',
				fn: 'ip_rcv',
				text: 'alive in ip_rcv',
				functions: 1000,
				queues: 0,
				between: 0,
				slowest: 'ip_rcv',
				slowest_ns: 1000,
			},
		]);
		expect(lines.at(-1)).toMatchObject({
			type: 'summary',
			packets: {dropped: 1, alive: 1, delivered: 1, forwarded: 0, consumed: 0},
		});
	});

	test('waits and clones stand before the packet they are of, behind all blocks', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		const lines = parsed(await run('export', file(), '--to', 'json'));
		expect(of(lines, 'wait')).toEqual([
			{
				type: 'wait',
				queue: 'backlog',
				begin: at(2000),
				end: at(5000),
				wall: wall(2000),
				duration: 3000,
				packet: SENT,
				from: 'enqueue_to_backlog',
				to: 'ip_rcv',
			},
			{
				type: 'wait',
				queue: 'receive',
				begin: at(8000),
				end: at(50_000),
				wall: wall(8000),
				duration: 42_000,
				packet: SENT,
				from: '__udp_enqueue_schedule_skb',
				to: 'skb_consume_udp',
			},
		]);
		expect(of(lines, 'clone')).toEqual([
			{type: 'clone', packet: LOST, of: SENT, how: 'clone', at: at(1300), wall: wall(1300)},
		]);
		const order = lines.map(({type}) => type).filter((type) => type !== 'call' && type !== 'function');
		expect(order).toEqual(['wait', 'wait', 'packet', 'clone', 'packet', 'packet', 'summary']);
		expect(await run('export', file(), '--to', 'json')).toBe(await run('-r', file(), '--json'));
	});

	test('with a filter: packets without records are not there', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		const lines = parsed(await run('-r', file(), '--json', 'port 2000'));
		expect(of(lines, 'packet').map(({packet}) => packet)).toEqual([KNOWN]);
		expect(lines.at(-1)).toMatchObject({packets: {alive: 1, delivered: 0, dropped: 0}});
		// Births and ends of those that pass are known although they have no addresses.
		const dropped = parsed(await run('-r', file(), '--json', '-i', 'veth1'));
		expect(of(dropped, 'packet').map(({packet, fate}) => [packet, fate])).toEqual([
			[SENT, 'consumed'],
			[LOST, 'dropped'],
		]);
	});

	test('with a count: packets of the blocks that are shown', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		const lines = parsed(await run('-r', file(), '--json', '-c', '2'));
		expect(of(lines, 'packet').map(({packet}) => packet)).toEqual([SENT]);
		expect(lines.at(-1)).toMatchObject({blocks: 2, packets: {delivered: 1, dropped: 0}});
	});

	test('a wait that is not over has no end; a packet of which nothing is known has what is', async () => {
		const records = udpScene().records();
		writeSession(file(), FUNCTIONS, records.slice(0, 5)); // up to the end of enqueue_to_backlog and the calls around it
		const lines = parsed(await run('-r', file(), '--json'));
		const [wait] = of(lines, 'wait');
		expect(wait).toMatchObject({queue: 'backlog', begin: at(2000), from: 'enqueue_to_backlog'});
		expect(Object.keys(wait ?? {})).not.toEqual(expect.arrayContaining(['end']));
		expect(Object.keys(wait ?? {})).not.toEqual(expect.arrayContaining(['duration']));
	});

	test('waits of connections have no packet, and stand behind the packets', async () => {
		const syn = {...TCP, packet: 1};
		const scene = new Scene('tcp_v4_conn_request tcp_create_openreq_child')
			.softirq(0, call('tcp_v4_conn_request', 100, 200, syn))
			.softirq(0, call('tcp_create_openreq_child', 500, 600, {...TCP, packet: 2}));
		writeSession(file(), 'tcp_v4_conn_request tcp_create_openreq_child', scene.records());
		const lines = parsed(await run('-r', file(), '--json'));
		const rest = lines.map(({type}) => type).filter((type) => type !== 'call' && type !== 'function');
		expect(rest).toEqual(['packet', 'packet', 'wait', 'summary']);
		expect(of(lines, 'wait')).toEqual([
			{
				type: 'wait',
				queue: 'syn',
				begin: at(200),
				end: expect.any(Number) as number,
				wall: wall(200),
				duration: expect.any(Number) as number,
				from: 'tcp_v4_conn_request',
				to: 'tcp_create_openreq_child',
			},
		]);
	});

	test('without numbers of packets nothing is said of packets', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records(), {identity: 'a kernel too old'});
		const lines = parsed(await run('-r', file(), '--json'));
		expect([...of(lines, 'packet'), ...of(lines, 'wait'), ...of(lines, 'clone')]).toEqual([]);
		expect(lines.at(-1)).not.toHaveProperty('packets');
	});

	test('the classic log does not know of packets', async () => {
		const scene = udpScene();
		writeSession(file(), FUNCTIONS, scene.records());
		const log = await run('-r', file(), '--plain');
		const others = scene.records().filter((record) => record.length !== makeLife({what: 1, packet: 1, at: 1}).length);
		expect(others.length).toBe(scene.events.length - 3);
		writeSession(file(), FUNCTIONS, others);
		expect(await run('-r', file(), '--plain')).toBe(log);
	});
});
