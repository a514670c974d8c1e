import {createServer} from 'node:net';
import {networkInterfaces} from 'node:os';
import {expect, test, vi} from 'vitest';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {counters} from '../../src/traffic/counters.js';
import {described} from '../../src/traffic/described.js';
import {PROTOCOLS} from '../../src/traffic/protocols/protocols.js';
import {Rounds} from '../../src/traffic/rounds.js';
import {
	type Exchange,
	exchangesOf,
	filterOf,
	hostsOf,
	SCENARIO_NAMES,
	SCENARIOS,
	SHORT_ROUND,
} from '../../src/traffic/scenarios.js';
import {settles} from '../../src/traffic/settles.js';
import {addressOn, HOSTS, LINKS, ROUTES} from '../../src/traffic/topology.js';

// Those that need neither a router nor rights.
const names = ['udp', 'tcp', 'ftp'] as const;

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
	const exchanges = (['tcp', 'udp'] as const).map((protocol) => ({
		protocol,
		from: 'client' as const,
		to: 'server' as const,
		address: '192.0.2.1',
	}));
	const running = rounds.run(exchanges, 1e6, (line) => lines.push(line));
	await vi.waitUntil(() => fine.mock.calls.length === 2, {timeout: 5000});
	rounds.stop();
	expect(await running).toBe(2);
	expect(failing).toHaveBeenCalledTimes(2);
	expect(lines).toEqual([expect.stringMatching(/^client 10.30.91.1 to server 192.0.2.1 port 30091: .*: refused$/)]);
	expect(await new Rounds().run(exchanges.slice(1), 1, () => {})).toBe(1);
	vi.restoreAllMocks();
});

const every: readonly Exchange[] = [...SHORT_ROUND, ...(exchangesOf('all') ?? [])];

test('every exchange reaches an address of the host that answers, by the way that is said', () => {
	const ownOf = (host: string) =>
		LINKS.flatMap(({ends}) => ends.filter((end) => end.host === host)).flatMap(({addresses}) =>
			addresses.map((text) => text.split('/')[0]),
		);
	for (const exchange of every) {
		const {from, via, to, address} = exchange;
		if (from === to) expect(['127.0.0.1', '::1']).toContain(address);
		else expect(ownOf(to), described(exchange)).toContain(address);
		const ipv4 = !address.includes(':');
		// Straight to a neighbour's address, or by a route to a network that is not a neighbour's.
		if (via === undefined && from !== to) expect(addressOn(to, from, ipv4)).toBe(address);
		if (via !== undefined) {
			expect(addressOn(to, via, ipv4)).toBe(address);
			const prefix = address.replace(/[.:][^.:]*$/, '');
			const route = ROUTES.find(({host, network}) => host === from && network.startsWith(prefix));
			expect(route?.gateway).toBe(addressOn(via, from, ipv4));
		}
		expect(ownOf(from).concat('127.0.0.1')).toContain(described(exchange).split(' ')[1]);
	}
	// Names of threads and of interfaces have at most 15 bytes.
	for (const name of HOSTS) expect(`demo-${name}`.length).toBeLessThan(16);
	for (const {link} of LINKS.flatMap(({ends}) => ends)) expect(link.length).toBeLessThan(16);
});

test('a scenario has a name and exchanges, and all is all of them', () => {
	expect(SCENARIO_NAMES).toEqual(['tcp', 'udp', 'icmp', 'forward', 'drop', 'fragment', 'loss', 'all']);
	for (const {name, exchanges} of SCENARIOS) {
		expect(exchangesOf(name)).toEqual(exchanges);
		expect(exchanges.length).toBeGreaterThan(0);
	}
	expect(exchangesOf('all')).toEqual(SCENARIOS.flatMap(({exchanges}) => exchanges));
	expect(exchangesOf('')).toBeUndefined();
	expect(exchangesOf('constructor')).toBeUndefined();
	// Two processes, not three, while tracing.
	expect([...hostsOf(SHORT_ROUND)]).toEqual(['client', 'server']);
	expect(hostsOf(exchangesOf('drop') ?? []).size).toBe(3);
});

test('an exchange is described by who, from where, to where, over whom, and what', () => {
	const lines = every.map(described);
	expect(lines).toContain('client 10.30.91.1 to server 10.30.91.2 port 30091: a datagram and its echo');
	expect(lines).toContain('client fd30:92::1 to server fd30:93::2 port 30091 over the router: a datagram and its echo');
	expect(lines).toContain('client 127.0.0.1 to client 127.0.0.1 port 30091: a datagram and its echo');
	expect(lines).toContain('client 10.30.91.1 to server 10.30.91.2: an ICMP echo request and its reply');
});

test('the filter that is to be run beside it is one', () => {
	for (const name of SCENARIO_NAMES) expect(() => parseFilter(filterOf(exchangesOf(name) ?? []))).not.toThrow();
});

test("the kernel's counters are read by group and name", () => {
	const found = counters('/proc/self/net');
	for (const name of ['IpInReceives', 'IcmpInTimeExcds', 'TcpRetransSegs', 'TcpExtTCPTimeouts', 'UdpNoPorts']) {
		expect(found.get(name), name).toBeGreaterThanOrEqual(0);
	}
	expect([...found.values()].every(Number.isFinite)).toBe(true);
});

test('settles() tells an outcome, good or bad, from none', async () => {
	expect(await settles(Promise.resolve(), 5000)).toBe(true);
	expect(await settles(Promise.reject(new Error()), 5000)).toBe(true);
	expect(await settles(new Promise(() => {}), 1)).toBe(false);
});
