/** Charts as lines of text, drawn by blessed-contrib off-screen. Loaded when one is seen for the first time. */
import type {FunctionStat} from '../../trace/session.js';
import {drawHistogram} from './histogram.js';
import {loadOffscreen} from './offscreen.js';
import type {ChartOptions, ChartSize} from './options.js';
import {drawRates, type Series} from './rates.js';

/** Each gives exactly `rows` lines of exactly `columns` cells, at any size; where there is no room, the numbers alone. */
export interface Charts {
	/** How long the calls of a function took: bars by duration, and the duration that 50, 90 and 99 % did not exceed. */
	histogram(size: ChartSize, stat: FunctionStat, options: ChartOptions): string[];
	/** Events a second over the last minute. @param series values a second, oldest first. */
	rates(size: ChartSize, series: readonly Series[], options: ChartOptions): string[];
}

export async function loadCharts(): Promise<Charts> {
	const offscreen = await loadOffscreen();
	return {
		histogram: (size, stat, options) => drawHistogram(offscreen, size, stat, options),
		rates: (size, series, options) => drawRates(offscreen, size, series, options),
	};
}
