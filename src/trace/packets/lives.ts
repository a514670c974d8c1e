/** What a table knows of the birth and the end of a packet, as the records it has them from. */
import {At, Kind, Life, LifeAt, SIZE_LIFE} from '../record.js';
import {RecordView} from '../view.js';
import type {PacketColumns} from './packet-columns.js';

/** @param epoch of the store; @param take is called with each record, valid during the call. */
export function writeLives(
	columns: PacketColumns,
	slot: number,
	epoch: number,
	take: (view: RecordView, at: number) => void,
): void {
	const view = new RecordView(new Uint8Array(SIZE_LIFE));
	const write = (what: number, time: number, other: number): void => {
		view.bytes[At.kind] = Kind.LIFE;
		view.halves[LifeAt.what >>> 1] = what;
		view.words[LifeAt.packet >>> 2] = columns.number[slot] as number;
		view.words[LifeAt.other >>> 2] = other;
		view.setU64Exact(At.begin, (BigInt(epoch) << 32n) + BigInt(time));
	};
	const birth = columns.birth[slot] as number;
	if (birth !== 0) {
		write(birth, columns.born[slot] as number, columns.parent[slot] as number);
		take(view, 0);
	}
	const what = columns.what[slot] as number;
	if (what === 0) return;
	const others: Readonly<Record<number, Uint32Array>> = {[Life.MERGED]: columns.into, [Life.DROPPED]: columns.reason};
	write(what, columns.died[slot] as number, others[what]?.[slot] ?? 0);
	view.words[LifeAt.tid >>> 2] = columns.tid[slot] as number;
	if (what === Life.DROPPED)
		view.setU64Exact(LifeAt.location, BigInt.asUintN(64, BigInt(columns.location[slot] as number)));
	take(view, 0);
}
