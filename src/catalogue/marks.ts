/** Places without begin and end, taken from the catalogue: the kernel's tracepoints and its netfilter hooks. */
import {ROWS} from './catalogue.js';
import type {Group, Row} from './row.js';

export interface Mark {
	/** Tracepoint, or hook as the kernel names it. */
	readonly name: string;
	readonly group: Group;
	/** Netfilter hook: protocol families it is attached for, and its number. */
	readonly hook?: {readonly families: readonly number[]; readonly number: number};
}

/** The drop of a packet, with the kernel's reason; traced by every backend. */
export const DROP: Mark = {name: 'kfree_skb', group: 'device'};

/** NFPROTO_IPV4 and NFPROTO_IPV6 of include/uapi/linux/netfilter.h. */
const FAMILIES = [2, 10] as const;

/** All that the tracepoint backend shows: hooks, then tracepoints, the drop last. */
export const MARKS: readonly Mark[] = [
	...marks('hook'),
	...marks('tracepoint').filter(({name}) => name !== DROP.name),
	DROP,
];

function marks(kind: Row['kind']): Mark[] {
	return ROWS.filter((row) => row.kind === kind).map(({names: [name = ''], group, hook}) => {
		return {name, group, ...(hook === undefined ? {} : {hook: {families: FAMILIES, number: hook}})};
	});
}
