/** Columns of the packets pane: a row for each packet. */
import {WallClock} from '../../trace/clock.js';
import type {PacketRow} from '../../trace/packets/packet-row.js';
import type {Session} from '../../trace/session.js';
import {duration} from '../numbers.js';
import {cells} from '../text.js';
import type {StyleName, Theme} from '../theme.js';
import type {Column} from './table.js';

export interface PacketItem {
	readonly number: number;
	/** Undefined: not known any more. */
	readonly row: PacketRow | undefined;
}

export const packetKey = ({number}: PacketItem): string => String(number);

export const FATE_STYLES: Readonly<Record<string, StyleName>> = {dropped: 'drop', alive: 'accent', consumed: 'faint'};

/** @param epoch of the store's times; @param marked number of the packet that is marked. */
export function packetColumns(
	theme: Theme,
	session: Session,
	epoch: () => number,
	marked: () => number,
): readonly Column<PacketItem>[] {
	const safe = (text: string): string => cells(text.replaceAll('→', theme.glyphs.arrow), theme.ascii);
	const clock = new WallClock(session.wallOffset);
	const column = (
		name: string,
		title: string,
		width: number,
		rank: number,
		text: (row: PacketRow) => string,
		more: Partial<Column<PacketItem>> = {},
	): Column<PacketItem> => ({
		...{name, title, cells: width, rank},
		text: ({row}) => (row === undefined ? '' : text(row)),
		// The packets themselves know their order (packet-list.ts).
		value: ({number}) => number,
		...more,
	});
	const time = (value: number): string => (value > 0 ? duration(value, theme.ascii) : '');
	const moment = (first: number): string => {
		if (Number.isNaN(first)) return '';
		clock.setTime(first, epoch());
		return `${clock.clock().slice(0, -1)}.${String(clock.micros).padStart(6, '0')}`;
	};
	const left = {left: true} as const;
	const waits = (row: PacketRow): boolean => row.slowestName.startsWith('wait ');
	return [
		{
			...column('number', 'packet', 7, 1, () => ''),
			text: ({number}) => `${number === marked() ? '*' : ''}${number}`,
			style: ({number, row}) => theme.style(row === undefined ? 'faint' : number === marked() ? 'warn' : 'plain'),
		},
		column('first', 'first', 15, 8, (row) => moment(row.first), {
			...left,
			style: () => theme.style('time'),
		}),
		column('proto', 'proto', 5, 5, (row) => safe(row.proto), left),
		column('from', 'from', 18, 6, (row) => safe(row.a), {...left, grows: true}),
		column('to', 'to', 18, 7, (row) => safe(row.b), {...left, grows: true}),
		column('path', 'path', 26, 3, (row) => safe(row.path), {...left, grows: true}),
		{
			...column('fate', 'fate', 9, 0, (row) => row.fate, left),
			text: ({row}) => (row === undefined ? 'gone' : row.fate),
			style: ({row}) => theme.style(FATE_STYLES[row?.fate ?? 'consumed'] ?? 'plain'),
		},
		column('total', 'total', 7, 2, (row) => time(row.total)),
		column('functions', 'functions', 9, 9, (row) => time(row.inFunctions)),
		column('queues', 'queues', 7, 10, (row) => time(row.inQueues)),
		column(
			'slowest',
			'slowest part',
			20,
			4,
			(row) => `${time(row.slowest).padStart(6)} ${safe(row.slowestName)}`.trimEnd(),
			{...left, grows: true, style: ({row}) => theme.style(row !== undefined && waits(row) ? 'hot' : 'plain')},
		),
	];
}
