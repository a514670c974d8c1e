/** The table of options: parsing, help and (from the same rows) whatever else speaks of them. */
import {type ParseArgsConfig, parseArgs} from 'node:util';
import {DEFAULT_POINTS, groupNames, type Points, pointsOf, UnknownGroup} from '../catalogue/selection.js';
import {BACKENDS, type Backend} from '../collector/native.js';
import {sanitize} from '../trace/text.js';
import {type Exchange, SHORT_ROUND} from '../traffic/scenarios.js';
import {wrong} from './exit.js';
import {didYouMean} from './near.js';
import {scenario, scenarioRows} from './scenario.js';

interface Option {
	readonly name: string;
	readonly short?: string;
	/** What the value is called in the help; an option without one is a switch. */
	readonly value?: string;
	/** The value may be left out; with it: --name=VALUE. */
	readonly optional?: true;
	/** May be given more than once. */
	readonly many?: true;
	readonly help: string;
}

export const OPTIONS = [
	{name: 'group', short: 'g', value: 'LIST', help: 'groups or presets to trace, by comma; all (pkttop list has them)'},
	{
		name: 'function',
		short: 'f',
		value: 'PATTERN',
		many: true,
		help: 'functions of this kernel with a packet or socket argument, glob; without -g these alone',
	},
	{name: 'interface', short: 'i', value: 'NAME', help: 'only packets on this network device'},
	{name: 'netns', value: 'NAME|PID|PATH', help: 'only packets in this network namespace'},
	{name: 'pid', short: 'p', value: 'N', help: 'only what this process does'},
	{name: 'backend', value: 'NAME', help: BACKENDS.join(', ').replace('auto', 'auto (default)')},
	{name: 'plain', help: 'lines of the classic log instead of the screen (the default where stdout is no terminal)'},
	{name: 'json', help: 'one JSON object a line'},
	{name: 'count', short: 'c', value: 'N', help: 'stop after N blocks; a mark outside any block counts as one'},
	{name: 'duration', short: 'd', value: 'S', help: 'stop S seconds after tracing began'},
	{name: 'write', short: 'w', value: 'FILE', help: 'record the session'},
	{name: 'read', short: 'r', value: 'FILE', help: 'read a recorded session instead of tracing; needs no root'},
	{
		name: 'output',
		short: 'o',
		value: 'FILE',
		help: 'where the lines go instead of stdout, and what s on the screen saves (default ./clean_log)',
	},
	{name: 'force', help: 'overwrite files that exist'},
	{
		name: 'demo',
		value: 'NAME',
		optional: true,
		help: 'run demo traffic in network namespaces of its own while tracing; the names are below',
	},
	{name: 'buffer', value: 'SIZE', help: 'bytes kept in memory (default 256M); the oldest blocks go first'},
	{name: 'time', value: 'us|ns', help: 'digits of times in the classic log'},
	{name: 'color', value: 'WHEN', help: 'colours on the screen: auto (default), always, never'},
	{name: 'ascii', help: 'nothing beyond ASCII on the screen'},
	{name: 'fps', value: 'N', help: 'frames a second at most (default 15)'},
	{name: 'speed', value: 'N', help: 'with -r: play the session, N times as fast as it happened'},
	{name: 'to', value: 'FORMAT', help: 'with export: clean_log, json; with report: folded, stacks for flame graphs'},
	{name: 'help', short: 'h', help: 'this text'},
	{name: 'version', short: 'V', help: 'the version'},
] as const satisfies readonly Option[];

