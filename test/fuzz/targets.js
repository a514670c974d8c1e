/**
 * What is fuzzed. A target makes an input out of chance and feeds it; whatever is thrown is a finding. `feed` may return
 * what the input led to: inputs with a new outcome are changed further.
 */
import {readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {main} from '../../dist/cli/main.js';
import {compileFilter} from '../../dist/trace/filter/compile.js';
import {FilterError} from '../../dist/trace/filter/error.js';
import {parseFilter} from '../../dist/trace/filter/parse.js';
import {PACKET_KEYWORDS, parsePacketFilter} from '../../dist/trace/packets/packet-filter.js';
import {keyTarget} from './keys.js';
import {mutate} from './random.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const session = readFileSync(new URL('demo.ptt', FIXTURES));
const folder = process.env.PKTTOP_FUZZ_FOLDER ?? tmpdir();
const file = (name) => join(folder, name);

/** Runs pkttop on files. What it says on stderr, without its numbers, is the outcome. */
async function pkttop(...args) {
	const said = [];
	const {write} = process.stderr;
	process.stderr.write = (text) => {
		said.push(String(text));
		return true;
	};
	try {
		const code = await main(args);
		if (code !== 0 && said.length === 0) throw new Error(`${args.join(' ')}: exit code ${code} without a word`);
		return `${code} ${said.join('')}`.replaceAll(/\d+/g, 'N').slice(0, 200);
	} finally {
		process.stderr.write = write;
	}
}

/** Each of the commands in turn reads the file. */
function reader(name, seeds, commands, limit = 1 << 18) {
	const path = file(name);
	const lines = commands(path);
	return {
		seeds,
		make: (random, corpus) => mutate(random, random.pick(corpus), random.pick(corpus), limit),
		async feed(input, turn) {
			writeFileSync(path, input);
			return await pkttop(...lines[turn % lines.length]);
		},
	};
}

const RECORDINGS = (path) => [
	['-r', path, '--json'],
	['-r', path, '--plain', 'udp or port 53'],
	['export', path, '--to', 'packet.log'],
	['report', path, '--json'],
	['packet', '1', '-r', path],
	['export', path, '--to', 'pcapng', '--force', '-o', file('out.pcapng')],
];

/** A text of the words of a grammar, now and then with other characters. */
const sentence = (random, words) =>
	Array.from({length: 1 + random.below(random.once(50) ? 2000 : 12)}, () =>
		random.once(12) ? String.fromCodePoint(1 + random.below(0x2ff)) : random.pick(words),
	).join(random.once(6) ? '' : ' ');

const FILTER_WORDS =
	'tcp udp icmp icmp6 arp ip ip6 host net port portrange src dst and or not ( ) ! && || 127.0.0.1 ::1 10.0.0.0/8 fe80::/10 1.2.3 80 53-99 65536 -1 /33 1e3 :: ::ffff:1.2.3.4 [ ] "'.split(
		' ',
	);
const PACKET_WORDS = [
	...PACKET_KEYWORDS,
	...'( ) and or not < <= > >= = 5ms 1us 3 2s 0.5ms 99999999999s -1ns'.split(' '),
];

function grammar(words, parse) {
	return {
		seeds: [],
		make: (random) => Buffer.from(sentence(random, words)),
		feed(input) {
			try {
				parse(input.toString());
				return 'accepted';
			} catch (error) {
				if (!(error instanceof FilterError)) throw error;
				if (!(error.column >= 1 && error.column <= input.toString().length + 1))
					throw new Error(`column ${error.column} of ${input.toString().length}`);
				return error.message.replaceAll(/'[^']*'/g, 'W').replaceAll(/\d+/g, 'N');
			}
		},
	};
}

/** A log of the session that is a seed itself, made once. */
async function made(name, ...args) {
	const code = await main([...args, '--force', '-o', file(name)]);
	if (code !== 0) throw new Error(`no seed: ${args.join(' ')}`);
	return readFileSync(file(name));
}

const head = (bytes) => bytes.subarray(0, 1 << 14);

/** By name: makes a target; `demo` is a file with the recorded session. */
const MAKERS = {
	filter: () => grammar(FILTER_WORDS, (text) => compileFilter(parseFilter(text))),
	'packet-filter': () => grammar(PACKET_WORDS, parsePacketFilter),
	async 'clean-log'(demo) {
		const seed = head(await made('seed.log', '-r', demo, '--plain'));
		return reader('fuzz.log', [seed], (path) => [...RECORDINGS(path), ['format', path]]);
	},
	async 'packet-log'(demo) {
		const seed = head(await made('seed.packet.log', 'export', demo, '--to', 'packet.log'));
		return reader('fuzz.packet.log', [seed], (path) => [['format', path], ...RECORDINGS(path)]);
	},
	session: () => reader('fuzz.ptt', [session, head(session)], RECORDINGS),
	'session-json': () => jsonTarget(),
	async pcap(demo) {
		const seed = head(await made('seed.pcapng', 'export', demo, '--to', 'pcapng'));
		return reader('fuzz.pcapng', [seed, classicPcap()], (path) => [
			['-r', demo, '--match', path],
			['-r', demo, '--match', path, '--json'],
		]);
	},
	keys: (demo) => keyTarget(demo),
};

export const TARGETS = Object.keys(MAKERS);

export async function target(name) {
	const demo = file('seed.ptt');
	writeFileSync(demo, session);
	return await MAKERS[name](demo);
}

/** Of a session file: what is before its chunks, and the type and the length before each. */
const HEAD = 16;
const CHUNK_HEAD = 8;

/** The JSON inside a session: its values change, the chunks around it are whole. */
function jsonTarget() {
	const chunks = [];
	for (let at = HEAD; at < session.length; at += CHUNK_HEAD + session.readUInt32LE(at + 4)) {
		const bytes = session.subarray(at + CHUNK_HEAD, at + CHUNK_HEAD + session.readUInt32LE(at + 4));
		chunks.push({type: session.readUInt32LE(at), bytes, json: bytes.toString('latin1', 0, 2) === '{"'});
	}
	const written = ({type, bytes}) => {
		const head = Buffer.alloc(CHUNK_HEAD);
		head.writeUInt32LE(type, 0);
		head.writeUInt32LE(bytes.length, 4);
		return Buffer.concat([head, bytes]);
	};
	const texts = chunks.filter(({json}) => json);
	return {
		...reader('fuzz-json.ptt', [session], RECORDINGS),
		make(random) {
			const chosen = random.pick(texts);
			const value = JSON.parse(chosen.bytes.toString());
			for (let left = 1 + random.below(3); left > 0; left--) disturb(random, value);
			const text = JSON.stringify(value);
			const bytes = Buffer.from(text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8));
			const all = chunks.map((chunk) =>
				written(chunk === chosen && bytes.length % 8 === 0 ? {...chunk, bytes} : chunk),
			);
			return Buffer.concat([session.subarray(0, HEAD), ...all]);
		},
	};
}

