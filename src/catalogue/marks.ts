/** Places without begin and end, taken from the catalogue: the kernel's tracepoints and its netfilter hooks. */
import {ROWS} from './catalogue.js';
import type {Group, MarkKind} from './row.js';

export interface Hook {
	readonly families: readonly number[];
	readonly number: number;
}

export interface Mark {
	/** Tracepoint, or hook as the kernel names it. */
	readonly name: string;
	readonly group: Group;
	readonly kind: MarkKind;
	/** Of a hook: the families it is attached for, and its number there. */
	readonly hook?: Hook;
}

/** The drop of a packet, with the kernel's reason; traced by every backend. */
export const DROP: Mark = {name: 'kfree_skb', group: 'device', kind: 'tracepoint'};

/** NFPROTO_IPV4 and NFPROTO_IPV6 of include/uapi/linux/netfilter.h. */
const FAMILIES = [2, 10] as const;
/** AF_PACKET, and ETH_P_ALL of include/uapi/linux/if_ether.h. */
const EVERY_PROTOCOL: Hook = {families: [17], number: 3};

/** All that the tracepoint backend shows: handler and hooks, then tracepoints, the drop last. */
export const MARKS: readonly Mark[] = [
	...marks('handler'),
	...marks('hook'),
	...marks('tracepoint').filter(({name}) => name !== DROP.name),
	DROP,
];

function marks(kind: MarkKind): Mark[] {
	return ROWS.filter((row) => row.kind === kind).map(({names: [name = ''], group, hook}) => {
		if (kind === 'handler') return {name, group, kind, hook: EVERY_PROTOCOL};
		return {name, group, kind, ...(hook === undefined ? {} : {hook: {families: FAMILIES, number: hook}})};
	});
}
