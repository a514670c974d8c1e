/** The words of the filter language, those of pcap-filter(7) that a record can answer. */
import {Family, Proto} from '../record.js';
import {type FilterError, printable} from './error.js';
import {errorAt, type Token} from './scan.js';

/** What a protocol word asks for. `family` Family.NONE: IPv4 or IPv6; `proto` 0: any. */
export interface Protocol {
	readonly name: string;
	readonly family: number;
	readonly proto: number;
}

export const PROTOCOLS: readonly Protocol[] = [
	{name: 'tcp', family: Family.NONE, proto: Proto.TCP},
	{name: 'udp', family: Family.NONE, proto: Proto.UDP},
	{name: 'sctp', family: Family.NONE, proto: Proto.SCTP},
	{name: 'icmp', family: Family.IPV4, proto: Proto.ICMP},
	{name: 'icmp6', family: Family.IPV6, proto: Proto.ICMP6},
	{name: 'ip', family: Family.IPV4, proto: 0},
	{name: 'ip6', family: Family.IPV6, proto: 0},
	{name: 'arp', family: Family.ARP, proto: 0},
];

export const TYPES = ['host', 'net', 'port', 'portrange', 'proto'] as const;
export type Type = (typeof TYPES)[number];

/** Every word that may stand in a filter beside numbers and addresses; for completion. */
export const KEYWORDS: readonly string[] = [
	...PROTOCOLS.map((protocol) => protocol.name),
	...TYPES,
	'src',
	'dst',
	'mask',
	'and',
	'or',
	'not',
];

/** Words of pcap-filter(7) that look at what no record holds, and what to write instead, if anything. */
const NOT_HERE: ReadonlyMap<string, string> = new Map([
	...['ether', 'vlan', 'mpls', 'gateway', 'broadcast', 'multicast', 'rarp', 'protochain'].map((w) => [w, ''] as const),
	...['len', 'less', 'greater', 'inbound', 'outbound', 'pppoes', 'geneve', 'wlan', 'link'].map((w) => [w, ''] as const),
	['igmp', 'ip proto 2'],
	['esp', 'proto 50'],
	['ah', 'proto 51'],
	['pim', 'proto 103'],
	['vrrp', 'ip proto 112'],
]);

/** The error for a word that is none, with the help that can be given. */
export function unknownWord(token: Token): FilterError {
	const word = printable(token.text);
	const lower = token.text.toLowerCase();
	if (KEYWORDS.includes(lower)) return errorAt(token, `unknown word '${word}' (keywords are lower case: ${lower})`);
	const instead = NOT_HERE.get(token.text);
	if (instead !== undefined) {
		return errorAt(token, `'${word}' of pcap-filter is not known here${instead && ` (say ${instead})`}`);
	}
	if (token.text.includes('[')) return errorAt(token, `'${word}': bytes of a packet cannot be filtered here`);
	const meant = nearest(lower);
	return errorAt(token, `unknown word '${word}'${meant === undefined ? '' : ` (did you mean ${meant}?)`}`);
}

function nearest(word: string): string | undefined {
	if (word.length > 12) return undefined;
	let best: string | undefined;
	let bestDistance = word.length < 5 ? 2 : 3;
	for (const keyword of KEYWORDS) {
		const distance = editDistance(word, keyword);
		if (distance < bestDistance && distance < keyword.length) {
			best = keyword;
			bestDistance = distance;
		}
	}
	return best;
}

/** Number of single-letter edits between two words; two letters swapped count as one. */
export function editDistance(a: string, b: string): number {
	let beforeLast: number[] = [];
	let last = Array.from({length: b.length + 1}, (_, column) => column);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1] ? 0 : 1;
			let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
				cost = Math.min(cost, beforeLast[j - 2]! + 1);
			row.push(cost);
		}
		beforeLast = last;
		last = row;
	}
	return last[b.length]!;
}
