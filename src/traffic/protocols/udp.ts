/** A datagram and its echo. */
import {createSocket, type Socket} from 'node:dgram';
import {once} from 'node:events';
import {isIPv6} from 'node:net';
import {PORTS} from './ports.js';
import type {Protocol} from './protocol.js';

/** `size` bytes of text. */
export const datagram = (size: number): Buffer => Buffer.from('pkttop demo: UDP '.padEnd(size, '.'));

export const open = (address: string): Socket => createSocket(isIPv6(address) ? 'udp6' : 'udp4');

/** Resolves when it is on its way. A connected socket needs no address. */
export function send(
	socket: Socket,
	bytes: Buffer | readonly Buffer[],
	port?: number,
	address?: string,
): Promise<void> {
	return new Promise((resolve, reject) => {
		const sent = (error: Error | null) => (error ? reject(error) : resolve());
		if (port === undefined) socket.send(bytes, sent);
		else socket.send(bytes, port, address, sent);
	});
}

/** Sends to an echo server and waits for the same to come back. Closes the socket. Throws when it does not. */
export async function echo(socket: Socket, bytes: Buffer, address: string, port: number, signal: AbortSignal) {
	try {
		const answer = once(socket, 'message', {signal}) as Promise<[Buffer]>;
		const [[back]] = await Promise.all([answer, send(socket, bytes, port, address)]);
		if (!back.equals(bytes)) throw new Error('the echo differs');
	} finally {
		socket.close();
	}
}

/** Sends every datagram back; port 0 takes a free one. Throws when it cannot listen there. */
export async function echoServer(address: string, port: number): Promise<Socket> {
	const socket = open(address);
	// A sender that has gone is none of our business.
	socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address, () => {}));
	try {
		socket.bind({address, port});
		await once(socket, 'listening');
		return socket;
	} catch (error) {
		socket.close();
		throw error;
	}
}

export const udp = {
	what: 'a datagram and its echo',
	port: PORTS.echo,

	serve: async (address: string, port: number) => (await echoServer(address, port)).address().port,
	exchange: (address, port, signal) => echo(open(address), datagram(64), address, port, signal),
} satisfies Protocol;
