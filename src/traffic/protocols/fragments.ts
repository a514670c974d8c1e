/** Datagrams that are larger than what a link takes. */
import {isIPv6} from 'node:net';
import {addon} from '../addon.js';
import {counter, grows} from '../counters.js';
import {adopt} from './adopt.js';
import {PORTS} from './ports.js';
import type {Protocol} from './protocol.js';
import {datagram, echo, open, send, udp} from './udp.js';

/** Bytes: more than two packets of Ethernet hold, and less than one holds but more than the link behind the router. */
const LARGE = 4000;
const MEDIUM = 1400;
/** Values of IP_MTU_DISCOVER, both without regard to what is known of the path: with DF, without. */
const PROBE = 3;
const OMIT = 5;

export const fragments: Protocol = {
	what: `a datagram of ${LARGE} bytes in fragments, and its echo`,
	port: PORTS.echo,
	serve: udp.serve,
	exchange: (address, port, signal) => echo(open(address), datagram(LARGE), address, port, signal),
};

/** IPv4 only: routers do not fragment IPv6. */
export const routerFragments: Protocol = {
	what: `a datagram of ${MEDIUM} bytes that the router fragments, and its echo`,
	port: PORTS.echo,
	serve: udp.serve,
	async exchange(address, port, signal) {
		const socket = await adopt(addon().openUdp(isIPv6(address), OMIT), address);
		await echo(socket, datagram(MEDIUM), address, port, signal);
	},
};

export const tooBig: Protocol = {
	what: `a datagram of ${MEDIUM} bytes that nobody may fragment; ICMP comes back from the router`,
	port: PORTS.echo,
	async exchange(address, port, signal) {
		const socket = await adopt(addon().openUdp(isIPv6(address), PROBE), address);
		const told = () => (isIPv6(address) ? counter('Icmp6InPktTooBigs') : counter('IcmpInDestUnreachs'));
		try {
			await grows(told, () => send(socket, datagram(MEDIUM), port, address), signal);
		} finally {
			socket.close();
		}
	},
};

/** After `tooBig`: the sender knows. */
export const large: Protocol = {
	what: `a datagram of ${MEDIUM} bytes that the sender now fragments for the path, and its echo`,
	port: PORTS.echo,
	serve: udp.serve,
	exchange: (address, port, signal) => echo(open(address), datagram(MEDIUM), address, port, signal),
};
