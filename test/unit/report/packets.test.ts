/** What `pkttop report` says of packets: fates, and waits by queue and device. */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {divert} from '../../../src/cli/exit.js';
import {main} from '../../../src/cli/main.js';
import {Life} from '../../../src/trace/record.js';
import {FUNCTIONS, udpScene, writeSession} from '../support/packet-session.js';
import {call, Scene, UDP} from '../support/packets.js';

const DEMO = fileURLToPath(new URL('../../fixtures/demo.ptt', import.meta.url));

let folder = '';
let said: string[] = [];
let made = 0;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pkttop-report-'));
	said = [];
	divert((line) => said.push(line));
});
afterEach(() => {
	divert(undefined);
	rmSync(folder, {recursive: true});
});

const file = (): string => join(folder, 'session.ptt');

async function report(path: string, ...argv: string[]): Promise<string> {
	const output = join(folder, `out${made++}`);
	expect(await main(['report', path, ...argv, '-o', output]), said.join('\n')).toBe(0);
	return readFileSync(output, 'utf8');
}

type Line = Record<string, unknown> & {type: string};
async function lines(...argv: string[]): Promise<Line[]> {
	const text = await report(file(), '--json', ...argv);
	return text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Line);
}

/** Packets that wait in the backlog: 1000 ns, 2000 ns and so on; then they are dropped, the last one is consumed. */
function backlog(count: number): Scene {
	const scene = new Scene(FUNCTIONS);
	for (let packet = 1; packet <= count; packet++) {
		const p = {...UDP, packet, dev: 1};
		const begin = packet * 1e6;
		const taken = begin + 100 + packet * 1000;
		scene.task(1, call('enqueue_to_backlog', begin, begin + 100, p));
		scene.softirq(0, call('ip_rcv', taken, taken + 500, p));
		const [what, other] = packet === count ? [Life.CONSUMED, 0] : [Life.DROPPED, packet % 2 === 0 ? 2 : 3];
		scene.life({what, packet, at: taken + 400, other});
	}
	return scene;
}

describe('in JSON', () => {
	test('fates with their times, reasons of drops, waits by queue and device', async () => {
		writeSession(file(), FUNCTIONS, backlog(4).records());
		const all = await lines();
		const of = (type: string) => all.filter((line) => line.type === type);
		// 100 ns put in, then the wait, then 400 ns.
		expect(of('fate')).toEqual([
			{
				type: 'fate',
				fate: 'dropped',
				count: 3,
				share: 0.75,
				total: 1500 + 2500 + 3500,
				mean: 2500,
				p50: 2411,
				p90: 3282,
				p99: 3478,
				max: 3500,
				buckets: [
					[1024, 1],
					[2048, 2],
				],
			},
			expect.objectContaining({type: 'fate', fate: 'consumed', count: 1, share: 0.25, total: 4500, max: 4500}),
		]);
		expect(of('reason')).toEqual([
			{type: 'reason', reason: 'NO_SOCKET', count: 2, share: 0.5},
			{type: 'reason', reason: 'NOT_SPECIFIED', count: 1, share: 0.25},
		]);
		expect(of('waits')).toEqual([
			expect.objectContaining({
				type: 'waits',
				queue: 'backlog',
				ifname: 'veth0',
				netns: 4026531840,
				count: 4,
				total: 10_000,
				mean: 2500,
				max: 4000,
				buckets: [
					[512, 1],
					[1024, 1],
					[2048, 2],
				],
			}),
		]);
		expect(all.at(-1)).toMatchObject({type: 'summary', packets: {dropped: 3, consumed: 1, alive: 0}});
	});

	test('of a filter: the packets that have records', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		const all = await lines('port', '2000');
		expect(all.filter(({type}) => type === 'fate')).toMatchObject([{fate: 'alive', count: 1, share: 1}]);
		expect(all.filter(({type}) => type === 'waits')).toEqual([]);
	});

	test('a packet that is settled anew counts once; what was merged has the fate of what it went into', async () => {
		const p = {...UDP, packet: 1};
		const merged = {...UDP, packet: 2};
		const scene = new Scene(FUNCTIONS)
			.softirq(0, call('ip_rcv', 1000, 2000, p))
			.softirq(0, call('ip_rcv', 1500, 1700, merged))
			.life({what: Life.MERGED, packet: 2, at: 1600, other: 1})
			.life({what: Life.CONSUMED, packet: 1, at: 1900})
			// Long after that something else: all of the above is settled. Then the call of the reader ends.
			.softirq(0, call('ip_rcv', 900e6, 900e6 + 10, {...UDP, packet: 3}))
			.task(2, call('udp_recvmsg', 100, 901e6, {...UDP}, call('skb_consume_udp', 1800, 1950, p)));
		writeSession(file(), FUNCTIONS, scene.records());
		const all = await lines();
		expect(all.filter(({type}) => type === 'fate')).toMatchObject([
			{fate: 'alive', count: 1},
			{fate: 'delivered', count: 2, total: 900 + 100},
		]);
		expect(all.at(-1)).toMatchObject({packets: {delivered: 2, alive: 1, consumed: 0}});
	});
});

describe('as tables', () => {
	test('a row for each fate, reason, queue and device, with a bar for each doubling of the time', async () => {
		writeSession(file(), FUNCTIONS, backlog(4).records());
		const text = await report(file(), '--ascii');
		expect(text).toMatch(/^packets +count +share +mean +p50 +p90 +p99 +max {2}times$/m);
		expect(text).toMatch(/^dropped +3 +75% +2\.50us +2\.41us +3\.28us +3\.48us +3\.50us {2}1\.02us =@ 4\.10us$/m);
		expect(text).toMatch(/^ {2}NO_SOCKET +2 +50%$/m);
		expect(text).toMatch(/^ {2}NOT_SPECIFIED +1 +25%$/m);
		expect(text).toMatch(/^consumed +1 +25% +4\.50us/m);
		expect(text).toMatch(/^waits +device +count +total +mean +p50 +p90 +p99 +max +longest {2}times$/m);
		expect(text).toMatch(/^backlog +veth0@4026531840 +4 +10\.0us +2\.50us .* 4\.00us +512ns ==@ 4\.10us$/m);
		expect(text).toMatch(/^[\n -~]*$/);
		expect(text).toMatch(/^ {2}longest +most packets that were in the queue/m);
		expect(await report(file())).toMatch(/^dropped .* 1\.02µs ▄█ 4\.10µs$/m);
	});

	test('where packets have no numbers that is said, and there is no table of them', async () => {
		const text = await report(DEMO);
		expect(text).toMatch(/^what became of packets is not known: an older version recorded it$/m);
		expect(text).not.toMatch(/^(packets|waits) /m);
		writeSession(file(), FUNCTIONS, []);
		expect(await report(file())).not.toMatch(/^(packets|waits) |not known/m);
	});
});
