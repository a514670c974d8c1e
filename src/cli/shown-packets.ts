/** Which packets get their lines, and when: those of the blocks that are printed, each once, when nothing more comes of it. */
import type {PacketTable} from '../trace/packets/packet-table.js';
import {Kind, recordSize} from '../trace/record.js';
import type {Entry} from '../trace/store.js';

/** How long after a packet was settled nothing is expected to come of it any more, ms. */
const LATE = 1000;

export class ShownPackets {
	/** Numbers of packets that blocks were printed of; undefined where all are. */
	private readonly seen: Set<number> | undefined;
	/** By slot: number of the packet that has its lines. */
	private readonly printed: Uint32Array;
	private waiting: {readonly number: number; readonly at: number}[] = [];
	private ending = false;

	/**
	 * @param some not all blocks are printed; @param print is called with the slot of each packet;
	 * @param clock ms.
	 */
	constructor(
		private readonly table: PacketTable,
		some: boolean,
		private readonly print: (slot: number) => void,
		private readonly clock: () => number = () => performance.now(),
	) {
		this.seen = some ? new Set() : undefined;
		this.printed = new Uint32Array(table.limit);
	}

	/** A block is printed. */
	entry({view, at: from, end, kind}: Entry): void {
		if (this.seen === undefined || kind === Kind.LOSS) return;
		for (let at = from; at < end; at += recordSize(view.bytes, at)) {
			const packet = view.packet(at);
			if (packet !== 0) this.seen.add(packet);
		}
	}

	/** Of a session that goes on: packets are printed a while after they have ended. */
	listen(): void {
		const {table} = this;
		table.onSettled = (number) => {
			const slot = table.slot(number);
			// One that is alive is settled only when the table forgets it: this is the last chance.
			if (slot !== undefined && table.columns.what[slot] === 0 && !this.ending) this.once(number);
			else this.waiting.push({number, at: this.clock()});
		};
	}

	/** Prints what has been over for long enough. */
	turn(): void {
		const until = this.clock() - LATE;
		// The table forgets when it is full.
		const least = this.waiting.length - this.table.limit / 4;
		let count = 0;
		for (const {number, at} of this.waiting) {
			if (at > until && count >= least) break;
			this.once(number);
			count++;
		}
		this.waiting.splice(0, count);
	}

	/** The session will end: what is settled from now on waits for `finish`. */
	end(): void {
		this.ending = true;
	}

	/** Prints all packets that are left, in the order of their first calls. */
	finish(): void {
		this.waiting = [];
		const {first, number} = this.table.columns;
		const slots = [...this.table.all()];
		slots.sort((a, b) => (first[a] as number) - (first[b] as number) || (number[a] as number) - (number[b] as number));
		for (const slot of slots) this.once(number[slot] as number);
	}

	private once(number: number): void {
		const slot = this.table.slot(number);
		// What is not settled any more will be settled again.
		if (slot === undefined || !this.table.isSettled(slot) || this.printed[slot] === number) return;
		if (this.seen?.has(number) === false) return;
		this.printed[slot] = number;
		this.print(slot);
	}
}
