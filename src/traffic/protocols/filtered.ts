/** A datagram that a firewall on its way drops. */
import {once} from 'node:events';
import {PORTS} from './ports.js';
import type {Protocol} from './protocol.js';
import {datagram, open, send, udp} from './udp.js';

/** ms without an echo: what is not dropped is back sooner. */
const SILENCE = 200;

export const filtered: Protocol = {
	what: 'a datagram that the firewall drops',
	port: PORTS.filtered,
	// Without a firewall there would be an echo.
	serve: udp.serve,

	async exchange(address, port, signal) {
		const socket = open(address);
		try {
			const echo = once(socket, 'message', {signal: AbortSignal.any([signal, AbortSignal.timeout(SILENCE)])});
			const through = echo.then(
				() => true,
				() => false,
			);
			await send(socket, datagram(64), port, address);
			if (await through) throw new Error('it was not dropped');
			signal.throwIfAborted();
		} finally {
			socket.close();
		}
	},
};
