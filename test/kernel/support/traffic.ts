/**
 * Traffic of the kernel tests, a program of its own so that it can run in a network namespace: traffic.js KIND ADDRESS
 * PORT COUNT. Bounded; says "done" when all has been exchanged and closed. `traffic.js commands` takes such lines from
 * stdin, one after the other: an emulated machine needs a second to start Node.js.
 */
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {type AddressInfo, connect, createServer} from 'node:net';
import {createInterface} from 'node:readline';

const MEGABYTE = 1 << 20;

interface Job {
	readonly address: string;
	readonly port: number;
	readonly count: number;
}

const familyOf = (address: string) => (address.includes(':') ? 'udp6' : 'udp4');

async function udpServer({address, port}: Job): Promise<{port: number; close(): void}> {
	const server = createSocket(familyOf(address));
	server.on('message', (bytes, from) => server.send(bytes, from.port, from.address));
	server.bind(port, address);
	await once(server, 'listening');
	return {port: server.address().port, close: () => server.close()};
}

/** One datagram after the other, each echoed before the next. */
async function udpClient({address, port, count}: Job): Promise<void> {
	const client = createSocket(familyOf(address));
	for (let i = 0; i < count; i++) {
		client.send(`datagram ${i}`, port, address);
		await once(client, 'message');
	}
	client.close();
}

async function tcpServer({address, port}: Job): Promise<{port: number; close(): void}> {
	const server = createServer({allowHalfOpen: true}, (socket) => socket.pipe(socket));
	server.listen(port, address);
	await once(server, 'listening');
	return {port: (server.address() as AddressInfo).port, close: () => server.close()};
}

/** Sends a megabyte to who asks, more than any window. */
async function bulkServer({address, port}: Job): Promise<{port: number; close(): void}> {
	const server = createServer((socket) => {
		socket.once('data', () => socket.write(Buffer.alloc(MEGABYTE, 'x')));
		socket.resume();
	});
	server.listen(port, address);
	await once(server, 'listening');
	return {port: (server.address() as AddressInfo).port, close: () => server.close()};
}

/** Asks for it, reads it, and closes first. */
async function bulkClient({address, port, count}: Job): Promise<void> {
	for (let i = 0; i < count; i++) {
		const socket = connect({port, host: address});
		socket.write('please');
		let received = 0;
		for await (const bytes of socket as AsyncIterable<Buffer>) {
			received += bytes.length;
			// Leaving the loop closes the socket.
			if (received === MEGABYTE) break;
		}
		if (received !== MEGABYTE) throw new Error(`${received} bytes came`);
	}
}

/** One connection after the other: 3000 bytes there and back, closed by the client first. */
async function tcpClient({address, port, count}: Job): Promise<void> {
	for (let i = 0; i < count; i++) {
		const socket = connect({port, host: address, allowHalfOpen: true});
		socket.end(Buffer.alloc(3000, 'x'));
		let received = 0;
		for await (const bytes of socket as AsyncIterable<Buffer>) received += bytes.length;
		if (received !== 3000) throw new Error(`${received} bytes came back`);
	}
}

/** One datagram after the other to where nobody may listen, none awaited. */
async function send({address, port, count}: Job, kind: string): Promise<void> {
	const client = createSocket(familyOf(address));
	client.bind();
	await once(client, 'listening');
	for (let i = 0; i < count; i++) {
		const bytes = (SENDS[kind] as NonNullable<(typeof SENDS)[string]>)(client, i);
		const sent = new Promise((resolve) => client.send(bytes, port, address, resolve));
		await sent;
	}
	client.close();
}

const SENDS: Readonly<Record<string, (client: ReturnType<typeof createSocket>, i: number) => Uint8Array>> = {
	'send-udp': (_, i) => Buffer.from(`datagram ${i}`),
	/** More than two frames of Ethernet take. */
	'send-large': () => Buffer.alloc(3000, 'x'),
	/** One frame each. */
	'send-frames': () => Buffer.alloc(1000, 'x'),
	/** A router may not send them on. */
	'send-short': (client) => {
		client.setTTL(1);
		return Buffer.from('short');
	},
};

/** Datagrams of a flow have these lengths, each another one: so a datagram is known by its port and its length. */
const FLOOD = {least: 20, of: 50};

