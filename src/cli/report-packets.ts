/** What became of packets and where they waited, as tables for people. */
import {asStat, type FateTimes, type Times} from '../trace/packets/fate-times.js';
import type {PacketWorld} from '../trace/packets/packet-row.js';
import {percentile} from '../trace/statistics.js';
import {count, duration, percent} from '../ui/numbers.js';
import {cells} from '../ui/text.js';

const BARS = '▁▂▃▄▅▆▇█';
const ASCII_BARS = '.:-=+*#@';
const TIMES = ['mean', 'p50', 'p90', 'p99', 'max'] as const;

const LEGEND = [
	['packets', 'by what became of them; their times are from the first call that had one to its end'],
	['waits', 'in queues, those that are over; of a connection while it is being made or waits for accept'],
	['longest', 'most packets that were in the queue when another one was put in, where that is known'],
	['times', 'a bar for each doubling of the time, from the shortest to the longest'],
] as const;

/** '' where there were none. @param ascii nothing beyond ASCII. */
export function packetTables(world: PacketWorld, fates: FateTimes, ascii: boolean): string {
	const tables = `${fateTable(world, fates, ascii)}${waitTable(world, ascii)}`;
	const legend = LEGEND.map(([word, meaning]) => `${`  ${word}`.padEnd(14)}${meaning}\n`).join('');
	return tables === '' ? '' : `\n${legend}${tables}`;
}

/** Waits that are over, by queue and device. */
function waitTable({table, names}: PacketWorld, ascii: boolean): string {
	const rows = table.waits.rows().map((stat) => {
		const device = stat.dev === 0 ? undefined : names.device(stat.dev);
		const where = device === undefined ? '' : `${cells(device.name, ascii)}@${device.netns}`;
		const longest = stat.longest < 0 ? '' : String(stat.longest);
		const times = [duration(stat.total, ascii), ...timeCells(stat, ascii)];
		return [stat.queue, where, count(stat.count), ...times, longest, histogram(stat, ascii)];
	});
	const heading = ['waits', 'device', 'count', 'total', ...TIMES, 'longest', 'times'];
	return section([heading, ...rows], 2);
}

function fateTable({names}: PacketWorld, fates: FateTimes, ascii: boolean): string {
	const all = fates.rows();
	const sum = all.reduce((some, stat) => some + stat.count, 0);
	const rows = all.flatMap((stat) => {
		const row = [stat.fate, count(stat.count), percent(stat.count / sum), ...timeCells(stat, ascii)];
		if (stat.fate !== 'dropped') return [[...row, histogram(stat, ascii)]];
		const reasons = fates.reasons().map(([reason, dropped]) => {
			const name = names.session.dropReasons[reason] ?? `reason ${reason}`;
			return [`  ${cells(name, ascii)}`, count(dropped), percent(dropped / sum)];
		});
		return [[...row, histogram(stat, ascii)], ...reasons];
	});
	return section([['packets', 'count', 'share', ...TIMES, 'times'], ...rows], 1);
}

function timeCells(times: Times, ascii: boolean): string[] {
	const stat = asStat(times);
	const figures = [times.total / times.count, ...[0.5, 0.9, 0.99].map((q) => percentile(stat, q)), times.max];
	return figures.map((time) => duration(time, ascii));
}

/** A bar for each doubling of the time, from the shortest to the longest: `512ns ▂█▁ 4.10µs`. */
function histogram({bucket}: Times, ascii: boolean): string {
	const bars = ascii ? ASCII_BARS : BARS;
	const first = bucket.findIndex((some) => some > 0);
	const last = bucket.findLastIndex((some) => some > 0);
	if (first < 0) return '';
	const most = Math.max(...bucket);
	const bar = (some: number) => (some === 0 ? ' ' : bars[Math.ceil((some / most) * bars.length) - 1]);
	const row = Array.from(bucket.subarray(first, last + 1), bar).join('');
	return `${duration(first === 0 ? 0 : 2 ** first, ascii)} ${row} ${duration(2 ** (last + 1), ascii)}`;
}

/** An empty line and the rows, the first `left` columns and the last one to the left; '' where there is only a heading. */
function section(rows: readonly (readonly string[])[], left: number): string {
	if (rows.length < 2) return '';
	const [heading = []] = rows;
	const widths = heading.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
	const lines = rows.map((row) => {
		const padded = row.map((text, i) => {
			const width = widths[i] as number;
			return i < left || i === heading.length - 1 ? text.padEnd(width) : text.padStart(width);
		});
		return `${padded.join('  ').trimEnd()}\n`;
	});
	return `\n${lines.join('')}`;
}
