/** A datagram that a firewall on its way drops. */
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {PORTS} from './ports.js';
import type {Protocol} from './protocol.js';
import {datagram, open, udp} from './udp.js';

/** ms without an echo: what is not dropped is back sooner. */
const SILENCE = 200;

export const filtered: Protocol = {
	what: 'a datagram that the firewall drops',
	port: PORTS.filtered,
	// Without a firewall there would be an echo.
	serve: udp.serve,

	async exchange(address, port, signal) {
		const socket = open(address);
		const ended = new AbortController();
		try {
			const echo = once(socket, 'message', {signal: ended.signal}).then(() => true);
			socket.send(datagram(64), port, address);
			const silence = sleep(SILENCE, false, {signal: AbortSignal.any([signal, ended.signal])});
			const through = await Promise.race([echo, silence]);
			ended.abort();
			await Promise.allSettled([echo, silence]);
			if (through) throw new Error('it was not dropped');
		} finally {
			socket.close();
		}
	},
};
