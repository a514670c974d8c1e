/** `pkttop packet N -r FILE`. */
import {mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {divert} from '../../src/cli/exit.js';
import {main} from '../../src/cli/main.js';
import {Kind} from '../../src/trace/record.js';
import {FUNCTIONS, KNOWN, LOST, SENT, udpScene, writeSession} from './support/packet-session.js';
import {call, Scene, UDP} from './support/packets.js';
import {makeRecord} from './support/records.js';

const DEMO = fileURLToPath(new URL('../fixtures/demo.ptt', import.meta.url));

let folder = '';
let said: string[] = [];
let made = 0;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pkttop-packet-'));
	said = [];
	divert((line) => said.push(line));
});
afterEach(() => {
	divert(undefined);
	rmSync(folder, {recursive: true});
});

const file = (): string => join(folder, 'session.ptt');

/** What is printed for a packet. */
async function journey(number: number, ...argv: string[]): Promise<string> {
	const output = join(folder, `out${made++}`);
	expect(await main(['packet', String(number), '-r', file(), ...argv, '-o', output]), said.join('\n')).toBe(0);
	return readFileSync(output, 'utf8');
}

/** Exit code and the one line about what is wrong. */
async function refused(...argv: string[]): Promise<[number, string]> {
	said = [];
	const code = await main(argv);
	expect(said.length).toBe(1);
	return [code, said[0] as string];
}

describe('the journey as text', () => {
	test('what became of it, then every step with its time, branches where they were born', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		const blank = ' '.repeat(22);
		expect((await journey(SENT)).split('\n')).toEqual([
			'packet 5  udp 10.0.0.1:1000 → 10.0.0.2:53',
			'fate      delivered to task2 (20)',
			'path      task1 → veth0 → veth1 → task2',
			'total     49.500 us: functions 4.500, queues 45.000, between 0.000',
			'slowest   wait receive 42.000 us',
			'',
			'          us  CPU   task            step',
			'      -0.500    1 t task1           udp_sendmsg B 2.500 us',
			'       0.000    1 t task1             ip_output B 1.500 us, self 0.200',
			'       0.200    1 t task1               dev_hard_start_xmit B 1.200 us, self 0.300  veth0@4026531840',
			`       0.300 ${blank} clone 6 udp 10.0.0.1:1000 → 10.0.0.2:53, 0.500 us, dropped: NO_SOCKET in nf_hook_slow at nf_hook_slow+0x8c`,
			'      19.000    0 s                   ip_rcv B 1.000 us, self 0.200  veth1@4026532000',
			'      19.200    0 s                     nf_hook_slow B 0.600 us, self 0.300',
			`      19.500 ${blank}   dropped: NO_SOCKET in nf_hook_slow at nf_hook_slow+0x8c`,
			'       0.500    1 t task1                 enqueue_to_backlog B 0.500 us, self 0.500',
			`       1.000 ${blank} ⋯ wait backlog 3.000 us, enqueue_to_backlog → ip_rcv`,
			'       4.000    0 s                 ip_rcv B 4.000 us, self 1.000  veth1@4026532000',
			'       5.000    0 s                   udp_rcv B 2.500 us, self 1.000',
			'       6.000    0 s                     __udp_enqueue_schedule_skb B 1.000 us, self 1.000',
			`       7.000 ${blank} ⋯ wait receive 42.000 us, __udp_enqueue_schedule_skb → skb_consume_udp`,
			'      -0.900    0 t task2           udp_recvmsg B 59.900 us',
			'      49.000    0 t task2             skb_consume_udp B 1.000 us, self 0.500',
			`      49.500 ${blank} delivered to task2 (20)`,
			'',
		]);
	});

	test('a clone says of what; with --ascii nothing is beyond it', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		expect(await journey(LOST)).toMatch(/^from +clone of 5$/m);
		const text = await journey(SENT, '--ascii');
		expect(text).toMatch(/^[\n -~]*$/);
		expect(text).toContain('... wait backlog 3.000 us, enqueue_to_backlog -> ip_rcv\n');
		expect(text).toMatch(/^path +task1 -> veth0 -> veth1 -> task2$/m);
	});

	test('one that is alive: calls that are open, a wait that is not over', async () => {
		const p = {...UDP, packet: 3};
		const records = new Scene(FUNCTIONS)
			.task(1, call('ip_output', 1000, 2000, p, call('enqueue_to_backlog', 1200, 1900, p)))
			.records();
		const open = makeRecord({...UDP, packet: 4, kind: Kind.OPEN, fn: 1, tid: 2, begin: 5000});
		writeSession(file(), FUNCTIONS, [...records, open]);
		expect(await journey(3)).toMatch(/ ⋯ wait backlog, enqueue_to_backlog and still there\n.* alive in .*\n$/);
		expect(await journey(4)).toMatch(/^ +0\.000 .* ip_output B open, self 0\.000\n.* alive in ip_output\n$/m);
	});
});

