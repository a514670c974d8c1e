/** What functions, groups and layers consume as JSON lines: one object a line, times in ns. What is not known is left out. */
import type {Consumption, FunctionUsage, PartUsage, Times} from '../trace/consumption.js';
import {asStat, type FateTimes, type Times as PacketTimes} from '../trace/packets/fate-times.js';
import type {PacketWorld} from '../trace/packets/packet-row.js';
import {percentile} from '../trace/statistics.js';

/** A line for each function, group and layer, and one with the totals. */
export function consumptionLines(consumption: Consumption): string {
	const parts = (['group', 'layer'] as const).flatMap((type) => consumption.partsOf(type).map(partLine));
	return [...consumption.functions().map(functionLine), ...parts, totalLine(consumption)].join('');
}

function functionLine({name, group, layer, calls, open, unknown, times}: FunctionUsage): string {
	const head = `{"type":"function","fn":${JSON.stringify(name)},"group":${JSON.stringify(group)},"layer":"${layer}"`;
	return `${head},"calls":${calls}${times === undefined ? '' : `${timesText(times)},"open":${open},"unknown":${unknown}`}}\n`;
}

function partLine({type, name, calls, marks, blocks, times}: PartUsage): string {
	const head = `{"type":"${type}","${type}":${JSON.stringify(name)},"blocks":${blocks},"calls":${calls},"marks":${marks}`;
	return `${head}${timesText(times)}}\n`;
}

function timesText({total, self, p50, p90, p99, max, mean, share, perBlock}: Times): string {
	const known = `,"total":${total},"self":${self},"p50":${p50},"p90":${p90},"p99":${p99},"max":${max}`;
	return `${known},"mean":${mean},"share":${Number(share.toFixed(6))},"per_block":${perBlock}`;
}

function totalLine(consumption: Consumption): string {
	const {blocks, calls, marks, open, unknown, self, perBlock} = consumption.totals();
	const counts = `"blocks":${blocks},"calls":${calls},"marks":${marks},"open":${open},"unknown":${unknown}`;
	return `{"type":"total",${counts},"self":${self},"per_block":${perBlock}}\n`;
}

/** A line for each fate that packets had, each reason of a drop, and the waits of each queue and device. */
export function packetLines({table, names}: PacketWorld, fates: FateTimes): string {
	const rows = fates.rows();
	const sum = rows.reduce((all, {count}) => all + count, 0);
	const share = (count: number): string => `"count":${count},"share":${Number((count / sum).toFixed(6))}`;
	const fateRows = rows.map((row) => `{"type":"fate","fate":"${row.fate}",${share(row.count)}${packetTimes(row)}}\n`);
	const reasons = fates.reasons().map(([reason, count]) => {
		const name = names.session.dropReasons[reason] ?? String(reason);
		return `{"type":"reason","reason":${JSON.stringify(name)},${share(count)}}\n`;
	});
	const waits = table.waits.rows().map((stat) => {
		const device = stat.dev === 0 ? undefined : names.device(stat.dev);
		const where = device === undefined ? '' : `,"ifname":${JSON.stringify(device.name)},"netns":${device.netns}`;
		const longest = stat.longest < 0 ? '' : `,"longest":${stat.longest}`;
		return `{"type":"waits","queue":"${stat.queue}"${where},"count":${stat.count}${packetTimes(stat)}${longest}}\n`;
	});
	return [...fateRows, ...reasons, ...waits].join('');
}

/** `buckets`: the least time of each that is not empty, and how many there are. */
function packetTimes(times: PacketTimes): string {
	const stat = asStat(times);
	const parts = [0.5, 0.9, 0.99].map((q) => `"p${q * 100}":${percentile(stat, q)}`).join(',');
	const buckets = Array.from(times.bucket, (count, b) => [b === 0 ? 0 : 2 ** b, count]).filter(
		([, count]) => count !== 0,
	);
	const mean = Math.round(times.total / times.count);
	return `,"total":${times.total},"mean":${mean},${parts},"max":${times.max},"buckets":${JSON.stringify(buckets)}`;
}
