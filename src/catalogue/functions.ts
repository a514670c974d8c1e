/** The functions that are traced, as those who attach and print them need them: taken from the catalogue. */
import {ROWS} from './catalogue.js';
import {preset} from './presets.js';
import type {Bytes, Group, Lengths, ReadFrom, Row} from './row.js';

export {Bytes, type Group, Lengths, ReadFrom} from './row.js';

export interface TracePoint {
	/** Names in order of preference: kernels rename and inline, the first one that can be attached is taken. */
	readonly names: readonly string[];
	readonly group: Group | 'other';
	readonly from?: keyof typeof ReadFrom;
	/** Its socket knows the other side only at its end (accept, a first connect, a datagram received). */
	readonly late?: boolean;
	/** Which bytes of a TCP stream it moves, see Row. */
	readonly bytes?: keyof typeof Bytes;
	/** The queue that it puts something into, see Row. */
	readonly queue?: keyof typeof Lengths;
	/** Arguments of names that BTF does not have, see Row. */
	readonly hidden?: string;
}

/** About one screen for a packet. */
export const DEFAULT_SET: readonly TracePoint[] = tracePoints(preset('default')?.functions ?? []);

/**
 * The trace points with these first names, in this order.
 * Throws Error for a name without a row: the catalogue contradicts itself.
 */
export function tracePoints(names: readonly string[]): TracePoint[] {
	return names.map((name) => {
		const row = ROWS.find(({kind, names: [first]}) => kind === 'function' && first === name);
		if (row === undefined) throw new Error(`the catalogue has no function ${name}`);
		return tracePoint(row);
	});
}

/** The trace point of a function by exactly this name: as the catalogue says, or with what holds for most. */
export function traceablePoint(name: string): TracePoint {
	const row =
		ROWS.find(({kind, names: [first]}) => kind === 'function' && first === name) ??
		ROWS.find(({kind, names}) => kind === 'function' && names.includes(name));
	return row === undefined ? {names: [name], group: 'other'} : {...tracePoint(row), names: [name]};
}

function tracePoint({names, group, from, late, bytes, queue, hidden}: Row): TracePoint {
	return {
		names,
		group,
		...(from === undefined ? {} : {from}),
		...(late ? {late} : {}),
		...(bytes === undefined ? {} : {bytes}),
		...(queue === undefined ? {} : {queue}),
		...(hidden === undefined ? {} : {hidden}),
	};
}

const INSIDE: ReadonlySet<Group> = new Set<Group>(['tcp_prot', 'synfin']);

/** Whether records of a group carry what the TCP socket knows: of functions that decide over windows and states. */
export function hasInside(group: Group | 'other'): boolean {
	return group !== 'other' && INSIDE.has(group);
}

const IP_LAYER: ReadonlySet<Group> = new Set<Group>(['ip_rcv', 'ip_send', 'ip_forward', 'netfilter']);

/** Whether the IP columns of the classic log (identification and protocol) belong to the lines of a group. */
export function isIpLayer(group: Group | 'other'): boolean {
	return group !== 'other' && IP_LAYER.has(group);
}
