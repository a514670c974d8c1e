/** Columns of the packets pane: a row for each flow. */
import type {FlowRow} from '../../trace/flows.js';
import {bytes, count, duration} from '../numbers.js';
import {cells} from '../text.js';
import type {Theme} from '../theme.js';
import type {Column} from './table.js';

export const flowKey = ({proto, a, b}: FlowRow): string => `${proto} ${a} ${b}`;

export function flowColumns(theme: Theme): readonly Column<FlowRow>[] {
	const safe = (text: string): string => cells(text, theme.ascii);
	const dropped = (row: FlowRow): string => (row.drops > 0 ? theme.style('drop') : '');
	return [
		{
			name: 'proto',
			title: 'proto',
			cells: 6,
			rank: 2,
			left: true,
			text: (row) => safe(row.proto),
			value: (row) => row.proto,
		},
		{
			name: 'from',
			title: 'from',
			cells: 21,
			rank: 0,
			left: true,
			grows: true,
			text: (row) => safe(row.a),
			value: (row) => row.a,
		},
		{
			name: 'to',
			title: 'to',
			cells: 21,
			rank: 1,
			left: true,
			grows: true,
			text: (row) => safe(row.b),
			value: (row) => row.b,
		},
		{
			name: 'packets',
			title: 'packets',
			cells: 8,
			rank: 3,
			text: (row) => count(row.packets),
			value: (row) => row.packets,
		},
		{name: 'bytes', title: 'bytes', cells: 7, rank: 6, text: (row) => bytes(row.bytes), value: (row) => row.bytes},
		{name: 'calls', title: 'calls', cells: 6, rank: 7, text: (row) => count(row.calls), value: (row) => row.calls},
		{
			name: 'time',
			title: 'time',
			cells: 8,
			rank: 4,
			text: (row) => duration(row.time, theme.ascii),
			value: (row) => row.time,
		},
		{
			name: 'drops',
			title: 'drops',
			cells: 6,
			rank: 5,
			text: (row) => (row.drops === 0 ? '' : count(row.drops)),
			value: (row) => row.drops,
			style: dropped,
		},
	];
}
