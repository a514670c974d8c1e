/** The rounds of exchanges that the sending host runs. */
import {setTimeout as sleep} from 'node:timers/promises';
import {PROTOCOLS} from './protocols.js';
import {PORT, type Scenario} from './topology.js';

/** ms between two rounds: slow enough to read along. */
const PAUSE = 500;
/** ms that an exchange may take; it needs few, but a traced and emulated machine is slow. */
const LIMIT = 5000;

export class Rounds {
	private readonly stopping = new AbortController();

	/**
	 * Runs until all is done or stop(). A scenario that fails is tried again in the next round; `warn` hears of its first
	 * failure. Returns how many exchanges succeeded.
	 */
	async run(scenarios: readonly Scenario[], rounds: number, warn: (line: string) => void): Promise<number> {
		const {signal} = this.stopping;
		const failed = new Set<Scenario>();
		let done = 0;
		for (let round = 0; round < rounds; round++) {
			if (round > 0) await sleep(PAUSE, undefined, {signal}).catch(() => {});
			for (const scenario of scenarios) {
				if (signal.aborted) return done;
				const error = await exchange(scenario);
				if (!error) done++;
				else if (!failed.has(scenario)) {
					failed.add(scenario);
					warn(`${scenario.protocol} to ${scenario.address}: ${error}`);
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
async function exchange({protocol, address}: Scenario): Promise<string> {
	const signal = AbortSignal.timeout(LIMIT);
	try {
		await PROTOCOLS[protocol].exchange(address, PORT, signal);
		return '';
	} catch (error) {
		if (signal.aborted) return `no answer within ${LIMIT / 1000} s`;
		return error instanceof Error ? error.message : String(error);
	}
}
