/** The commands beside tracing: what each takes on the command line. `export` and `report` read a file as `-r` does. */
import {wrong} from './exit.js';
import {type Parsed, parse} from './option-table.js';
import {oneOf} from './option-values.js';

/** Names that --to takes, with `export` and without a command. */
const FORMATS = {clean_log: 'plain', 'packet.log': 'packet.log', json: 'json', pcapng: 'pcapng'} as const;
export type Format = (typeof FORMATS)[keyof typeof FORMATS];

interface Rule {
	/** How many words it takes. */
	readonly most: number;
	readonly least: number;
	/** What is said where they are too few, or too many; with `WORD` for the first one too many. */
	readonly wrong: string;
	/** The only options that it takes, where that is not left to others. */
	readonly options?: readonly string[];
}

/** Commands whose words are their own; of all others what is no option is the filter. */
const RULES = {
	doctor: {least: 0, most: 0, wrong: "doctor takes no argument, not 'WORD'"},
	list: {least: 0, most: 0, wrong: "list takes no argument, not 'WORD'"},
	explain: {least: 1, most: 1, wrong: 'explain wants one name: pkttop explain tcp_v4_rcv'},
	packet: {
		least: 1,
		most: 1,
		wrong: 'packet wants one number and a session: pkttop packet 17 -r FILE',
		options: ['read', 'json', 'ascii', 'buffer', 'output', 'force', 'help', 'version'],
	},
	format: {least: 0, most: 1, wrong: 'format takes one file: pkttop format packet.log'},
	demo: {least: 0, most: Number.POSITIVE_INFINITY, wrong: '', options: ['duration', 'help', 'version']},
} as const satisfies Record<string, Rule>;

export type Command = 'trace' | 'report' | keyof typeof RULES;

/** A command line without what its command stands for. */
export interface CommandLine extends Parsed {
	readonly command: Command;
	/** What follows the command's name; positionals are the filter. */
	readonly words: readonly string[];
	/** What `export` chose. */
	readonly format?: Format;
}

/** Throws ExitError (2) with one line about what is wrong. */
export function commandLine(argv: readonly string[]): CommandLine {
	const parsed = parse(argv);
	const [name = '', ...words] = parsed.values.help === true ? [] : parsed.positionals;
	if (name === 'report') return report(parsed);
	if (name === 'export') return exported(parsed);
	if (!(name in RULES))
		return {...(parsed.values.to === undefined ? parsed : asLines(parsed)), command: 'trace', words: []};
	const command = name as keyof typeof RULES;
	const rule: Rule = RULES[command];
	if (words.length < rule.least || words.length > rule.most) {
		throw wrong(rule.wrong.replace('WORD', () => words[rule.most] ?? ''));
	}
	if (command === 'format' && (parsed.values.json === true || parsed.values.read !== undefined))
		throw wrong('format makes a clean_log of a packet.log; for other formats there is pkttop export');
	const foreign = rule.options && Object.keys(parsed.values).find((option) => !rule.options?.includes(option));
	if (foreign !== undefined) throw wrong(`--${foreign} makes no sense with pkttop ${command}, which does not trace`);
	if (command === 'packet') checkPacket(parsed.values.read, words[0] ?? '');
	return {values: parsed.values, positionals: [], command, words};
}

/** Packets are counted from 1, in 32 bits. */
function checkPacket(read: unknown, number: string): void {
	if (!/^\d+$/.test(number) || Number(number) === 0 || Number(number) >= 2 ** 32)
		throw wrong(`packet wants the number of a packet, not '${number}': pkttop packet 17 -r FILE`);
	if (read === undefined) throw wrong(`packet wants a recorded session: pkttop packet ${number} -r FILE`);
}

/** `export FILE --to FORMAT [FILTER]` is `-r FILE` as lines of that format. */
function exported({values, positionals}: Parsed): CommandLine {
	const [, file, ...filter] = positionals;
	if (file === undefined) throw wrong('export wants a session file or a log: pkttop export FILE --to clean_log');
	if (values.read !== undefined) throw wrong('export takes its file without -r');
	if (values.match !== undefined) throw wrong('--match makes no sense with export');
	return {...asLines({values: {...values, read: file}, positionals: filter}), command: 'trace', words: []};
}

/** Without --to, with what it stands for. */
function asLines({values, positionals}: Parsed): Parsed & {readonly format: Format} {
	const names = Object.keys(FORMATS) as (keyof typeof FORMATS)[];
	const format = FORMATS[oneOf('--to', String(values.to ?? ''), names)];
	if (format === 'pcapng' && values.read === undefined)
		throw wrong('--to pcapng wants a recording: while tracing, --pcap FILE writes the packets themselves');
	if (format === 'pcapng' && values.match !== undefined) throw wrong('--to pcapng and --match exclude each other');
	const {to, ...rest} = values;
	const lines = format === 'json' ? {json: true} : {plain: true};
	return {values: {...rest, ...lines}, positionals, format};
}

function report({values, positionals}: Parsed): CommandLine {
	const [, file, ...filter] = positionals;
	if (file === undefined) throw wrong('report wants a session file: pkttop report FILE');
	if (values.read !== undefined) throw wrong('report takes its file without -r');
	for (const name of ['plain', 'count', 'speed', 'time', 'match'] as const) {
		if (values[name] !== undefined) throw wrong(`--${name} makes no sense with report`);
	}
	if (values.to !== undefined) oneOf('--to', String(values.to), ['folded'] as const);
	if (values.to !== undefined && values.json === true) throw wrong('--json and --to folded exclude each other');
	return {values: {...values, read: file}, positionals: filter, command: 'report', words: []};
}
