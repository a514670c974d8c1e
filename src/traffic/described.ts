/** An exchange in words. */
import {isIPv6} from 'node:net';
import {protocol} from './protocols/protocols.js';
import type {Exchange} from './scenarios.js';
import {addressOn} from './topology.js';

/** What is sent from where to where, one line. */
export function described({protocol: name, from, via, to, address}: Exchange): string {
	const {what, port} = protocol(name);
	const source = from === to ? address : addressOn(from, via ?? to, !isIPv6(address));
	const way = via === undefined ? '' : ` over the ${via}`;
	return `${from} ${source} to ${to} ${address}${port === 0 ? '' : ` port ${port}`}${way}: ${what}`;
}