/** `count` flows to the port, FLOOD.of datagrams each, as fast as it goes; all flows take turns. */
async function floodFlows({address, port, count}: Job): Promise<void> {
	const server = createSocket({type: familyOf(address), recvBufferSize: 1 << 20});
	let received = 0;
	server.on('message', () => received++);
	server.bind(port, address);
	await once(server, 'listening');
	const clients = Array.from({length: count}, () => createSocket(familyOf(address)));
	for (let i = 0; i < FLOOD.of; i++) {
		const bytes = Buffer.alloc(FLOOD.least + i, 'x');
		const sent = clients.map((client) => new Promise((resolve) => client.send(bytes, port, address, resolve)));
		await Promise.all(sent);
	}
	for (let before = -1; before !== received; await new Promise((resolve) => setTimeout(resolve, 100)))
		before = received;
	for (const socket of [server, ...clients]) socket.close();
}

const sleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Binds a socket that holds few datagrams and reads none for `count` ms; then all, and closes. */
async function holdUdp({address, port, count}: Job): Promise<void> {
	const server = createSocket({type: familyOf(address), recvBufferSize: 4096});
	server.bind(port, address);
	await once(server, 'listening');
	let last = Date.now();
	server.on('message', () => {
		last = Date.now();
	});
	setTimeout(() => sleep(count), 0);
	const closing = setInterval(() => {
		if (Date.now() - last < count + 3000) return;
		clearInterval(closing);
		server.close();
	}, 20);
}

/** Listens, and accepts nothing for `count` ms; then one connection, which it echoes. */
async function holdTcp({address, port, count}: Job): Promise<void> {
	const server = createServer({allowHalfOpen: true}, (socket) => {
		socket.pipe(socket);
		server.close();
	});
	server.listen(port, address);
	await once(server, 'listening');
	setTimeout(() => sleep(count), 0);
}

/** `count` datagrams every few milliseconds until stdin ends, for ten minutes at most. */
async function flood({address, port, count}: Job): Promise<void> {
	const server = createSocket(familyOf(address));
	server.on('message', () => {});
	server.bind(port, address);
	await once(server, 'listening');
	const to = server.address().port;
	const client = createSocket(familyOf(address));
	const burst = () => {
		for (let i = 0; i < count; i++) client.send('flood', to, address);
	};
	const sending = setInterval(burst, 20);
	console.log('ready');
	process.stdin.resume();
	const limit = setTimeout(() => process.stdin.destroy(), 600_000);
	await once(process.stdin, 'close');
	clearTimeout(limit);
	clearInterval(sending);
	client.close();
	server.close();
}

const servers = {udp: udpServer, tcp: tcpServer, bulk: bulkServer};
const clients = {udp: udpClient, tcp: tcpClient, bulk: bulkClient};

async function perform([kind = '', address = '127.0.0.1', port = '0', count = '1']: readonly string[]): Promise<void> {
	const job = {address, port: Number(port), count: Number(count)};
	const [action, protocol] = kind.split('-') as [
		'echo' | 'serve' | 'listen' | 'client' | 'send' | 'flood',
		'udp' | 'tcp' | 'bulk',
	];
	if (kind === 'hold-udp') return await holdUdp(job);
	if (kind === 'flows') return await floodFlows(job);
	if (kind === 'hold-tcp') return await holdTcp(job);
	if (action === 'send') return await send(job, kind);
	if (action === 'flood') return await flood(job);
	// Until this program ends.
	if (action === 'listen') return void (await servers[protocol](job));
	if (action === 'client') return await clients[protocol](job);
	const server = await servers[protocol](job);
	if (action === 'serve') {
		console.log('ready');
		process.stdin.resume();
		await once(process.stdin, 'end');
	} else {
		await clients[protocol]({...job, port: server.port});
	}
	server.close();
}

const [kind, ...rest] = process.argv.slice(2);
if (kind === 'commands') {
	console.log('ready');
	for await (const line of createInterface({input: process.stdin})) {
		await perform(line.split(' '));
		console.log('done');
	}
	process.exit();
} else {
	await perform([kind ?? '', ...rest]);
	if (!kind?.startsWith('serve')) console.log('done');
}
