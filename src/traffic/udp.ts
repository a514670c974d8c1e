/** A datagram and its echo. */
import {createSocket, type Socket} from 'node:dgram';
import {once} from 'node:events';
import {isIPv6} from 'node:net';
import type {Protocol} from './protocol.js';

const DATAGRAM = Buffer.from('pkttop demo: UDP '.padEnd(64, '.'));

const open = (address: string): Socket => createSocket(isIPv6(address) ? 'udp6' : 'udp4');

export const udp: Protocol = {
	async serve(address, port) {
		const socket = open(address);
		socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address));
		socket.bind({address, port});
		await once(socket, 'listening');
		return socket.address().port;
	},

	async exchange(address, port, signal) {
		const socket = open(address);
		try {
			const answer = once(socket, 'message', {signal});
			socket.send(DATAGRAM, port, address);
			const [bytes] = (await answer) as [Buffer];
			if (!bytes.equals(DATAGRAM)) throw new Error('the echo differs');
		} finally {
			socket.close();
		}
	},
};
