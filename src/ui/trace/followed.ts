/** The blocks of one packet, and of what came out of it: what the trace shows while the packet is followed. */
import type {PacketTable} from '../../trace/packets/packet-table.js';

/** Packets that came out of it that are followed, too. */
const MOST = 256;

export class Followed {
	/** The packet itself and what came out of it. */
	private readonly packets = new Set<number>();
	/** Their entries, ascending. */
	private entries: readonly number[] = [];
	private readonly known = new Set<number>();

	constructor(
		readonly packet: number,
		private readonly table: PacketTable,
	) {
		this.update();
	}

	/** Looks for new blocks; false where there are none. */
	update(): boolean {
		const {packets, known} = this;
		packets.clear();
		packets.add(this.packet);
		for (const number of packets) {
			for (const child of this.table.childrenOf(number)) if (packets.size < MOST) packets.add(child);
		}
		const before = known.size;
		for (const number of packets) {
			const slot = this.table.slot(number);
			if (slot !== undefined) for (const entry of this.table.entriesOf(slot)) known.add(entry);
		}
		if (known.size === before) return false;
		this.entries = [...known].sort((a, b) => a - b);
		return true;
	}

	/** Whether the number is one of the packets that are followed. */
	is(packet: number): boolean {
		return this.packets.has(packet);
	}

	has(entry: number): boolean {
		return this.known.has(entry);
	}

	/** The nearest entry at or after `id`, -1 for none. */
	next(id: number): number {
		return this.entries[this.place(id)] ?? -1;
	}

	/** The nearest entry at or before `id`, -1 for none. */
	previous(id: number): number {
		return this.entries[this.place(id + 1) - 1] ?? -1;
	}

	/** How many of the entries are before `id`. */
	private place(id: number): number {
		const {entries} = this;
		let [low, high] = [0, entries.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((entries[middle] as number) < id) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}
