/** An ICMP echo request and its reply, from a ping socket: no root, and the kernel writes identifier and checksum. */
import {once} from 'node:events';
import {isIPv6} from 'node:net';
import {addon} from '../addon.js';
import {adopt} from './adopt.js';
import type {Protocol} from './protocol.js';
import {send} from './udp.js';

const HEADER = 8;
const PAYLOAD = Buffer.alloc(56, 'pkttop demo: ping ');
/** Types of requests and replies. */
const TYPES = {ipv4: [8, 0], ipv6: [128, 129]} as const;

let sequence = 0;

export const ping: Protocol = {
	what: 'an ICMP echo request and its reply',
	port: 0,

	async exchange(address, _port, signal) {
		const [request, reply] = TYPES[isIPv6(address) ? 'ipv6' : 'ipv4'];
		const header = Buffer.alloc(HEADER);
		header.writeUInt8(request, 0);
		header.writeUInt16BE(++sequence & 0xffff, 6);
		const socket = await adopt(addon().openPing(isIPv6(address)), address);
		try {
			const answer = once(socket, 'message', {signal}) as Promise<[Buffer]>;
			// Node wants a port, ICMP has none.
			const [[bytes]] = await Promise.all([answer, send(socket, [header, PAYLOAD], 1, address)]);
			if (bytes[0] !== reply || !bytes.subarray(HEADER).equals(PAYLOAD)) throw new Error('the reply differs');
		} finally {
			socket.close();
		}
	},
};
