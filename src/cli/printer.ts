/** Entries and totals as lines of the chosen format. */
import {ClassicWriter} from '../formats/classic.js';
import {JsonWriter} from '../formats/json.js';
import {PacketJson} from '../formats/packet-json.js';
import type {Beside} from '../trace/beside.js';
import {fateCounts} from '../trace/packets/fate.js';
import type {Keeper} from '../trace/packets/keep.js';
import type {PacketWorld} from '../trace/packets/packet-row.js';
import type {AnyWait} from '../trace/packets/wait-stats.js';
import type {FunctionStat, Names} from '../trace/session.js';
import type {Counters} from '../trace/statistics.js';
import type {Entry} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';
import {notKept} from './kept.js';
import type {Options} from './options.js';

export interface Printer {
	entry(entry: Entry): string;
	/** Lines of the packet in a slot of the table, each once; '' where the format has none. */
	packet(slot: number): string;
	/** The line of a wait of a connection. */
	socketWait(wait: AnyWait): string;
	/** What follows the last entry. `blocks` and `events` were printed. `stats` are missing where a recording has no end. */
	end(blocks: number, events: number, counters: Counters, stats: readonly FunctionStat[] | undefined): string;
}

/**
 * @param now CLOCK_MONOTONIC at the end of the session, ns; @param beside what is noted beside the lines;
 * @param world of the packets, where they are followed; @param keeper where not everything is kept.
 */
export function printer(
	options: Options,
	names: Names,
	tasks: Tasks,
	now: () => bigint,
	beside?: Beside | undefined,
	world?: PacketWorld | undefined,
	keeper?: Keeper | undefined,
): Printer {
	if (options.format === 'json') {
		const writer = new JsonWriter(names, tasks);
		const packets = world === undefined ? undefined : new PacketJson(world);
		const fates = fateCounts([]);
		return {
			packet: (slot) => {
				if (packets === undefined) return '';
				const {text, fate} = packets.lines(slot);
				fates[fate]++;
				return text;
			},
			socketWait: (wait) => packets?.wait(wait) ?? '',
			entry: (entry) => {
				beside?.entry(entry);
				beside?.written(0, 0);
				return writer.entry(entry);
			},
			end: (blocks, events, counters, stats = []) => {
				const functions = names.session.functions.flatMap((fn, index) => {
					const stat = stats[index];
					return fn.mark || fn.why !== undefined || stat === undefined ? [] : [writer.functionLine(fn, stat)];
				});
				return (
					functions.join('') +
					writer.summary(blocks, events, counters.lost, packets && fates, keeper && notKept(keeper))
				);
			},
		};
	}
	const writer = new ClassicWriter(names.session, {
		time: options.time ?? 'us',
		now,
		beside,
		raw: options.format === 'packet.log',
	});
	return {
		entry: (entry) => writer.entry(entry),
		packet: () => '',
		socketWait: () => '',
		end: (_blocks, _events, counters) => writer.last(totalLost(counters)),
	};
}

export function totalLost(counters: Counters): bigint {
	return counters.lost.reduce((sum, count) => sum + count, 0n);
}
