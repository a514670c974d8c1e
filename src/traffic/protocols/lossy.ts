/** A TCP connection that loses segments, which are sent again. */
import {once} from 'node:events';
import {type AddressInfo, connect, createServer} from 'node:net';
import {addAbortSignal} from 'node:stream';
import {addon} from '../addon.js';
import {counter} from '../counters.js';
import {descriptor} from './adopt.js';
import {PORTS} from './ports.js';
import type {Protocol} from './protocol.js';

const SIZE = 300_000;
/** Seldom enough that a segment is hardly ever lost many times in a row, for then it waits ever longer. */
const ONE_IN = 10;
/** Transfers until one has lost something: chance leaves one of a dozen segments whole once in four times. */
const ATTEMPTS = 20;

async function upload(address: string, port: number, signal: AbortSignal): Promise<void> {
	const socket = addAbortSignal(signal, connect(port, address));
	socket.end(Buffer.alloc(SIZE, 'pkttop\n'));
	let answer = '';
	for await (const bytes of socket) answer += bytes;
	if (answer !== String(SIZE)) throw new Error(`${answer || 'none'} of ${SIZE} bytes arrived`);
}

export const lossy = {
	what: `a transfer of ${SIZE / 1000} kB; the receiver throws segments away by chance, they are sent again`,
	port: PORTS.lossy,
	// A segment that is lost three times in a row is late by more than a second.
	limit: 20_000,

	async serve(address: string, port: number) {
		const server = createServer({allowHalfOpen: true}, (socket) => {
			let received = 0;
			socket.on('data', (bytes) => {
				received += bytes.length;
			});
			socket.on('end', () => socket.end(String(received)));
			socket.on('error', () => socket.destroy());
		});
		server.listen({fd: descriptor(addon().openLossy(address, port, ONE_IN))});
		await once(server, 'listening');
		return (server.address() as AddressInfo).port;
	},

	async exchange(address, port, signal) {
		const before = counter('TcpRetransSegs');
		for (let i = 0; i < ATTEMPTS; i++) {
			await upload(address, port, signal);
			if (counter('TcpRetransSegs') > before) return;
		}
		throw new Error('no segment was lost');
	},
} satisfies Protocol;
