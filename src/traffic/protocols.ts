/** What can be exchanged: one entry for each protocol of the demo. */
import type {Protocol} from './protocol.js';
import {tcp} from './tcp.js';
import {udp} from './udp.js';

export const PROTOCOLS = {udp, tcp} as const satisfies Record<string, Protocol>;
export type ProtocolName = keyof typeof PROTOCOLS;
