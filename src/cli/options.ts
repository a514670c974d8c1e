/** What a command line asks for. */
import type {Points} from '../catalogue/selection.js';
import {BACKENDS, type Backend} from '../collector/native.js';
import type {Exchange} from '../traffic/scenarios.js';
import {type Command, commandLine, type Format} from './commands.js';
import {wrong} from './exit.js';
import {bytes, demoTraffic, deviceName, type Keep, keep, oneOf, points, seconds, whole} from './option-values.js';

/** Defaults of the long form only: `--json` of `pkttop doctor` is the same switch. */
export interface Options {
	readonly command: Command;
	/** What -g chose, or the default set. */
	readonly points: Points;
	/** The patterns of -f. */
	readonly functions: readonly string[];
	/** The list of -g, '' for none. */
	readonly group: string;
	/** What follows the command's name, where it is no filter. */
	readonly words: readonly string[];
	readonly filter: string;
	readonly interface: string | undefined;
	readonly netns: string | undefined;
	readonly pid: number | undefined;
	readonly backend: Backend;
	/** Only what belongs to such packets is of interest; undefined: everything. */
	readonly keep: Keep | undefined;
	/** Whether a packet that passed the filter passes it from then on; undefined: where that costs nothing. */
	readonly follow: boolean | undefined;
	/** Packets are to have numbers. */
	readonly identity: boolean;
	/** What tracing costs is taken off durations and self times. */
	readonly correct: boolean;
	readonly format: Format;
	/** With report: stacks instead of the table. */
	readonly folded: boolean;
	/** Lines were asked for, terminal or not. */
	readonly lines: boolean;
	/** Infinity: no limit. */
	readonly count: number;
	/** Seconds; Infinity: no limit. */
	readonly duration: number;
	readonly write: string | undefined;
	readonly read: string | undefined;
	/** A capture to be compared with the session that is read. */
	readonly match: string | undefined;
	readonly output: string | undefined;
	/** Where the packets go. */
	readonly pcap: string | undefined;
	readonly force: boolean;
	/** What the traffic while tracing consists of; undefined: there is none. */
	readonly demo: readonly Exchange[] | undefined;
	/** Bytes. */
	readonly buffer: number;
	/** Undefined: microseconds, or as they are in the log that is read. */
	readonly time: 'us' | 'ns' | undefined;
	readonly color: 'auto' | 'always' | 'never';
	readonly ascii: boolean;
	/** Frames a second. */
	readonly fps: number;
	/** 0: all of a recording at once. */
	readonly speed: number;
	readonly help: boolean;
	readonly version: boolean;
}

const TIMES = ['us', 'ns'] as const;
const COLORS = ['auto', 'always', 'never'] as const;

/** Reads the command line. Throws ExitError (2) with one line about what is wrong. */
export function parseOptions(argv: readonly string[]): Options {
	const {values, positionals, command, words, format} = commandLine(argv);
	const text = (name: string): string | undefined => values[name] as string | undefined;
	const given = (name: string): boolean => values[name] === true;
	if (given('plain') && given('json')) throw wrong('--plain and --json exclude each other');
	if (text('read') !== undefined) {
		for (const name of [
			'write',
			'pcap',
			'demo',
			'backend',
			'duration',
			'group',
			'function',
			'no-identity',
			'correct',
		] as const) {
			if (values[name] !== undefined) throw wrong(`--${name} makes no sense with a recorded session (-r)`);
		}
	}
	if (values.match !== undefined) {
		if (values.read === undefined) throw wrong('--match belongs to a recorded session (-r)');
		for (const name of ['count', 'speed', 'keep'] as const) {
			if (values[name] !== undefined) throw wrong(`--${name} and --match exclude each other`);
		}
	}
	if (given('follow') && given('no-follow')) throw wrong('--follow and --no-follow exclude each other');
	for (const name of ['keep', 'follow'] as const) {
		if (values[name] !== undefined && given('no-identity'))
			throw wrong(`--${name} and --no-identity exclude each other: packets are told apart by their numbers`);
	}
	if (values.pcap === '-') throw wrong('--pcap wants a file: packets are written at the end');
	if (values.pcap !== undefined && values.pid !== undefined)
		throw wrong('--pcap and --pid exclude each other: a captured packet does not tell whose it is');
	if (values.speed !== undefined && values.read === undefined)
		throw wrong('--speed belongs to a recorded session (-r)');
	return {
		command,
		points: points(text('group')),
		functions: (values.function ?? []) as string[],
		group: text('group') ?? '',
		words,
		filter: positionals.join(' '),
		interface: deviceName(text('interface')),
		netns: text('netns'),
		pid: text('pid') === undefined ? undefined : whole('-p', text('pid') as string, 1, 2 ** 22),
		keep: keep(text('keep')),
		follow: given('follow') ? true : given('no-follow') ? false : undefined,
		identity: !given('no-identity'),
		correct: given('correct'),
		backend: oneOf('--backend', text('backend') ?? 'auto', BACKENDS),
		format: format ?? (given('json') ? 'json' : 'plain'),
		folded: command === 'report' && values.to !== undefined,
		lines: given('json') || given('plain'),
		count: text('count') === undefined ? Number.POSITIVE_INFINITY : whole('-c', text('count') as string, 1, 1e15),
		duration: text('duration') === undefined ? Number.POSITIVE_INFINITY : seconds('-d', text('duration') as string),
		write: text('write'),
		read: text('read'),
		match: text('match'),
		output: text('output'),
		pcap: text('pcap'),
		force: given('force'),
		demo: demoTraffic(text('demo')),
		buffer: bytes('--buffer', text('buffer') ?? '256M'),
		time: text('time') === undefined ? undefined : oneOf('--time', text('time') as string, TIMES),
		color: oneOf('--color', text('color') ?? 'auto', COLORS),
		ascii: given('ascii'),
		fps: whole('--fps', text('fps') ?? '15', 1, 60),
		speed: text('speed') === undefined ? 0 : seconds('--speed', text('speed') as string),
		help: given('help'),
		version: given('version'),
	};
}
