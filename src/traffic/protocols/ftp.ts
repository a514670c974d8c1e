/** A transfer as with FTP: commands and replies, lines of text, on a control connection; the file on one of its own. */
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {addAbortSignal} from 'node:stream';
import {PORTS} from './ports.js';
import type {Protocol} from './protocol.js';

/** Bytes of the file. */
const SIZE = 300_000;
/** Longest line of a control connection. */
const LONGEST = 1000;

async function* lines(control: Socket): AsyncGenerator<string, void> {
	let rest = '';
	for await (const bytes of control) {
		rest += bytes;
		for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
			yield rest.slice(0, end).trimEnd();
			rest = rest.slice(end + 1);
		}
		if (rest.length > LONGEST) throw new Error('a line that does not end');
	}
}

/** The server's side of a control connection, until the client quits. */
async function attend(control: Socket): Promise<void> {
	const reply = (line: string) => control.write(`${line}\r\n`);
	const passive = createServer();
	let data: Promise<Socket> | undefined;
	try {
		reply('220 pkttop demo');
		for await (const line of lines(control)) {
			const [command] = line.split(' ');
			if (command === 'PASV') {
				passive.listen(0, control.localAddress);
				await once(passive, 'listening');
				// The client may connect before it says what for.
				data = connection(passive, control);
				data.catch(() => {});
				reply(`227 port ${(passive.address() as AddressInfo).port}`);
			} else if (command === 'RETR' && data !== undefined) {
				const socket = await data;
				data = undefined;
				reply('150 it comes');
				socket.end(Buffer.alloc(SIZE, 'pkttop\n'));
				await once(socket, 'close');
				reply('226 it is there');
			} else if (command === 'QUIT') {
				reply('221 bye');
				control.end();
			} else reply('500 what?');
		}
	} finally {
		passive.close();
		control.destroy();
	}
}

/** The data connection. Throws when the control connection ends first. */
async function connection(passive: ReturnType<typeof createServer>, control: Socket): Promise<Socket> {
	const ended = new AbortController();
	const abort = () => ended.abort();
	control.once('close', abort);
	try {
		const [data] = (await once(passive, 'connection', {signal: ended.signal})) as [Socket];
		data.on('error', () => data.destroy());
		data.resume();
		return data;
	} finally {
		control.off('close', abort);
		passive.close();
	}
}

export const ftp = {
	what: `a transfer of ${SIZE / 1000} kB as with FTP, with a control and a data connection`,
	port: PORTS.ftp,

	async serve(address: string, port: number) {
		// A client that gave up says so itself.
		const server = createServer((control) => void attend(control).catch(() => {}));
		server.listen(port, address);
		await once(server, 'listening');
		return (server.address() as AddressInfo).port;
	},

	async exchange(address, port, signal) {
		const control = addAbortSignal(signal, connect(port, address));
		const replies = lines(control);
		const reply = async (code: string): Promise<string> => {
			const {value} = await replies.next();
			if (!value?.startsWith(code)) throw new Error(`the reply is '${value ?? ''}', not ${code}`);
			return value;
		};
		try {
			await reply('220');
			control.write('PASV\r\n');
			const [at] = /\d+$/.exec(await reply('227')) ?? [];
			const data = addAbortSignal(signal, connect(Number(at), address));
			control.write('RETR file\r\n');
			let received = 0;
			for await (const bytes of data as AsyncIterable<Buffer>) received += bytes.length;
			if (received !== SIZE) throw new Error(`the file has ${received} of ${SIZE} bytes`);
			await reply('150');
			await reply('226');
			control.write('QUIT\r\n');
			await reply('221');
			await replies.next();
		} finally {
			control.destroy();
		}
	},
} satisfies Protocol;
