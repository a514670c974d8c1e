import {createServer} from 'node:net';
import {networkInterfaces} from 'node:os';
import {expect, test, vi} from 'vitest';
import {PROTOCOLS, type ProtocolName} from '../../src/traffic/protocols.js';
import {Rounds} from '../../src/traffic/rounds.js';
import {settles} from '../../src/traffic/settles.js';
import {HOSTS, LINKS, SCENARIOS} from '../../src/traffic/topology.js';

const names = Object.keys(PROTOCOLS) as ProtocolName[];

const loopback = networkInterfaces().lo ?? [];
for (const address of ['127.0.0.1', '::1']) {
	const here = loopback.some((entry) => entry.address === address);
	test.skipIf(!here).each(names)(`%s is answered at ${address}, again and again`, async (name) => {
		const {serve, exchange} = PROTOCOLS[name];
		const port = await serve(address, 0);
		for (let i = 0; i < 3; i++) await exchange(address, port, AbortSignal.timeout(5000));
	});
}

test('an exchange that nobody answers ends with its signal', async () => {
	const silent = createServer().listen(0, '127.0.0.1');
	await vi.waitUntil(() => silent.listening);
	const address = silent.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	for (const name of names) {
		const ending = new AbortController();
		const exchange = PROTOCOLS[name].exchange('127.0.0.1', port, ending.signal);
		ending.abort();
		await expect(exchange, name).rejects.toThrow('aborted');
	}
	silent.close();
});

test('a TCP answer that is cut short is an error', async () => {
	const server = createServer((socket) => socket.end('short')).listen(0, '127.0.0.1');
	await vi.waitUntil(() => server.listening);
	const address = server.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	const exchange = PROTOCOLS.tcp.exchange('127.0.0.1', port, AbortSignal.timeout(5000));
	await expect(exchange).rejects.toThrow('the answer has 5 of 600 bytes');
	server.close();
});

test('rounds go on after a failure, say it once, and end with stop()', async () => {
	const failing = vi.spyOn(PROTOCOLS.tcp, 'exchange').mockRejectedValue(new Error('refused'));
	const fine = vi.spyOn(PROTOCOLS.udp, 'exchange').mockResolvedValue();
	const rounds = new Rounds();
	const lines: string[] = [];
	const scenarios = (['tcp', 'udp'] as const).map((protocol) => ({
		protocol,
		from: 'client' as const,
		to: 'server' as const,
		address: '192.0.2.1',
	}));
	const running = rounds.run(scenarios, 1e6, (line) => lines.push(line));
	await vi.waitUntil(() => fine.mock.calls.length === 2, {timeout: 5000});
	rounds.stop();
	expect(await running).toBe(2);
	expect(failing).toHaveBeenCalledTimes(2);
	expect(lines).toEqual(['tcp to 192.0.2.1: refused']);
	expect(await new Rounds().run(scenarios.slice(1), 1, () => {})).toBe(1);
	vi.restoreAllMocks();
});

test('every scenario reaches an address of the host that answers', () => {
	for (const {from, to, address} of SCENARIOS) {
		const ends = LINKS.flat().filter(({host}) => host === to);
		const own = ends.flatMap((end) => end.addresses.map((text) => text.split('/')[0]));
		expect(from === to ? [...own, '127.0.0.1', '::1'] : own).toContain(address);
	}
	// Names of threads and of interfaces have at most 15 bytes.
	for (const name of HOSTS) expect(`demo-${name}`.length).toBeLessThan(16);
	for (const {link} of LINKS.flat()) expect(link.length).toBeLessThan(16);
});

test('settles() tells an outcome, good or bad, from none', async () => {
	expect(await settles(Promise.resolve(), 5000)).toBe(true);
	expect(await settles(Promise.reject(new Error()), 5000)).toBe(true);
	expect(await settles(new Promise(() => {}), 1)).toBe(false);
});
