/** Session files of packets, as a kernel would have recorded them. */
import {closeSync, openSync, writeSync} from 'node:fs';
import {SessionWriter} from '../../../src/formats/session-file.js';
import {LOSS_CAUSES} from '../../../src/trace/losses.js';
import {NameTable} from '../../../src/trace/names.js';
import type {Session} from '../../../src/trace/session.js';
import {Tasks} from '../../../src/trace/tasks.js';
import {call, Scene, UDP} from './packets.js';
import {join, makeSession, makeTask} from './records.js';

/** What times count from, ns of CLOCK_MONOTONIC; and the wall clock at that moment. */
export const BASE = 1_000_000_000n;
export const WALL = 1_700_000_000_000_000_000n;

/** Writes a session with these functions and records. Tasks 1 to 3 have names, devices 1 and 2 are of two namespaces. */
export function writeSession(
	path: string,
	functions: string,
	records: readonly Uint8Array[],
	more: Partial<Session> = {},
): void {
	const session = {...makeSession(functions.split(' '), WALL), base: BASE, ...more};
	const names = new NameTable(session, new Tasks());
	names.setDevice(1, {ifindex: 1, netns: 4026531840, name: 'veth0'});
	names.setDevice(2, {ifindex: 2, netns: 4026532000, name: 'veth1'});
	names.setSymbol(0xffffffff81234567n, 'nf_hook_slow+0x8c');
	const fd = openSync(path, 'w');
	const writer = new SessionWriter((bytes) => writeSync(fd, bytes), {session, options: {}, started: 0n}, names);
	for (const tid of [1, 2, 3]) writer.records(makeTask(tid, tid * 10, `task${tid}`));
	writer.records(join(records));
	const none = {total: 0n, self: 0n, max: 0n, bucket: new Array<bigint>(48).fill(0n)};
	const counters = {emitted: BigInt(records.length), lost: LOSS_CAUSES.map(() => 0n)};
	const stats = session.functions.map(() => none);
	writer.end({ended: 10n ** 9n, counters, stats});
	closeSync(fd);
}

export const FUNCTIONS =
	'udp_sendmsg ip_output dev_hard_start_xmit enqueue_to_backlog ip_rcv udp_rcv __udp_enqueue_schedule_skb udp_recvmsg ' +
	'skb_consume_udp nf_hook_slow';

/** Numbers of packets: SENT goes to a reader by way of two queues; LOST, a clone of it, is dropped; KNOWN is alive. */
export const SENT = 5;
export const LOST = 6;
export const KNOWN = 9;
const CONSUMED = 6;
const DROPPED = 7;
const CLONE = 1;

export function udpScene(): Scene {
	const sent = {...UDP, packet: SENT};
	const lost = {...UDP, packet: LOST};
	return new Scene(FUNCTIONS)
		.task(
			1,
			call(
				'udp_sendmsg',
				500,
				3000,
				{...UDP},
				call(
					'ip_output',
					1000,
					2500,
					sent,
					call('dev_hard_start_xmit', 1200, 2400, {...sent, dev: 1}, call('enqueue_to_backlog', 1500, 2000, sent)),
				),
			),
		)
		.life({what: CLONE, packet: LOST, at: 1300, other: SENT})
		.softirq(
			0,
			call(
				'ip_rcv',
				5000,
				9000,
				{...sent, dev: 2},
				call('udp_rcv', 6000, 8500, sent, call('__udp_enqueue_schedule_skb', 7000, 8000, sent)),
			),
		)
		.softirq(0, call('ip_rcv', 20_000, 21_000, {...lost, dev: 2}, call('nf_hook_slow', 20_200, 20_800, lost)))
		.life({what: DROPPED, packet: LOST, at: 20_500, other: 3, location: 0xffffffff81234567n})
		.task(2, call('udp_recvmsg', 100, 60_000, {...UDP}, call('skb_consume_udp', 50_000, 51_000, sent)))
		.life({what: CONSUMED, packet: SENT, at: 50_500, tid: 2})
		.softirq(1, call('ip_rcv', 70_000, 71_000, {...UDP, packet: KNOWN, sport: 2000}));
}