const VALUES = [null, true, 0, -1, 1e308, 0.5, '', 'x', '-1', '\x1b[2J', [], {}, [[]], {a: 1}, '99999999999999999999'];

/** Changes one value somewhere in it. */
function disturb(random, value) {
	const keys = Object.keys(value);
	if (keys.length === 0) return;
	const key = random.pick(keys);
	const inner = value[key];
	if (inner !== null && typeof inner === 'object' && !random.once(4)) disturb(random, inner);
	else if (random.once(6)) delete value[key];
	else value[key] = structuredClone(random.pick(VALUES));
}

/** A capture in tcpdump's older format with two datagrams. */
function classicPcap() {
	const head = Buffer.alloc(24);
	head.writeUInt32LE(0xa1b2c3d4, 0);
	head.writeUInt16LE(2, 4);
	head.writeUInt16LE(4, 6);
	head.writeUInt32LE(262144, 16);
	head.writeUInt32LE(1, 20);
	const frame = Buffer.from(
		'ffffffffffff0000000000000800450000210000400040113cca7f0000017f000001754b0035000d0000' + '68656c6c6f',
		'hex',
	);
	const packet = Buffer.alloc(16);
	packet.writeUInt32LE(frame.length, 8);
	packet.writeUInt32LE(frame.length, 12);
	return Buffer.concat([head, packet, frame, packet, frame]);
}
