/** What a packet's fate is about, field by field. What is not known, or does not belong to its fate, is left out. */
import {Life} from '../record.js';
import type {Device, Task} from '../session.js';
import {FateCode} from './fate.js';
import type {PacketRow, PacketWorld} from './packet-row.js';

export interface PacketEnd {
	/** The call that had it last, of a packet that nobody has read. */
	readonly fn?: string;
	/** Of a drop. */
	readonly reason?: string;
	readonly location?: string;
	/** Who has its bytes. */
	readonly task?: Task;
	/** What it left by. */
	readonly device?: Device;
	/** The packet that it was merged into. */
	readonly into?: number;
}

export function packetEnd({table, names}: PacketWorld, row: PacketRow): PacketEnd {
	const {columns} = table;
	const {slot} = row;
	const fate = columns.fate[slot] as number;
	const merged = columns.what[slot] === Life.MERGED ? {into: columns.into[slot] as number} : {};
	if (fate === FateCode.DELIVERED) {
		const task = row.readerTask();
		return {...merged, ...(task && {task})};
	}
	const fn = columns.fateFn[slot] as number;
	const name = fn < 0 ? undefined : (names.session.functions[fn]?.name ?? `function_${fn}`);
	const by = name === undefined ? {} : {fn: name};
	if (fate === FateCode.DROPPED) return {...by, ...drop(columns, names, slot)};
	const dev = columns.fateDev[slot] as number;
	const device = dev === 0 ? undefined : names.device(dev);
	return {...by, ...merged, ...(device && {device})};
}

function drop(columns: PacketWorld['table']['columns'], names: PacketWorld['names'], slot: number): PacketEnd {
	const number = columns.reason[slot] as number;
	const reason = names.session.dropReasons[number] ?? String(number);
	const address = BigInt.asUintN(64, BigInt(columns.location[slot] as number));
	const location = address === 0n ? '' : names.symbol(address);
	// Where the freeing function is traced by a trampoline, that is who called it.
	return location === '' || location.startsWith('bpf_trampoline') ? {reason} : {reason, location};
}
