/** Moments of a store, ns since its epoch, on the clocks of the session. Exact: they may exceed 2^53. */
import type {Session} from '../trace/session.js';

export class Moments {
	/** @param store its epoch is known once it has records. */
	constructor(
		private readonly session: Session,
		private readonly store: {readonly epoch: number},
	) {}

	/** CLOCK_MONOTONIC, ns. */
	monotonic(time: number): bigint {
		return this.session.base + this.own(time);
	}

	/** ns since the epoch of the wall clock. */
	wall(time: number): bigint {
		return this.session.wallOffset + this.own(time);
	}

	private own(time: number): bigint {
		return (BigInt(Math.max(0, this.store.epoch)) << 32n) + BigInt(Math.round(time));
	}
}
