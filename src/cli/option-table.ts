/** The table of options: parsing, help and (from the same rows) whatever else speaks of them. */
import {type ParseArgsConfig, parseArgs} from 'node:util';
import {BACKENDS} from '../collector/native.js';
import {wrong} from './exit.js';

export interface Option {
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
	{
		name: 'keep',
		value: 'EXPR',
		help: "only what belongs to packets that ended so: 'dropped or time > 5ms', 'wait qdisc > 100us'; words are below",
	},
	{
		name: 'follow',
		help: 'a packet that passed the filter once passes it from then on; the default without a filter, where it costs nothing',
	},
	{name: 'no-follow', help: 'the filter is asked for every call'},
	{name: 'no-identity', help: 'packets get no numbers: what becomes of them is not known, and calls cost less'},
	{
		name: 'correct',
		help: 'what tracing itself costs, measured at the start, is taken off durations and self times; never below 0',
	},
	{name: 'backend', value: 'NAME', help: BACKENDS.join(', ').replace('auto', 'auto (default)')},
	{name: 'plain', help: 'lines of the classic log instead of the screen (the default where stdout is no terminal)'},
	{name: 'json', help: 'one JSON object a line'},
	{name: 'count', short: 'c', value: 'N', help: 'stop after N blocks; a mark outside any block counts as one'},
	{name: 'duration', short: 'd', value: 'S', help: 'stop S seconds after tracing began'},
	{name: 'write', short: 'w', value: 'FILE', help: 'record the session'},
	{name: 'read', short: 'r', value: 'FILE', help: 'read a recorded session or a log instead of tracing; needs no root'},
	{name: 'match', value: 'FILE', help: 'with -r: a capture of tcpdump, and which blocks each of its frames has'},
	{
		name: 'output',
		short: 'o',
		value: 'FILE',
		help: 'where the lines go instead of stdout, and what s on the screen saves (default ./clean_log; a packet.log is raw)',
	},
	{name: 'force', help: 'overwrite files that exist'},
	{name: 'pcap', value: 'FILE', help: 'write the packets, too, as pcapng: each with its blocks and lines of the log'},
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
	{
		name: 'to',
		value: 'FORMAT',
		help: 'lines as clean_log, packet.log (raw) or json; of a recording: pcapng; with report: folded, stacks for flame graphs',
	},
	{name: 'help', short: 'h', help: 'this text'},
	{name: 'version', short: 'V', help: 'the version'},
] as const satisfies readonly Option[];

export type Parsed = ReturnType<typeof parse>;

/** Splits a command line into options and words. Throws ExitError (2) with one line for what is no option. */
export function parse(argv: readonly string[]) {
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
