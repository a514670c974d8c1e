/** What is counted of packets that are settled: fates and waits; and how it is taken back when one is settled anew. */
import type {PacketColumns} from './packet-columns.js';
import type {Trail, Wait} from './trail.js';
import type {WaitStats} from './wait-stats.js';

/** Of a packet that is settled fate and waits are counted. WAITS: only these; CUT: both, but these cannot be taken back. */
const Settled = {NOT: 0, ALL: 1, WAITS: 2, CUT: 3} as const;
const NOTHING: readonly Wait[] = [];

export class Ledger {
	private readonly settled: Uint8Array;

	/** @param fates packets by fate; @param waits of packets. Both are counted here. */
	constructor(
		private readonly columns: PacketColumns,
		private readonly fates: number[],
		private readonly waits: WaitStats,
		limit: number,
	) {
		this.settled = new Uint8Array(limit);
	}

	/** A slot has a new packet. */
	begin(slot: number): void {
		this.settled[slot] = Settled.NOT;
	}

	isSettled(slot: number): boolean {
		return this.settled[slot] === Settled.ALL || this.settled[slot] === Settled.CUT;
	}

	/** Counts a packet. The columns must be those of its trail. */
	settle(slot: number, trail: Trail): void {
		const cut = this.settled[slot] === Settled.WAITS;
		this.settled[slot] = cut ? Settled.CUT : Settled.ALL;
		this.count(slot, cut ? NOTHING : trail.waits, 1);
	}

	/** Takes back what was counted of a packet. @param trail still as it was then. */
	takeBack(slot: number, trail: Trail): void {
		// Waits of records that are gone cannot be taken back, so they stay counted, and are not counted again.
		const cut = trail.cut || this.settled[slot] === Settled.CUT;
		this.settled[slot] = cut ? Settled.WAITS : Settled.NOT;
		this.count(slot, cut ? NOTHING : trail.waits, -1);
	}

	/** A packet that is settled has the fate of another one. */
	adopt(slot: number, of: number): void {
		this.count(slot, NOTHING, -1);
		this.columns.takeFate(slot, of);
		this.count(slot, NOTHING, 1);
	}

	private count(slot: number, waits: readonly Wait[], times: number): void {
		for (const wait of waits) this.waits.add(wait, times);
		this.fates[this.columns.fate[slot] as number]! += times;
	}
}
