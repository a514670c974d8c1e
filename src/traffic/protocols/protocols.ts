/** What can be exchanged: one entry for each protocol of the demo. */
import {refusedConnection, refusedDatagram} from './closed.js';
import {expired} from './expired.js';
import {filtered} from './filtered.js';
import {fragments, large, routerFragments, tooBig} from './fragments.js';
import {ftp} from './ftp.js';
import {lossy} from './lossy.js';
import {ping} from './ping.js';
import type {Protocol} from './protocol.js';
import {tcp} from './tcp.js';
import {udp} from './udp.js';

export const PROTOCOLS = {
	udp,
	tcp,
	ftp,
	ping,
	refusedDatagram,
	refusedConnection,
	filtered,
	expired,
	fragments,
	routerFragments,
	tooBig,
	large,
	lossy,
} as const satisfies Record<string, Protocol>;
export type ProtocolName = keyof typeof PROTOCOLS;

/** The same by name, when it does not matter which. */
export const protocol = (name: ProtocolName): Protocol => PROTOCOLS[name];
