/** A connection with one request and one answer, closed by the client. */
import {once} from 'node:events';
import {type AddressInfo, connect, createServer} from 'node:net';
import {addAbortSignal} from 'node:stream';
import {PORTS} from './ports.js';
import type {Protocol} from './protocol.js';

const REQUEST = Buffer.from('pkttop demo: TCP request '.padEnd(200, '.'));
const ANSWER = Buffer.from('pkttop demo: TCP answer '.padEnd(600, '.'));

export const tcp = {
	what: 'a connection with a request and an answer',
	port: PORTS.echo,

	async serve(address: string, port: number) {
		const server = createServer((socket) => {
			let received = 0;
			socket.on('data', (bytes) => {
				received += bytes.length;
				if (received === REQUEST.length) socket.write(ANSWER);
			});
			// A client that gave up says so itself.
			socket.on('error', () => socket.destroy());
		});
		server.listen(port, address);
		await once(server, 'listening');
		return (server.address() as AddressInfo).port;
	},

	async exchange(address, port, signal) {
		const socket = connect(port, address);
		addAbortSignal(signal, socket);
		socket.write(REQUEST);
		let received = 0;
		// Ends after the server's FIN, which answers ours.
		for await (const bytes of socket as AsyncIterable<Buffer>) {
			received += bytes.length;
			if (received === ANSWER.length) socket.end();
		}
		if (received !== ANSWER.length) throw new Error(`the answer has ${received} of ${ANSWER.length} bytes`);
	},
} satisfies Protocol;
