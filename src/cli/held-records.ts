/** Records that wait for the packets before them, which the kernel shows later. */
import {now} from '../collector/clock.js';

/** How long they wait at most, ns. */
const LONGEST = 200_000_000n;

export class HeldRecords {
	private readonly pieces: {readonly bytes: Uint8Array; readonly at: bigint}[] = [];

	/** Copies whole records that were read just now. */
	hold(bytes: Uint8Array, length: number): void {
		this.pieces.push({bytes: bytes.slice(0, length), at: now()});
	}

	/** Hands on, in their order, what was read before `until` (CLOCK_MONOTONIC, ns), and what has waited too long. */
	release(until: bigint, push: (bytes: Uint8Array) => void): void {
		const oldest = now() - LONGEST;
		const limit = until > oldest ? until : oldest;
		const count = this.pieces.findIndex(({at}) => at > limit);
		for (const {bytes} of this.pieces.splice(0, count < 0 ? this.pieces.length : count)) push(bytes);
	}
}
