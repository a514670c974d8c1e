/** Sockets that the addon opened, in the hands of Node. */
import {createSocket, type Socket} from 'node:dgram';
import {once} from 'node:events';
import {isIPv6} from 'node:net';
import {getSystemErrorName} from 'node:util';

/** A descriptor, or a negative errno, which is thrown. */
export function descriptor(fd: number): number {
	if (fd < 0) throw new Error(`no socket: ${getSystemErrorName(fd)}`);
	return fd;
}

/** A datagram socket for an address. It owns the descriptor. */
export async function adopt(fd: number, address: string): Promise<Socket> {
	const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
	// It may be so at once.
	const listening = once(socket, 'listening');
	socket.bind({fd: descriptor(fd)});
	await listening;
	return socket;
}
