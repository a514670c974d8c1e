/** What functions, groups and layers consume, as a table for people. */
import type {Consumption, FunctionUsage, PartUsage, Times} from '../trace/consumption.js';
import {LOSS_CAUSES} from '../trace/losses.js';
import type {OwnCost, Session} from '../trace/session.js';
import {count, duration, percent} from '../ui/numbers.js';
import {cells} from '../ui/text.js';

const LEGEND = [
	['total', 'from begin to end of its calls; of a group or layer, while one of its calls was on the stack'],
	['self', 'of that, without the calls inside and without the softirqs on top'],
	['share', 'of the self time of everything'],
	['a block', 'its self time over all blocks; a block is one kernel stack, and a packet passes one or more'],
	['mean … max', 'of the time of a call; of a group or layer, of its self time in the blocks that it is in'],
] as const;
const MAY_WAIT = [
	'~',
	'it may wait for data or room: its times, and those of its group and layer, contain that',
] as const;

const TIMES = ['calls', 'total', 'self', 'share', 'a block', 'mean', 'p50', 'p90', 'p99', 'max'] as const;

/**
 * The table with a last line of totals.
 * @param lost by cause; @param ascii nothing beyond ASCII; @param packets tables that stand before the totals.
 */
export function reportTable(
	consumption: Consumption,
	session: Session,
	lost: readonly bigint[],
	ascii: boolean,
	packets: string,
): string {
	const all = consumption.functions();
	const functions = all.filter(({calls}) => calls > 0);
	const used = (parts: readonly PartUsage[]) => parts.filter(({calls}) => calls > 0);
	const [groups, layers] = [used(consumption.partsOf('group')), used(consumption.partsOf('layer'))];
	const sections = [
		[['function', 'layer', ...TIMES], ...functions.map((row) => functionCells(row, ascii))],
		[['group', 'blocks', ...TIMES], ...groups.map((row) => partCells(row, ascii))],
		[['layer', 'blocks', ...TIMES], ...layers.map((row) => partCells(row, ascii))],
	];
	const legend = functions.some(mayWait) ? [...LEGEND, MAY_WAIT] : LEGEND;
	const idle = all.length - functions.length;
	const {attached, wanted, backend, kernel, ownCost, costUnknown} = session;
	return [
		`kernel ${cells(kernel, ascii)}, ${attached} of ${wanted} attached by ${cells(backend, ascii)}\n`,
		...(ownCost === undefined ? [] : [costLine(ownCost, ascii)]),
		...(costUnknown === undefined ? [] : [`what a traced call costs is not known: ${cells(costUnknown, ascii)}\n`]),
		...legend.map(([word, meaning]) => `${`  ${ascii ? word.replace('…', 'to') : word}`.padEnd(14)}${meaning}\n`),
		...aligned(sections),
		packets,
		'\n',
		...(session.identity === '' ? [] : [`what became of packets is not known: ${cells(session.identity, ascii)}\n`]),
		...(idle > 0 ? [`traced and not called: ${idle}\n`] : []),
		...totals(consumption, lost, ascii),
	].join('');
}

/** What tracing did to the times in the table. */
function costLine({inside, total, corrected, backend}: OwnCost, ascii: boolean): string {
	const [own, all] = [inside, total].map((ns) => duration(ns, ascii));
	const by = backend === undefined ? '' : ` by ${cells(backend, ascii)}`;
	const what = `a traced call${by} took ${own} more by itself and ${all} for its callers`;
	return corrected ? `corrected: ${what}, which is taken off\n` : `${what}; --correct takes that off\n`;
}

const mayWait = ({sleeps, times}: FunctionUsage): boolean => sleeps && times !== undefined;

function functionCells(row: FunctionUsage, ascii: boolean): string[] {
	const name = `${cells(row.name, ascii)}${mayWait(row) ? ' ~' : ''}`;
	return [name, row.layer, count(row.calls), ...timeCells(row.times, ascii)];
}

function partCells({name, blocks, calls, times}: PartUsage, ascii: boolean): string[] {
	return [cells(name, ascii), count(blocks), count(calls), ...timeCells(times, ascii)];
}

function timeCells(times: Times | undefined, ascii: boolean): string[] {
	if (times === undefined) return [];
	const time = (value: number | bigint) => duration(Number(value), ascii);
	const {total, self, share, perBlock, mean, p50, p90, p99, max} = times;
	return [total, self].map(time).concat(percent(share), [perBlock, mean, p50, p90, p99, max].map(time));
}

/** The lines of all sections that have more than their heading, an empty line before each, one width for a column in all of them. */
function aligned(sections: readonly (readonly (readonly string[])[])[]): string[] {
	const rows = sections.flat();
	const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
	const line = (row: readonly string[], heading: readonly string[]): string => {
		const left = (i: number) => i === 0 || heading[i] === 'layer';
		const padded = row.map((text, i) => (left(i) ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)));
		return `${padded.join('  ').trimEnd()}\n`;
	};
	const filled = sections.filter(({length}) => length > 1);
	return filled.flatMap((section) => ['\n', ...section.map((row) => line(row, section[0] ?? []))]);
}

function totals(consumption: Consumption, lost: readonly bigint[], ascii: boolean): string[] {
	const {blocks, calls, marks, open, unknown, self, perBlock} = consumption.totals();
	const [time, each] = [duration(Number(self), ascii), duration(perBlock, ascii)];
	const sum = lost.reduce((all, one) => all + one, 0n);
	const causes = LOSS_CAUSES.flatMap(({words}, i) => (lost[i] ? [`${words} ${lost[i]}`] : []));
	const missing = sum === 0n ? '' : ` (${causes.join(', ')}): what was lost is in no figure`;
	return [
		...(marks > 0 ? [`marks, which take no time: ${marks}\n`] : []),
		...(open > 0 ? [`calls still open at the end, in no figure: ${open}\n`] : []),
		...(unknown > 0 ? [`calls whose end was not seen, in no figure: ${unknown}\n`] : []),
		`${calls} calls in ${blocks} blocks took ${time}, ${each} a block\n`,
		`${consumption.blocks} blocks, ${consumption.events} events, ${sum} lost${missing}\n`,
	];
}
