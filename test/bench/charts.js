/**
 * Cost of the charts: loading them, a picture, and what stays in memory. Prints figures, decides nothing.
 * Needs a build: npm run build && node test/bench/charts.js
 */
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const start = performance.now();
const {loadCharts} = await import('../../dist/ui/charts/charts.js');
const charts = await loadCharts();
console.log(`load: ${(performance.now() - start).toFixed(0)} ms`);

const DRAWS = 2000;
const bucket = Array.from({length: 48}, (_, b) =>
	BigInt(Math.round(b > 8 && b < 24 ? 1000 * Math.exp(-((b - 13) ** 2) / 4) : 0)),
);
const stat = {total: 1n, self: 1n, max: 2n ** 23n, bucket};
const series = ['socket', 'tcp', 'udp', 'ip', 'queue', 'device'].map((name, i) => ({
	name,
	values: Array.from({length: 60}, (_, second) => 1000 * i + 500 * Math.sin(second / 5 + i)),
}));
const options = {ascii: false, color: true};

for (const size of [
	{columns: 60, rows: 10},
	{columns: 100, rows: 16},
	{columns: 400, rows: 120},
]) {
	for (const [name, draw] of Object.entries({
		histogram: () => charts.histogram(size, stat, options),
		rates: () => charts.rates(size, series, options),
	})) {
		const draws = size.columns > 100 ? 50 : DRAWS;
		for (let i = 0; i < draws / 10; i++) draw();
		gc();
		const heap = process.memoryUsage().heapUsed;
		const begin = performance.now();
		for (let i = 0; i < draws; i++) draw();
		const cost = (performance.now() - begin) / draws;
		gc();
		const grown = (process.memoryUsage().heapUsed - heap) / 1024;
		const where = `${size.columns}x${size.rows}`;
		console.log(`${name} ${where}: ${cost.toFixed(2)} ms a picture; heap grew ${grown.toFixed(0)} kB in ${draws}`);
	}
}
