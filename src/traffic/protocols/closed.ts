/** Where nobody listens: ICMP says so to a datagram, RST to a connection. */
import {once} from 'node:events';
import {connect} from 'node:net';
import {PORTS} from './ports.js';
import type {Protocol} from './protocol.js';
import {datagram, open, send} from './udp.js';

function mustBeRefused(error: NodeJS.ErrnoException): void {
	if (error.code !== 'ECONNREFUSED') throw error;
}

export const refusedDatagram: Protocol = {
	what: 'a datagram to a closed port; ICMP comes back',
	port: PORTS.closed,

	async exchange(address, port, signal) {
		const socket = open(address);
		try {
			// Only a connected socket hears of it.
			socket.connect(port, address);
			await once(socket, 'connect', {signal});
			const refused = once(socket, 'error', {signal});
			const [[error]] = await Promise.all([refused, send(socket, datagram(64))]);
			mustBeRefused(error as NodeJS.ErrnoException);
		} finally {
			socket.close();
		}
	},
};

export const refusedConnection: Protocol = {
	what: 'a SYN to a closed port; RST comes back',
	port: PORTS.closed,

	async exchange(address, port, signal) {
		const socket = connect(port, address);
		try {
			mustBeRefused((await once(socket, 'error', {signal}))[0] as NodeJS.ErrnoException);
		} finally {
			socket.destroy();
		}
	},
};
