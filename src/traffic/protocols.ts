/** What can be exchanged: one entry for each protocol of the demo. */
import {tcp} from './tcp.js';
import {udp} from './udp.js';

export interface Protocol {
	/** Answers at an IP address, given as text, until the process ends; port 0 takes a free one. Returns the port. */
	serve(address: string, port: number): Promise<number>;
	/** One exchange from begin to end. Throws when it fails or `signal` ends it; leaves no socket open. */
	exchange(address: string, port: number, signal: AbortSignal): Promise<void>;
}

export const PROTOCOLS = {udp, tcp} as const satisfies Record<string, Protocol>;
export type ProtocolName = keyof typeof PROTOCOLS;
