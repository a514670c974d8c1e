/** Charts as lines of text. */
import type {FunctionStat} from '../../trace/session.js';

export interface ChartSize {
	readonly columns: number;
	readonly rows: number;
}

export interface ChartOptions {
	readonly ascii: boolean;
	readonly color: boolean;
}

export interface Charts {
	/** Exactly `rows` lines of exactly `columns` cells. */
	histogram(size: ChartSize, stat: FunctionStat, options: ChartOptions): string[];
	/** @param series values a second, oldest first. */
	rates(
		size: ChartSize,
		series: readonly {readonly name: string; readonly values: readonly number[]}[],
		options: ChartOptions,
	): string[];
}

const blank = ({columns, rows}: ChartSize): string[] => Array.from({length: rows}, () => ' '.repeat(columns));

export async function loadCharts(): Promise<Charts> {
	return {histogram: (size) => blank(size), rates: (size) => blank(size)};
}
