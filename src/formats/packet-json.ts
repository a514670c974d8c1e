/**
 * Packets as JSON lines, one object a line: how one came out of another (`clone`), where it waited (`wait`), what became of
 * it (`packet`). Times are integers in ns; what is not known is left out.
 */
import {ipv4Text, ipv6Text} from '../trace/address.js';
import type {FlowKey} from '../trace/flow-index.js';
import type {Fate} from '../trace/packets/fate.js';
import {packetEnd} from '../trace/packets/packet-end.js';
import {PacketRow, type PacketWorld} from '../trace/packets/packet-row.js';
import {queueAt} from '../trace/packets/queues.js';
import type {AnyWait} from '../trace/packets/wait-stats.js';
import {Family} from '../trace/record.js';
import {PROTOCOLS} from './json.js';
import {Moments} from './moments.js';

export class PacketJson {
	readonly moments: Moments;

	constructor(readonly world: PacketWorld) {
		this.moments = new Moments(world.names.session, world.store);
	}

	/** All lines of the packet in a slot of the table, and its fate. */
	lines(slot: number): {readonly text: string; readonly fate: Fate} {
		const row = new PacketRow(this.world, slot);
		const waits = row.waits().map((wait) => this.wait(wait, row.number));
		return {text: `${this.clone(row)}${waits.join('')}${this.packet(row)}`, fate: row.fate};
	}

	/** @param packet its number, left out of the wait of a connection. */
	wait({queue, begin, end, from, to, dev, length}: AnyWait, packet?: number): string {
		const over = end < Number.POSITIVE_INFINITY;
		return line('wait', [
			...['queue', queueAt(queue).name],
			...this.span(begin, over ? end : undefined),
			...(over ? ['duration', end - begin] : []),
			...(packet === undefined ? [] : ['packet', packet]),
			...['from', this.fn(from)],
			...(to < 0 ? [] : ['to', this.fn(to)]),
			...(length < 0 ? [] : ['length', length]),
			...this.device(dev),
		]);
	}

	/** '' for a packet that came out of no other. */
	clone({number, parent, birth, slot}: PacketRow): string {
		if (birth === '') return '';
		const at = this.world.table.columns.born[slot] as number;
		return line('clone', [
			...['packet', number],
			...(parent === 0 ? [] : ['of', parent]),
			...['how', birth, 'at', this.moments.monotonic(at), 'wall', this.moments.wall(at)],
		]);
	}

	private packet(row: PacketRow): string {
		return line('packet', this.fields(row));
	}

	/** What is known of a packet. The end of one that is alive is when it was seen last. */
	fields(row: PacketRow): Value[] {
		const {table} = this.world;
		const key = table.columns.flows.get(row.slot);
		return [
			...['packet', row.number],
			...(row.parent === 0 ? [] : ['of', row.parent]),
			...(key === undefined ? [] : flowFields(key)),
			...this.span(row.first, row.last),
			...['duration', row.total, 'fate', row.fate, ...this.end(row), 'text', row.fateText],
			...['functions', row.inFunctions, 'queues', row.inQueues, 'between', row.between],
			...(row.slowest > 0 ? ['slowest', row.slowestName, 'slowest_ns', row.slowest] : []),
			...(table.trailOf(row.slot).cut ? ['cut', true] : []),
		];
	}

	/** What its fate is about. */
	end(row: PacketRow): Value[] {
		const {fn, reason, location, task, device, into} = packetEnd(this.world, row);
		const fields: Value[] = [];
		if (reason !== undefined) fields.push('reason', reason);
		if (location !== undefined) fields.push('location', location);
		if (fn !== undefined) fields.push('fn', fn);
		if (task !== undefined) fields.push('pid', task.pid, 'comm', task.comm);
		if (device !== undefined) fields.push(...deviceFields(device));
		if (into !== undefined) fields.push('into', into);
		return fields;
	}

	/** @param end undefined: not over yet. */
	span(begin: number, end: number | undefined): Value[] {
		const {moments} = this;
		const until = end === undefined ? [] : ['end', moments.monotonic(end)];
		return ['begin', moments.monotonic(begin), ...until, 'wall', moments.wall(begin)];
	}

	fn(fn: number): string {
		return this.world.names.session.functions[fn]?.name ?? `function_${fn}`;
	}

	device(dev: number): Value[] {
		const device = dev === 0 ? undefined : this.world.names.device(dev);
		return device === undefined ? [] : deviceFields(device);
	}
}

/** Names and values in turn. */
export type Value = string | number | bigint | boolean;

/** An object of these fields, `type` first. @param more what follows them, each field with a comma before it. */
export function jsonObject(type: string, fields: readonly Value[], more = ''): string {
	let text = `{"type":"${type}"`;
	for (let i = 0; i < fields.length; i += 2) {
		const value = fields[i + 1] as Value;
		text += `,"${fields[i]}":${typeof value === 'string' ? JSON.stringify(value) : value}`;
	}
	return `${text}${more}}`;
}

const line = (type: string, fields: readonly Value[]): string => `${jsonObject(type, fields)}\n`;

function deviceFields({name, netns}: {readonly name: string; readonly netns: number}): Value[] {
	return [...(name === '' ? [] : ['ifname', name]), 'netns', netns];
}

/** As in the lines of calls. */
function flowFields({family, proto, bytes, a, b, portA, portB}: FlowKey): Value[] {
	const six = family === Family.IPV6;
	const address = six ? ipv6Text : ipv4Text;
	const name = PROTOCOLS[proto]?.slice(1, -1);
	const arp = family === Family.ARP;
	return [
		...(arp ? [] : ['family', six ? 6 : 4]),
		...(arp ? ['proto', 'arp'] : proto === 0 ? [] : ['proto', name ?? proto]),
		...['src', address(bytes, a), 'dst', address(bytes, b)],
		...(portA === 0 ? [] : ['sport', portA]),
		...(portB === 0 ? [] : ['dport', portB]),
	];
}