test('as one JSON object', async () => {
	writeSession(file(), FUNCTIONS, udpScene().records());
	const text = await journey(SENT, '--json');
	expect(text.split('\n').length).toBe(2);
	const {steps, ...head} = JSON.parse(text) as {steps: Record<string, unknown>[]};
	expect(head).toMatchObject({
		type: 'journey',
		packet: SENT,
		fate: 'delivered',
		duration: 49_500,
		path: ['task1', 'veth0', 'veth1', 'task2'],
	});
	expect(steps.map(({type, fn, queue, packet}) => [type, fn ?? queue ?? packet])).toEqual([
		['call', 'udp_sendmsg'],
		['call', 'ip_output'],
		['call', 'dev_hard_start_xmit'],
		['clone', LOST],
		['call', 'enqueue_to_backlog'],
		['wait', 'backlog'],
		['call', 'ip_rcv'],
		['call', 'udp_rcv'],
		['call', '__udp_enqueue_schedule_skb'],
		['wait', 'receive'],
		['call', 'udp_recvmsg'],
		['call', 'skb_consume_udp'],
		['end', undefined],
	]);
	expect(steps[0]).toMatchObject({around: true, duration: 2500, context: 'task', cpu: 1, comm: 'task1', depth: 0});
	expect(steps[2]).toMatchObject({self: 300, depth: 2, ifname: 'veth0', netns: 4026531840});
	expect(steps[3]).toMatchObject({how: 'clone', journey: {packet: LOST, fate: 'dropped', steps: [{}, {}, {}]}});
	// The self times and waits of its own steps are all its time.
	const sum = steps.reduce((all, step) => all + Number(step.self ?? (step.queue ? step.duration : 0)), 0);
	expect(sum).toBe(49_500);
});

describe('what cannot be shown', () => {
	test('a wrong command line', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		for (const word of ['x', '0', '-1', '1.5', '4294967296', '1e3']) {
			const [code, text] = await refused('packet', '-r', file(), '--', word);
			expect([code, text]).toEqual([2, `packet wants the number of a packet, not '${word}': pkttop packet 17 -r FILE`]);
		}
		expect(await refused('packet', '5')).toEqual([2, 'packet wants a recorded session: pkttop packet 5 -r FILE']);
		const usage = 'packet wants one number and a session: pkttop packet 17 -r FILE';
		expect(await refused('packet', '-r', file())).toEqual([2, usage]);
		expect(await refused('packet', '5', '6', '-r', file())).toEqual([2, usage]);
		expect(await refused('packet', '5', '-r', file(), '-p', '7')).toEqual([
			2,
			'--pid makes no sense with pkttop packet, which does not trace',
		]);
	});

	test('a number that does not exist', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		expect(await refused('packet', '7', '-r', file())).toEqual([
			1,
			`${file()} has no packet 7: its packets are ${SENT} to ${KNOWN}`,
		]);
	});

	test('a session without numbers, by an older version or because it could not be', async () => {
		expect(await refused('packet', '5', '-r', DEMO)).toEqual([
			1,
			`${DEMO} has no packet numbers: it was recorded without identity (an older version recorded it)`,
		]);
		writeSession(file(), FUNCTIONS, [], {identity: 'not asked for'});
		expect(await refused('packet', '5', '-r', file())).toEqual([
			1,
			`${file()} has no packet numbers: it was recorded without identity (not asked for)`,
		]);
		writeSession(file(), FUNCTIONS, []);
		expect(await refused('packet', '5', '-r', file())).toEqual([
			1,
			`${file()} has no packet 5: no record in it is of a packet`,
		]);
		writeFileSync(join(folder, 'log'), '1 19:26:16:525001 10.0.0.1:21 10.0.0.2:330 tcp_v4_rcv -\n');
		expect((await refused('packet', '5', '-r', join(folder, 'log')))[1]).toContain('a log does not say which packet');
	});

	test('a packet whose records are not in memory any more', async () => {
		const scene = new Scene(FUNCTIONS);
		const calls = 1 << 14; // 64 bytes each and what finds them: more than the least buffer
		for (let packet = 1; packet <= calls; packet++) {
			scene.task(1, call('ip_output', packet * 1000, packet * 1000 + 500, {...UDP, packet}));
		}
		writeSession(file(), FUNCTIONS, scene.records());
		expect(await refused('packet', '1', '-r', file(), '--buffer', '1M')).toEqual([
			1,
			'packet 1 is no longer in memory: --buffer',
		]);
		expect(await journey(1)).toContain('ip_output B 0.500 us');
		expect(await journey(calls, '--buffer', '1M')).toContain('ip_output B 0.500 us');
		expect((await refused('packet', '40000', '-r', file(), '--buffer', '1M'))[1]).toContain('are 1 to 16384');
	});

	test('a file that was cut off: what there is, and what is wrong', async () => {
		writeSession(file(), FUNCTIONS, udpScene().records());
		truncateSync(file(), readFileSync(file()).length - 8);
		const output = join(folder, 'part');
		expect(await main(['packet', '5', '-r', file(), '-o', output])).toBe(1);
		expect(said[0]).toContain('the recording was cut off');
		expect(readFileSync(output, 'utf8')).toContain('delivered to task2');
	});
});
