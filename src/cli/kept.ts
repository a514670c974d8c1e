/** `--keep`: what is recorded of it, and what is said of what was not kept. */
import {EntryRecords} from '../formats/entry-records.js';
import type {SessionWriter} from '../formats/session-file.js';
import {SIZE_LIFE} from '../trace/record.js';
import type {Entry} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';
import type {Pipeline} from './pipeline.js';

/** From now on the births and ends of packets that are kept are recorded. Returns what records an entry. */
export function recordKept(pipeline: Pipeline, writer: SessionWriter, tasks: Tasks): (entry: Entry) => void {
	const records = new EntryRecords(tasks);
	pipeline.onLife = (view, at) => writer.records(view.bytes, at, SIZE_LIFE);
	return (entry) => writer.records(records.of(entry));
}

/** @param option that wants numbers; @param identity why there are none. */
export function noNumbers(option: string, identity: string): string {
	return `${option} wants packets to have numbers, and here they have none: ${identity}`;
}

/** How much was kept, where not everything was. */
export function keptLines({keeper, store}: Pick<Pipeline, 'keeper' | 'store'>): string[] {
	if (keeper === undefined) return [];
	const {all, notKept, overflowed, packets} = keeper;
	const lines = [
		`kept ${packets} of ${all.seen} packets, ${store.blocks} blocks; not kept: ${notKept.blocks} blocks, ${notKept.events} events`,
	];
	if (overflowed.blocks > 0) {
		lines.push(`${overflowed.blocks} blocks (${overflowed.events} events) had to go before their packets had ended`);
	}
	return lines;
}
