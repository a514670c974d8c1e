/** `pkttop demo udp-server` and `udp-client`: the two UDP programs of the thesis. Neither needs root. */
import {lookup} from 'node:dns/promises';
import {once} from 'node:events';
import {isIP} from 'node:net';
import {createInterface} from 'node:readline';
import {sanitize} from '../trace/text.js';
import {PORTS} from '../traffic/protocols/ports.js';
import {echoServer, open, send} from '../traffic/protocols/udp.js';
import {cannot, Exit, say, signalCode, wrong} from './exit.js';
import {errorCode, Output, OutputClosed} from './output.js';

/** ms that an echo may take. */
const PATIENCE = 2000;

/** Sends every datagram back until a signal comes. Without an address: at all of this machine's. */
export async function udpServer([address, ...rest]: readonly string[]): Promise<number> {
	if (rest.length > 0 || (address !== undefined && isIP(address) === 0)) {
		throw wrong('udp-server takes the IP address to listen at: pkttop demo udp-server [ADDR]');
	}
	const ended = new Promise<number>((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.on(signal, () => resolve(signalCode(signal)));
		}
	});
	const server = await (address === undefined ? everywhere() : listen(address));
	const {address: at} = server.address();
	say(`echoes what comes to ${at} port ${PORTS.echo}`);
	try {
		return await ended;
	} finally {
		server.close();
	}
}

async function listen(address: string) {
	try {
		return await echoServer(address, PORTS.echo);
	} catch (error) {
		const words: Record<string, string> = {
			EADDRINUSE: 'somebody else has it',
			EADDRNOTAVAIL: 'it is not an address of this machine',
		};
		const why = words[errorCode(error)] ?? (error instanceof Error ? error.message : String(error));
		throw cannot(`cannot listen at ${address} port ${PORTS.echo}: ${why}`);
	}
}

/** Over IPv4 and IPv6, where IPv6 is not off. */
async function everywhere() {
	try {
		return await echoServer('::', PORTS.echo);
	} catch (error) {
		if (errorCode(error) === 'EADDRINUSE') throw cannot(`cannot listen at port ${PORTS.echo}: somebody else has it`);
		return await listen('0.0.0.0');
	}
}

/** Sends each line of stdin and prints what comes back. Exit code 0 when every line had an answer. */
export async function udpClient([host, ...rest]: readonly string[]): Promise<number> {
	if (host === undefined || host === '' || rest.length > 0) {
		throw wrong('udp-client wants the host of the server: pkttop demo udp-client HOST');
	}
	const {address} = await lookup(host).catch(() => {
		throw cannot(`no such host: ${sanitize(host)}`);
	});
	const socket = open(address);
	const output = Output.open(undefined, false);
	let silent = 0;
	try {
		socket.connect(PORTS.echo, address);
		await once(socket, 'connect');
		for await (const line of createInterface({input: process.stdin})) {
			const answer = once(socket, 'message', {signal: AbortSignal.timeout(PATIENCE)}) as Promise<[Buffer]>;
			try {
				const [[bytes]] = await Promise.all([answer, send(socket, Buffer.from(line))]);
				output.text(`${sanitize(bytes.toString())}\n`);
				output.flush();
			} catch (error) {
				if (errorCode(error) !== 'ABORT_ERR') throw error;
				silent++;
				say(`no answer from ${sanitize(host)} within ${PATIENCE / 1000} s`);
			}
		}
	} catch (error) {
		if (error instanceof OutputClosed) return Exit.done;
		throw cannot(`${sanitize(host)} port ${PORTS.echo}: ${reason(error)}`);
	} finally {
		socket.close();
		process.stdin.destroy();
	}
	return silent === 0 ? Exit.done : Exit.cannot;
}

function reason(error: unknown): string {
	const words: Record<string, string> = {
		ECONNREFUSED: 'nobody listens there (pkttop demo udp-server does)',
		EMSGSIZE: 'a line is too long for a datagram',
		ENETUNREACH: 'no way leads there',
		EHOSTUNREACH: 'it does not answer',
	};
	return words[errorCode(error)] ?? (error instanceof Error ? error.message : String(error));
}
