/** A recorded session, as counts: what was recorded of each function beside what the kernel side counted of it. */
import {closeSync, openSync} from 'node:fs';

const dist = (path: string) => new URL(`../../../../../../dist/${path}`, import.meta.url).href;
const {SessionReader} = (await import(
	dist('formats/session-file.js')
)) as typeof import('../../../src/formats/session-file.js');
const {Kind, recordSize} = (await import(dist('trace/record.js'))) as typeof import('../../../src/trace/record.js');
const {alignedView} = (await import(dist('trace/view.js'))) as typeof import('../../../src/trace/view.js');
const {callCount} = (await import(dist('trace/statistics.js'))) as typeof import('../../../src/trace/statistics.js');
const {LOSS_CAUSES} = (await import(dist('trace/losses.js'))) as typeof import('../../../src/trace/losses.js');

export interface SessionCounts {
	/** Records of each function and mark, by number, and calls by its histogram. */
	readonly functions: readonly {readonly name: string; readonly recorded: number; readonly counted: number}[];
	readonly emitted: number;
	readonly lost: Readonly<Record<string, number>>;
}

/** Reads a session file that has its end. Throws where it has none. */
export function countSession(file: string): SessionCounts {
	const fd = openSync(file, 'r');
	try {
		const reader = new SessionReader(fd);
		const {functions} = reader.header.session;
		const recorded = functions.map(() => 0);
		for (const chunk of reader.chunks()) {
			if (chunk.type === 'records') {
				const {view, start} = alignedView(chunk.bytes, chunk.offset, chunk.length);
				for (let at = start; at < start + chunk.length; at += recordSize(view.bytes, at)) {
					const fn = view.fn(at);
					if (view.kind(at) <= Kind.DROP) recorded[fn] = (recorded[fn] ?? 0) + 1;
				}
			} else if (chunk.type === 'end') {
				const {counters, stats} = chunk;
				return {
					functions: functions.map(({name}, fn) => {
						const stat = stats[fn];
						return {name, recorded: recorded[fn] ?? 0, counted: stat === undefined ? 0 : Number(callCount(stat))};
					}),
					emitted: Number(counters.emitted),
					lost: Object.fromEntries(LOSS_CAUSES.map(({name}, cause) => [name, Number(counters.lost[cause])])),
				};
			}
		}
		throw new Error(`${file} has no end`);
	} finally {
		closeSync(fd);
	}
}
