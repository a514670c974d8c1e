/** The rounds of exchanges that the sending host runs. */
import {setTimeout as sleep} from 'node:timers/promises';
import {described} from './described.js';
import {protocol} from './protocols/protocols.js';
import type {Exchange} from './scenarios.js';

/** ms between two rounds: slow enough to read along. */
const PAUSE = 500;
/** ms that an exchange may take; it needs few, but a traced and emulated machine is slow. */
const LIMIT = 5000;

export class Rounds {
	private readonly stopping = new AbortController();

	/**
	 * Runs until all is done or stop(). An exchange that fails is tried again in the next round; `warn` hears of its first
	 * failure. Returns how many exchanges succeeded.
	 */
	async run(exchanges: readonly Exchange[], rounds: number, warn: (line: string) => void): Promise<number> {
		const {signal} = this.stopping;
		const failed = new Set<Exchange>();
		let done = 0;
		for (let round = 0; round < rounds; round++) {
			if (round > 0) await sleep(PAUSE, undefined, {signal}).catch(() => {});
			for (const exchange of exchanges) {
				if (signal.aborted) return done;
				const error = await attempt(exchange);
				if (!error) done++;
				else if (!failed.has(exchange)) {
					failed.add(exchange);
					warn(`${described(exchange)}: ${error}`);
				}
			}
		}
		return done;
	}

	/** No exchange begins after this; the one that runs comes to its end. */
	stop(): void {
		this.stopping.abort();
	}
}

/** '' or why it failed. */
async function attempt({protocol: name, address}: Exchange): Promise<string> {
	const {port, limit = LIMIT, exchange} = protocol(name);
	const signal = AbortSignal.timeout(limit);
	try {
		await exchange(address, port, signal);
		return '';
	} catch (error) {
		if (signal.aborted) return `no answer within ${limit / 1000} s`;
		return error instanceof Error ? error.message : String(error);
	}
}
