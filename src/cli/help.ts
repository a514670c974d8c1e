/** The text of --help, from the tables of options and of demo traffic. */
import {FATES} from '../trace/packets/fate.js';
import {QUEUES} from '../trace/packets/queues.js';
import {OPTIONS, type Option} from './option-table.js';
import {scenarioRows} from './scenario.js';

const USAGE = `usage: pkttop [options] [FILTER]     trace this machine (needs root)
       pkttop -r FILE [FILTER]       read a recorded session, a clean_log or a packet.log
       pkttop -r FILE --match PCAP   a capture of tcpdump beside the session: which blocks are each frame's
       pkttop export FILE --to FMT   one of these as clean_log, packet.log, json or pcapng (headers as far as recorded)
       pkttop report FILE [FILTER]   what functions, groups and layers took in it: a table, --json, --to folded
       pkttop packet N -r FILE       the journey of one packet: its calls, waits, clones and fate; as text or --json
       pkttop format [packet.log]    raw log to clean_log: numbered, indented, with times
       pkttop demo [NAME] [-d S]     demo traffic without tracing, once or for S seconds (needs root)
       pkttop demo udp-server [ADDR] a server that echoes datagrams; pkttop demo udp-client HOST sends it lines
       pkttop doctor [--json]        what this machine allows, and what to do about it
       pkttop list [--json]          every trace point by group, and whether this kernel has it
       pkttop explain NAME           what a kernel function does for a packet; names of Linux 2.4 too`;

export function helpText(): string {
	const rows = OPTIONS.map(({name, short, value, optional, help}: Option) => {
		const argument = optional ? `[=${value}]` : value === undefined ? '' : ` ${value}`;
		return [`${short === undefined ? '    ' : `-${short}, `}--${name}${argument}`, help];
	});
	const width = Math.max(...rows.map(([left = '']) => left.length));
	return `pkttop shows how network packets walk through the Linux kernel

${USAGE}

FILTER: tcp udp icmp icmp6 arp ip ip6, host A, net A/LEN, port N, portrange N-M, src or dst before them,
        and or not ( ); a bare address is a host, a bare number a port; either direction matches

EXPR:   ${FATES.join(' ')}, time functions queues between, each with < <= > >= = and a time (ns us ms s), wait QUEUE, wait QUEUE > TIME,
        wait > TIME, and or not ( ); queues: ${QUEUES.map(({name}) => name).join(' ')}

${rows.map(([left = '', help = '']) => `  ${left.padEnd(width)}  ${help}`).join('\n')}

demo traffic, of pkttop demo NAME (none: all) and --demo=NAME (none: a short round of tcp, udp and icmp):
${scenarioRows.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`).join('\n')}
`;
}
