/**
 * A small world for the reducer: ten blocks of three rows each, a drop in the middle row of every third, and a session with
 * five groups.
 */
import type {Session} from '../../../src/trace/session.js';
import {compileFields, completion} from '../../../src/ui/filter.js';
import type {PacketsWorld, World} from '../../../src/ui/reduce/world.js';
import type {State} from '../../../src/ui/state.js';
import {GroupRows, unfolded} from '../../../src/ui/tables/groups.js';
import type {Position, TraceWay} from '../../../src/ui/trace/position.js';
import {makeSession} from './records.js';

const BLOCKS = 10;
const HEIGHT = 3;

/** Numbers 0 to 6. The groups are not together, and not in the order of the catalogue. */
export const SESSION: Session = makeSession([], 0n, [
	{name: 'ip_rcv', group: 'ip_rcv', backend: 'fentry'},
	{name: 'tcp_v4_rcv', group: 'tcpin', backend: 'fentry'},
	{name: 'tcp_urg', group: 'tcpin', why: 'not in this kernel'},
	{name: 'tcp_ack', group: 'tcpin', backend: 'kprobe-multi'},
	{name: 'my_function', group: 'other', backend: 'fentry'},
	{name: 'icmp_rcv', group: 'icmp', why: 'attach refused: it cannot be probed'},
	{name: 'kfree_skb', group: 'device', backend: 'tracepoint', mark: true},
]);

const KEYS = {
	functions: ['ip_rcv', 'tcp_v4_rcv', 'udp_rcv', ...'abcdefgh'],
	flows: ['udp a b', 'tcp c d'],
	packets: ['7', '5', '3', '1'],
} as const;
const COLUMNS = {
	functions: ['function', 'calls', 'total'],
	flows: ['function', 'calls', 'total'],
	packets: ['number', 'first', 'total'],
	groups: ['name', 'state', 'calls'],
} as const;

/** Packet N is in block N; 1, 3 and 5 are of one flow. Journeys have ten lines, the last of them without a record. */
const PACKETS: PacketsWorld = {
	at: ({id}) => id % 9,
	spot: ({id, row}) => ({entry: id, offset: row}),
	block: (_, {id}, direction) =>
		id + direction < 0 || id + direction > 9 ? undefined : {entry: id + direction, offset: 1},
	flow: (packet) => (packet < 7 ? 'udp' : 'tcp'),
	check: (text) => (text === 'bad' ? "column 1: unknown word 'bad'" : ''),
	lines: 10,
	rows: 4,
	line: (index) => (index === 9 ? undefined : {entry: index, offset: 1}),
};

/** The state that is looked at decides what is folded. */
export function way(state: State): TraceWay {
	const folded = (id: number) => state.trace.foldAll !== state.trace.exceptions.has(id);
	const height = (id: number) => (folded(id) ? 1 : HEIGHT);
	const all: Position[] = Array.from({length: BLOCKS}, (_, id) =>
		Array.from({length: height(id)}, (_, row) => ({id, row})),
	).flat();
	const index = ({id, row}: Position) => all.findIndex((one) => one.id === id && one.row === row);
	const clamp = (at: number): Position => all[Math.max(0, Math.min(all.length - 1, at))] as Position;
	return {
		first: () => all[0],
		last: () => all.at(-1),
		move: (from, rows) => clamp(index(from) + rows),
		distance: (from, to, most) => Math.max(-most, Math.min(most, index(to) - index(from))),
		resolve: ({id, row}) => ({id, row: Math.min(row, height(id) - 1)}),
		event: (from, direction) => {
			for (let at = index(from) + direction; at >= 0 && at < all.length; at += direction) {
				const one = all[at] as Position;
				if (one.id % 3 === 0 && (one.row === 1 || folded(one.id))) return one;
			}
			return undefined;
		},
		blockOf: ({id}) => ({id, row: 0}),
		isHead: ({row}) => row === 0,
		locate: ({entry, offset}) => (entry < BLOCKS ? {id: entry, row: offset} : undefined),
		seek: (text) => (text === '+1' ? {position: {id: 5, row: 0}, time: 1e9} : 'no such time'),
	};
}

/** @param off functions that are switched off. */
export function world(state: State, off: ReadonlySet<number> = new Set()): World {
	const groups = new GroupRows(SESSION, {live: true, isOn: (fn) => !off.has(fn)}).rows;
	const shown = unfolded(groups, state.groups);
	return {
		rows: 6,
		panel: {lines: 30, rows: 10},
		trace: way(state),
		list: (pane) => {
			const keys: readonly string[] = pane === 'groups' ? shown.map(({key}) => key) : KEYS[pane];
			return {
				count: keys.length,
				keyAt: (index) => keys[index] ?? '',
				indexOf: (key) => keys.indexOf(key),
				columns: COLUMNS[pane],
			};
		},
		packets: PACKETS,
		flowFilter: (key) => (key === '' ? 'host 10.0.0.1' : `host ${key.length}.0.0.1`),
		groupRow: (key) => groups.find((row) => row.key === key) ?? shown[0],
		find: (pane, text) =>
			pane === 'groups'
				? groups.find(({name}) => name.includes(text))?.key
				: KEYS.functions.find((name) => name.includes(text)),
		compile: (fields) => compileFields(fields),
		completion: (field, text, at) => completion(field, text, at, ['lo', 'veth-a']),
	};
}