/** Defaults of the long form only: `--json` of `pkttop doctor` is the same switch. */
export interface Options {
	readonly command: 'trace' | 'doctor' | 'explain' | 'list' | 'report' | 'demo';
	/** What -g chose, or the default set. */
	readonly points: Points;
	/** The patterns of -f. */
	readonly functions: readonly string[];
	/** The list of -g, '' for none. */
	readonly group: string;
	/** What to explain. */
	readonly subject: string;
	/** What to demonstrate: the arguments of `pkttop demo`. */
	readonly words: readonly string[];
	readonly filter: string;
	readonly interface: string | undefined;
	readonly netns: string | undefined;
	readonly pid: number | undefined;
	readonly backend: Backend;
	readonly format: 'plain' | 'json';
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
	readonly output: string | undefined;
	readonly force: boolean;
	/** What the traffic while tracing consists of; undefined: there is none. */
	readonly demo: readonly Exchange[] | undefined;
	/** Bytes. */
	readonly buffer: number;
	readonly time: 'us' | 'ns';
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
const FORMATS = ['clean_log', 'json'] as const;
const SMALLEST_BUFFER = 1 << 20;

/** `export FILE --to FORMAT [FILTER]` is `-r FILE` as lines of that format. */
function exportArguments(argv: readonly string[]): readonly string[] {
	const {values, positionals} = parse(argv);
	const [, file, ...filter] = positionals;
	if (file === undefined) throw wrong('export wants a session file: pkttop export FILE --to clean_log');
	if (values.read !== undefined) throw wrong('export takes its file without -r');
	const format = oneOf('--to', String(values.to ?? ''), FORMATS);
	const rest = Object.entries(values).flatMap(([name, value]) =>
		name === 'to' ? [] : value === true ? [`--${name}`] : [`--${name}=${value}`],
	);
	return [...rest, `--read=${file}`, format === 'json' ? '--json' : '--plain', '--', ...filter];
}

/** `report FILE [FILTER]` reads its file as `-r FILE` does. */
function reportArguments(argv: readonly string[]): ReturnType<typeof parse> {
	const {values, positionals} = parse(argv);
	const [, file, ...filter] = positionals;
	if (file === undefined) throw wrong('report wants a session file: pkttop report FILE');
	if (values.read !== undefined) throw wrong('report takes its file without -r');
	for (const name of ['plain', 'count', 'speed', 'time'] as const) {
		if (values[name] !== undefined) throw wrong(`--${name} makes no sense with report`);
	}
	if (values.to !== undefined) oneOf('--to', String(values.to), ['folded'] as const);
	if (values.to !== undefined && values.json === true) throw wrong('--json and --to folded exclude each other');
	return {values: {...values, read: file}, positionals: filter};
}

/** The command line without what stands for other options. */
function commandArguments(argv: readonly string[]): ReturnType<typeof parse> & {readonly report: boolean} {
	const first = parse(argv);
	const command = first.values.help === true ? '' : first.positionals[0];
	if (command === 'report') return {...reportArguments(argv), report: true};
	return {...(command === 'export' ? parse(exportArguments(argv)) : first), report: false};
}

/** Reads the command line. Throws ExitError (2) with one line about what is wrong. */
export function parseOptions(argv: readonly string[]): Options {
	const {values, positionals, report} = commandArguments(argv);
	const text = (name: string): string | undefined => values[name] as string | undefined;
	const given = (name: string): boolean => values[name] === true;
	const doctor = !report && positionals[0] === 'doctor';
	if (doctor && positionals.length > 1) throw wrong(`doctor takes no argument, not '${positionals[1]}'`);
	const list = !report && positionals[0] === 'list';
	if (list && positionals.length > 1) throw wrong(`list takes no argument, not '${positionals[1]}'`);
	const explain = !report && positionals[0] === 'explain';
	if (explain && positionals.length !== 2) throw wrong('explain wants one name: pkttop explain tcp_v4_rcv');
	const demo = !report && positionals[0] === 'demo';
	const foreign = demo
		? Object.keys(values).find((name) => !['duration', 'help', 'version'].includes(name))
		: undefined;
	if (foreign !== undefined) throw wrong(`--${foreign} makes no sense with pkttop demo, which does not trace`);
	if (given('plain') && given('json')) throw wrong('--plain and --json exclude each other');
	if (text('read') !== undefined) {
		for (const name of ['write', 'demo', 'backend', 'duration', 'group', 'function'] as const) {
			if (values[name] !== undefined) throw wrong(`--${name} makes no sense with a recorded session (-r)`);
		}
	}
	if (values.to !== undefined && !report) throw wrong('--to belongs to pkttop export and report');
	if (values.speed !== undefined && values.read === undefined)
		throw wrong('--speed belongs to a recorded session (-r)');
	return {
		command: report ? 'report' : doctor ? 'doctor' : explain ? 'explain' : list ? 'list' : demo ? 'demo' : 'trace',
		points: points(text('group')),
		functions: (values.function ?? []) as string[],
		group: text('group') ?? '',
		subject: explain ? (positionals[1] ?? '') : '',
		words: demo ? positionals.slice(1) : [],
		filter: doctor || explain || list || demo ? '' : positionals.join(' '),
		interface: deviceName(text('interface')),
		netns: text('netns'),
		pid: text('pid') === undefined ? undefined : whole('-p', text('pid') as string, 1, 2 ** 22),
		backend: oneOf('--backend', text('backend') ?? 'auto', BACKENDS),
		format: given('json') ? 'json' : 'plain',
		folded: report && values.to !== undefined,
		lines: given('json') || given('plain'),
		count: text('count') === undefined ? Number.POSITIVE_INFINITY : whole('-c', text('count') as string, 1, 1e15),
		duration: text('duration') === undefined ? Number.POSITIVE_INFINITY : seconds('-d', text('duration') as string),
		write: text('write'),
		read: text('read'),
		output: text('output'),
		force: given('force'),
		demo: demoTraffic(text('demo')),
		buffer: bytes('--buffer', text('buffer') ?? '256M'),
		time: oneOf('--time', text('time') ?? 'us', TIMES),
		color: oneOf('--color', text('color') ?? 'auto', COLORS),
		ascii: given('ascii'),
		fps: whole('--fps', text('fps') ?? '15', 1, 60),
		speed: text('speed') === undefined ? 0 : seconds('--speed', text('speed') as string),
		help: given('help'),
		version: given('version'),
	};
}

/** Of `--demo`, `--demo=NAME` or neither. */
function demoTraffic(name: string | undefined): readonly Exchange[] | undefined {
	return name === undefined ? undefined : name === '' ? SHORT_ROUND : scenario(name);
}

function parse(argv: readonly string[]) {
	const options: NonNullable<ParseArgsConfig['options']> = {};
	for (const option of OPTIONS) {
		options[option.name] = {
			type: 'value' in option ? 'string' : 'boolean',
			...('short' in option ? {short: option.short} : {}),
			...('many' in option ? {multiple: true} : {}),
		};
	}
	// parseArgs has no optional values.
	const bare = OPTIONS.flatMap((option) => ('optional' in option ? [`--${option.name}`] : []));
	const args = argv.map((arg) => (bare.some((name) => name === arg) ? `${arg}=` : arg));
	try {
		return parseArgs({args, options, allowPositionals: true});
	} catch (error) {
		// Node's message goes on about `--` after the first sentence.
		const [first = ''] = (error instanceof Error ? error.message : String(error)).split(/[.\n]/);
		throw wrong(`${first.charAt(0).toLowerCase()}${first.slice(1)} (pkttop --help lists the options)`);
	}
}

function points(list: string | undefined): Points {
	try {
		return list === undefined ? DEFAULT_POINTS : pointsOf(list);
	} catch (error) {
		if (!(error instanceof UnknownGroup)) throw error;
		if (error.group === '') throw wrong('-g wants names by comma, and one of them is empty');
		const near = didYouMean(error.group, groupNames());
		throw wrong(`-g: there is no group '${sanitize(error.group)}'${near}; there are ${groupNames().join(', ')}`);
	}
}

function oneOf<T extends string>(option: string, value: string, values: readonly T[]): T {
	const found = values.find((known) => known === value);
	if (found === undefined) throw wrong(`${option} is one of ${values.join(', ')}, not '${value}'`);
	return found;
}

function whole(option: string, text: string, least: number, most: number): number {
	const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
	if (!(value >= least && value <= most)) throw wrong(`${option} wants a whole number from ${least}, not '${text}'`);
	return value;
}

function seconds(option: string, text: string): number {
	const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
	if (!(value > 0 && value < 2 ** 31 / 1000)) throw wrong(`${option} wants seconds above 0, not '${text}'`);
	return value;
}

function bytes(option: string, text: string): number {
	const match = /^(\d+)([KMG]?)$/i.exec(text);
	const unit = {'': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30}[match?.[2]?.toUpperCase() ?? ''] ?? 1;
	const value = match === null ? Number.NaN : Number(match[1]) * unit;
	if (!(value >= SMALLEST_BUFFER && value <= 2 ** 40)) {
		throw wrong(`${option} wants a size of at least 1M, like 256M or 2G, not '${text}'`);
	}
	return value;
}

/** Names of devices are 1 to 15 bytes without slash and blank (dev_valid_name() in net/core/dev.c). */
function deviceName(name: string | undefined): string | undefined {
	if (name !== undefined && !/^(?!\.\.?$)[^\s/:]{1,15}$/.test(name))
		throw wrong(`-i: '${name}' is no name of a device`);
	return name;
}

/** The text of --help. */
export function helpText(): string {
	const rows = OPTIONS.map((option: Option) => {
		const value = option.optional ? `[=${option.value}]` : option.value === undefined ? '' : ` ${option.value}`;
		return [`${option.short === undefined ? '    ' : `-${option.short}, `}--${option.name}${value}`, option.help];
	});
	const width = Math.max(...rows.map(([left = '']) => left.length));
	return `pkttop shows how network packets walk through the Linux kernel

usage: pkttop [options] [FILTER]     trace this machine (needs root)
       pkttop -r FILE [FILTER]       read a recorded session
       pkttop export FILE --to FMT   a recorded session as clean_log or json
       pkttop report FILE [FILTER]   what functions, groups and layers took in it: a table, --json, --to folded
       pkttop demo [NAME] [-d S]     demo traffic without tracing, once or for S seconds (needs root)
       pkttop demo udp-server [ADDR] a server that echoes datagrams; pkttop demo udp-client HOST sends it lines
       pkttop doctor [--json]        what this machine allows, and what to do about it
       pkttop list [--json]          every trace point by group, and whether this kernel has it
       pkttop explain NAME           what a kernel function does for a packet; names of Linux 2.4 too

FILTER: tcp udp icmp icmp6 arp ip ip6, host A, net A/LEN, port N, portrange N-M, src or dst before them,
        and or not ( ); a bare address is a host, a bare number a port; either direction matches

${rows.map(([left = '', help = '']) => `  ${left.padEnd(width)}  ${help}`).join('\n')}

demo traffic, of pkttop demo NAME (none: all) and --demo=NAME (none: a short round of tcp, udp and icmp):
${scenarioRows.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`).join('\n')}
`;
}
