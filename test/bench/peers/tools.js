/**
 * The tools, each as its users run it for the same functions. `start` says what to run; `ready` when it traces (a pattern of
 * what it says, or a check); `delivered` how many begins and ends came out of it, of those that there were.
 */
import {readFileSync, statSync, writeFileSync} from 'node:fs';

const TRACING = '/sys/kernel/tracing';
const read = (path) => readFileSync(path, 'latin1');
const lines = (path, pattern) => {
	let count = 0;
	for (const line of read(path).split('\n')) if (pattern.test(line)) count++;
	return count;
};

/** Programs of another Debian run with its own loader and libraries. */
function foreign(peers, name) {
	const library = `${peers}/usr/lib/x86_64-linux-gnu`;
	return [`${library}/ld-linux-x86-64.so.2`, '--library-path', library, `${peers}/usr/bin/${name}`];
}

/** The kernel's own tracer for these functions, into a buffer that holds all of one load. */
function functionGraph(functions) {
	const write = (file, text) => writeFileSync(`${TRACING}/${file}`, `${text}\n`);
	return {
		set() {
			write('buffer_size_kb', 32 * 1024);
			write('set_ftrace_filter', functions.join('\n'));
			write('current_tracer', 'function_graph');
		},
		unset() {
			write('current_tracer', 'nop');
			write('set_ftrace_filter', '');
			write('trace', '');
			write('buffer_size_kb', 1408);
		},
	};
}

/** A bpftrace program: `begin` and `end` of each function. */
const script = (functions, begin, end) =>
	[
		'BEGIN { printf("ready\\n"); }',
		...functions.map((name, i) => `fentry:${name} { ${begin(name, i)} } fexit:${name} ${end(name, i)}`),
	].join('\n');

/**
 * @param {{functions: readonly string[], calls: number, peers: string, project: string, folder: string}} bench calls: of
 *   all functions together in one load
 */
export function tools({functions, calls, peers, project, folder}) {
	const node = process.execPath;
	const chosen = functions.flatMap((name) => ['-f', name]);
	const events = 2 * calls;
	const pkttop = (what, note, args, delivered) => ({
		what: `pkttop, ${what}`,
		note,
		start: [node, `${project}/dist/main.js`, ...args, ...chosen],
		ready: /^pkttop: tracing/m,
		delivered,
	});
	/** The summary on stderr: records of calls, each a begin and an end; what is missing is in its losses. */
	const summary = ({stderr}) => {
		const [, count] = /(\d+) events, \d+ lost/.exec(stderr) ?? [];
		return (2 * Number(count)) / events;
	};
	const bpftrace = (what, text, delivered) => ({
		what: `bpftrace, ${what}`,
		note: 'fentry and fexit, no packet facts',
		start: [...foreign(peers, 'bpftrace'), '-e', text],
		ready: /^ready$/m,
		delivered,
	});
	return [
		pkttop(
			'recording to a file',
			'packet facts, numbers of packets, histograms',
			['-w', `${folder}/a.ptt`, '--plain', '-o', `${folder}/a.log`],
			summary,
		),
		pkttop('lines of JSON', 'the same', ['--json'], ({stdout}) => (2 * lines(stdout, /"type":"call"/)) / events),
		pkttop(
			'without numbers of packets',
			'packet facts, histograms',
			['--no-identity', '-w', `${folder}/b.ptt`, '--plain', '-o', `${folder}/b.log`],
			summary,
		),
		pkttop('filter that rejects all', 'no record', ['--json', 'tcp port 9'], undefined),
		{
			what: 'function_graph, buffer only',
			note: 'no packet facts',
			...functionGraph(functions),
			delivered() {
				const stats = read(`${TRACING}/per_cpu/cpu0/stats`);
				const of = (name) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(stats)?.[1] ?? 0);
				return of('entries') / (of('entries') + of('overrun'));
			},
		},
		{
			what: 'function_graph, read by trace-pipe',
			note: 'no packet facts',
			...functionGraph(functions),
			start: ['cat', `${TRACING}/trace_pipe`],
			ready: undefined,
			// A call without callees is one line; others have a line for the begin and one with the duration for the end.
			delivered: ({stdout}) => lines(stdout, / us +\|/) / calls,
		},
		bpftrace(
			'histograms',
			script(
				functions,
				(_, i) => `@begin[tid, ${i}] = nsecs;`,
				(name, i) =>
					`/@begin[tid, ${i}]/ { @["${name}"] = hist(nsecs - @begin[tid, ${i}]); delete(@begin[tid, ${i}]); }`,
			),
			({stdout}) => {
				const counts = [...read(stdout).matchAll(/^[[(].*[\])] +(\d+) \|/gm)].map(([, count]) => Number(count));
				return counts.reduce((sum, count) => sum + count, 0) / calls;
			},
		),
		bpftrace(
			'printf',
			script(
				functions,
				(name) => `printf("%d ${name} B\\n", nsecs);`,
				(name) => `{ printf("%d ${name} E\\n", nsecs); }`,
			),
			({stdout}) => lines(stdout, / [BE]$/) / events,
		),
		{
			what: 'pwru',
			note: 'begins only, no durations; packet facts',
			start: [...foreign(peers, 'pwru'), '--filter-func', `^(${functions.join('|')})$`, 'udp'],
			ready: /Listening for events/,
			delivered: ({stdout}) => lines(stdout, /0x[0-9a-f]+ .*127\.0\.0\.1|0xffff/) / calls,
			half: true,
		},
		{
			what: 'perf record, kprobes',
			note: 'no packet facts',
			set() {
				const probes = functions.flatMap((name) => [`p:peer/${name}_b ${name}`, `r:peer/${name}_e ${name}`]);
				writeFileSync(`${TRACING}/kprobe_events`, `${probes.join('\n')}\n`);
			},
			unset() {
				writeFileSync(`${TRACING}/kprobe_events`, '\n');
			},
			start: ['perf', 'record', '-a', '-q', '-e', 'peer:*', '-o', `${folder}/perf.data`],
			// It makes the file first, opens 24 events after that, one by one, and then switches all of them on.
			ready: () => sizeOf(`${folder}/perf.data`) > 0 && allEnabled(),
			delivered({spawnSync}) {
				const {stdout} = spawnSync('perf', ['report', '--stats', '-i', `${folder}/perf.data`], {encoding: 'latin1'});
				return Number(/SAMPLE events: +(\d+)/.exec(stdout)?.[1] ?? Number.NaN) / events;
			},
		},
	];
}

let enabledAt = Number.POSITIVE_INFINITY;
/** Whether no probe has been disabled for three seconds. */
function allEnabled() {
	const now = performance.now();
	enabledAt = read('/sys/kernel/debug/kprobes/list').includes('[DISABLED]')
		? Number.POSITIVE_INFINITY
		: Math.min(enabledAt, now);
	return now - enabledAt > 3000;
}

function sizeOf(path) {
	try {
		return statSync(path).size;
	} catch {
		return 0;
	}
}
