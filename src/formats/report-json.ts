/** What functions, groups and layers consume as JSON lines: one object a line, times in ns. What is not known is left out. */
import type {Consumption, FunctionUsage, PartUsage, Times} from '../trace/consumption.js';

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
