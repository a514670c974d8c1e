/** A datagram whose time to live ends at the router, which says so by ICMP. */
import {once} from 'node:events';
import {isIPv6} from 'node:net';
import {counter, grows} from '../counters.js';
import {PORTS} from './ports.js';
import type {Protocol} from './protocol.js';
import {datagram, open, send} from './udp.js';

export const expired: Protocol = {
	what: 'a datagram with time to live 1; ICMP comes back from the router',
	port: PORTS.echo,

	async exchange(address, port, signal) {
		const socket = open(address);
		try {
			socket.bind();
			await once(socket, 'listening');
			socket.setTTL(1);
			const exceeded = () => (isIPv6(address) ? counter('Icmp6InTimeExcds') : counter('IcmpInTimeExcds'));
			await grows(exceeded, () => send(socket, datagram(64), port, address), signal);
		} finally {
			socket.close();
		}
	},
};
