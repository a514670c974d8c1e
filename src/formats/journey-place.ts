/** Where a step of a journey was: what its record says beside its times. */
import type {CallStep} from '../trace/packets/journey.js';
import type {PacketWorld} from '../trace/packets/packet-row.js';
import {Kind} from '../trace/record.js';
import type {Device, Task} from '../trace/session.js';
import {Entry} from '../trace/store.js';

export interface Place {
	readonly cpu: number;
	/** As in records. */
	readonly context: number;
	readonly task?: Task;
	readonly device?: Device;
	/** A call whose end was not seen, although it is over. */
	readonly unknown: boolean;
	/** Of a drop. */
	readonly reason?: string;
	readonly location?: string;
	/** Number of the block, 0 for none. */
	readonly block: number;
}

/** Undefined where the record is not in memory any more. */
export function placeOf({store, names, tasks}: PacketWorld, step: CallStep): Place | undefined {
	const entry = new Entry();
	if (!store.read(step.entry, entry)) return undefined;
	const {view} = entry;
	const at = entry.at + step.offset;
	const kind = view.kind(at);
	const task = tasks.get(entry.task);
	const dev = view.dev(at);
	const device = dev === 0 ? undefined : names.device(dev);
	const reason = names.session.dropReasons[view.ret(at)] ?? String(view.ret(at));
	return {
		cpu: view.cpu(at),
		context: view.context(at),
		...(task && {task}),
		...(device && {device}),
		unknown: kind === Kind.CALL && !view.ended(at),
		...(kind === Kind.DROP && {reason, location: names.symbol(view.location(at))}),
		block: entry.block,
	};
}
