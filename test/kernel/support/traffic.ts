/**
 * Traffic of the kernel tests, a program of its own so that it can run in a network namespace: traffic.js KIND ADDRESS
 * PORT COUNT. Bounded; says "done" when all has been exchanged and closed.
 */
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {type AddressInfo, connect, createServer} from 'node:net';

const [kind = '', address = '127.0.0.1', portText = '0', countText = '1'] = process.argv.slice(2);
const port = Number(portText);
const count = Number(countText);
const family = address.includes(':') ? 'udp6' : 'udp4';

async function udpServer(): Promise<{port: number; close(): void}> {
	const server = createSocket(family);
	server.on('message', (bytes, from) => server.send(bytes, from.port, from.address));
	server.bind(port, address);
	await once(server, 'listening');
	return {port: server.address().port, close: () => server.close()};
}

/** One datagram after the other, each echoed before the next. */
async function udpClient(to: number): Promise<void> {
	const client = createSocket(family);
	for (let i = 0; i < count; i++) {
		client.send(`datagram ${i}`, to, address);
		await once(client, 'message');
	}
	client.close();
}

async function tcpServer(): Promise<{port: number; close(): void}> {
	const server = createServer({allowHalfOpen: true}, (socket) => socket.pipe(socket));
	server.listen(port, address);
	await once(server, 'listening');
	return {port: (server.address() as AddressInfo).port, close: () => server.close()};
}

/** One connection after the other: 3000 bytes there and back, closed by the client first. */
async function tcpClient(to: number): Promise<void> {
	for (let i = 0; i < count; i++) {
		const socket = connect({port: to, host: address, allowHalfOpen: true});
		socket.end(Buffer.alloc(3000, 'x'));
		let received = 0;
		for await (const bytes of socket as AsyncIterable<Buffer>) received += bytes.length;
		if (received !== 3000) throw new Error(`${received} bytes came back`);
	}
}

const servers = {udp: udpServer, tcp: tcpServer};
const clients = {udp: udpClient, tcp: tcpClient};
const [action, protocol] = kind.split('-') as ['echo' | 'serve' | 'client', 'udp' | 'tcp'];

if (action === 'serve') {
	const server = await servers[protocol]();
	console.log('ready');
	process.stdin.resume();
	await once(process.stdin, 'end');
	server.close();
} else if (action === 'client') {
	await clients[protocol](port);
	console.log('done');
} else {
	const server = await servers[protocol]();
	await clients[protocol](server.port);
	server.close();
	console.log('done');
}
