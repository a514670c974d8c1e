/** A scenario of the test of journeys: traffic, and what must be true of its packets. */
import assert from 'node:assert/strict';
import type {Hosts} from './journeys.js';
import type {Line} from './pkttop.js';

/** A packet as the JSON lines tell. */
export interface Packet {
	readonly number: number;
	readonly line: Line;
	/** Out of which other packet it came, and how; undefined: out of none. */
	readonly birth: Line | undefined;
	readonly calls: readonly Line[];
	readonly waits: readonly Line[];
}

export interface Scene {
	readonly name: string;
	/** Its packets are those of this port; TCP and UDP apart. */
	readonly port: number;
	readonly proto?: 'tcp' | 'udp';
	traffic(hosts: Hosts): Promise<void>;
	/** What must be true of its packets. @param grown how much a counter of a host grew. */
	check(packets: readonly Packet[], grown: (host: 'a' | 'r' | 'b', counter: string) => number): void;
}

export const fates = (packets: readonly Packet[]): Record<string, number> => {
	const counts: Record<string, number> = {};
	for (const {line} of packets) counts[line.fate as string] = (counts[line.fate as string] ?? 0) + 1;
	return counts;
};
export const waited = (packets: readonly Packet[], queue: string): Line[] =>
	packets.flatMap(({waits}) => waits.filter((wait) => wait.queue === queue));
export const met = ({calls}: Packet, fn: string): boolean => calls.some((call) => call.fn === fn);
export const meeting = (packets: readonly Packet[], fn: string): Packet[] =>
	packets.filter((packet) => met(packet, fn));

/** How many packets, their fates, and how often and how long they waited where. */
export function summary(packets: readonly Packet[]): string {
	const words = Object.entries(fates(packets)).map(([fate, count]) => `${fate} ${count}`);
	const queues = new Map<string, number[]>();
	for (const {queue = '', duration = 0} of packets.flatMap(({waits}) => waits)) {
		queues.set(queue, [...(queues.get(queue) ?? []), duration / 1e6]);
	}
	const waits = [...queues].map(([queue, all]) => `${queue} ${all.length} (${Math.max(...all).toFixed(1)} ms at most)`);
	return `${packets.length} packets: ${words.join(', ')}; waits: ${waits.join(', ')}`;
}

/** What is known of the packets whose fate is the rarest of these: one of them is what a check failed for, mostly. */
export function rarest(packets: readonly Packet[]): string[] {
	const [fate] = Object.entries(fates(packets)).sort(([, one], [, other]) => one - other)[0] ?? [];
	const own = packets.filter(({line}) => line.fate === fate).slice(0, 3);
	return own.flatMap(({line, birth, calls, waits}) => {
		const rows = [...calls, ...waits].sort((one, other) => one.begin - other.begin);
		return [
			JSON.stringify(line),
			...(birth === undefined ? [] : [JSON.stringify(birth)]),
			...rows.map(({begin, duration, cpu, context, comm, fn, queue, ifname}) => {
				const where = queue === undefined ? `${cpu} ${context} ${comm} ${fn} ${ifname ?? ''}` : `wait ${queue}`;
				return `  ${begin - line.begin} +${duration ?? '?'} ${where}`;
			}),
		];
	});
}

/** A datagram and its echo, `count` times, all delivered. */
export function echoed(packets: readonly Packet[], count: number): void {
	assert.deepEqual(fates(packets), {delivered: 2 * count});
	assert.equal(waited(packets, 'receive').length, 2 * count, 'each waited for its reader');
	assert.ok(waited(packets, 'backlog').length >= 2 * count, 'each crossed a device by the backlog');
	for (const {calls} of packets) {
		assert.ok(
			calls.some(({fn}) => fn === 'ip_output'),
			'its journey begins where it is sent',
		);
		assert.ok(
			calls.some(({fn}) => fn === '__udp_enqueue_schedule_skb'),
			'and goes on to the socket',
		);
	}
}

/** The packets that JSON lines tell of, each with its calls and waits. */
export function packetsOf(lines: readonly Line[]): Packet[] {
	const calls = new Map<number, Line[]>();
	const waits = new Map<number, Line[]>();
	const births = new Map<number, Line>();
	for (const line of lines) {
		if (line.packet === undefined || line.type === 'packet') continue;
		if (line.type === 'clone') births.set(line.packet, line);
		const kind = line.type === 'wait' ? waits : line.type === 'call' ? calls : undefined;
		const list = kind?.get(line.packet);
		if (list !== undefined) list.push(line);
		else kind?.set(line.packet, [line]);
	}
	return lines.flatMap((line) => {
		if (line.type !== 'packet' || line.packet === undefined) return [];
		const number = line.packet;
		return [{number, line, birth: births.get(number), calls: calls.get(number) ?? [], waits: waits.get(number) ?? []}];
	});
}
