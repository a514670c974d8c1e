/** Lines of classic logs, in the dialects there are, and what is none. */
import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {parseLine} from '../../src/formats/classic-line.js';
import {copied, outline, readLog} from './support/logs.js';

const fixture = (name: string): string =>
	readFileSync(new URL(`../fixtures/thesis/${name}.log`, import.meta.url), 'utf8');

/** A line as our log has it, without its number. */
const canonical = (line: string): string => copied(`${line}\n`, {raw: true}).text;

test('the facts of a line', () => {
	const line = '38     19:26:16:525265 128.235.204.81:21 192.168.1.20 tcp_v4_rcv E SP 2291929752 ack 516203532 7 TCP';
	expect(parseLine(line)).toEqual({
		type: 'event',
		number: 38,
		indent: 4,
		second: 19 * 3600 + 26 * 60 + 16,
		nanos: 525_265_000,
		digits: 6,
		src: {text: '128.235.204.81:21', address: Uint8Array.of(128, 235, 204, 81), port: 21},
		dst: {text: '192.168.1.20', address: Uint8Array.of(192, 168, 1, 20), port: 0},
		fn: 'tcp_v4_rcv',
		sign: 'E',
		tcp: {flags: 10, seq: 2291929752, ack: 516203532},
		ip: {id: 7, protocol: 'TCP'},
	});
	expect(parseLine('Time : 264')).toEqual({type: 'time', duration: 264});
	expect(parseLine(' \t')).toEqual({type: 'blank'});
	expect(parseLine('# a\x1b[2J\u202eb')).toEqual({type: 'comment', text: '# a?[2J?b'});
});

test.each([
	['no flags as in 7.5', '1 9:05:06:7 1.2.3.4 5.6.7.8 f B . 1 ack 2', '09:05:06:000007 1.2.3.4 5.6.7.8 f B ! 1 ack 2'],
	[
		'flags in another order',
		'1:2:3:000000 1.2.3.4 5.6.7.8 f - PFS 1 ack 2',
		'01:02:03:000000 1.2.3.4 5.6.7.8 f - SFP 1 ack 2',
	],
	['addresses of 0', '00:00:00:000000 0:0 0:30091 udp_rcv B', '00:00:00:000000 0.0.0.0 0.0.0.0:30091 udp_rcv B'],
	['tabs and blanks', ' 3\t00:00:00:000000\t1.2.3.4  5.6.7.8 f\tE ', '00:00:00:000000 1.2.3.4 5.6.7.8 f E'],
	[
		'IPv6 in another form',
		'00:00:00:000000000 [2001:DB8:0:0:0:0:0:1]:80 ::ffff:102:304 f -',
		'00:00:00:000000000 [2001:db8::1]:80 ::ffff:1.2.3.4 f -',
	],
	['an unsafe name', '00:00:00:000000 1.2.3.4 5.6.7.8 f\x1b[m B', '00:00:00:000000 1.2.3.4 5.6.7.8 f?[m B'],
	['function and sign alone', '    tcp_time_wait B', '00:00:00:000000 0.0.0.0 0.0.0.0 tcp_time_wait B'],
])('%s', (_, line, expected) => {
	expect(canonical(line).split('\n')[0]).toBe(expected);
});

test.each([
	'hello',
	'Plan B',
	'19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_r',
	'19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 22919',
	'19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 2291929752 ack',
	'24:00:00:000000 1.2.3.4 5.6.7.8 f B',
	'23:60:00:000000 1.2.3.4 5.6.7.8 f B',
	'23:00:00:0000000 1.2.3.4 5.6.7.8 f B',
	'23:00:00:000000 1.2.3.256 5.6.7.8 f B',
	'23:00:00:000000 1.2.3.4:65536 5.6.7.8 f B',
	'23:00:00:000000 1.2.3.4 ::1 f B',
	'23:00:00:000000 fe80::1%eth0 ::1 f B',
	'23:00:00:000000 1.2.3.4 5.6.7.8 f B P 4294967296 ack 1',
	'23:00:00:000000 1.2.3.4 5.6.7.8 f B 65536 UDP',
	'23:00:00:000000 1.2.3.4 5.6.7.8 f X',
	`23:00:00:000000 1.2.3.4 5.6.7.8 ${'f'.repeat(300)} B`,
	`# ${'x'.repeat(5000)}`,
	'\0',
])('%j is no line of a log', (line) => {
	expect(parseLine(line)).toBe(undefined);
});

test('the excerpts of the thesis', () => {
	const sample = fixture('sample');
	expect(copied(sample)).toEqual({text: sample, problem: ''});
	expect(outline(readLog(fixture('ack_and_data')))).toEqual([
		'tcp_v4_do_rcv',
		'  tcp_rcv_established',
		'    tcp_ack',
		'    tcp_data_queue',
		'      tcp_event_data_rcv',
		'    __tcp_ack_snd_check',
	]);
	// Between its lines it has fences, which are none of a log.
	const connect = readLog(fixture('connect'));
	expect(outline(connect)).toEqual(['tcp_v4_connect', '  tcp_time_wait', '  tcp_connect']);
	expect(connect.problem).toBe('10 lines could not be read, first line 2');
	// Not indented.
	expect(outline(readLog(fixture('closing')))).toEqual([
		'tcp_send_ack',
		'tcp_rcv_state_process',
		'  tcp_set_state',
		'  tcp_time_wait',
		'    tcp_set_state',
	]);
});

test('no text makes the parser throw, or say what is not safe for a terminal', () => {
	const word = fc.constantFrom(
		'1',
		'23:59:59:999999',
		'1.2.3.4:5',
		'[::1]:6',
		'tcp_ack',
		'B',
		'E',
		'-',
		'S',
		'9',
		'ack',
		'7',
		'UDP',
		'#',
		'Time',
		':',
	);
	const text = fc.oneof(
		fc.string({unit: 'binary', maxLength: 60}),
		fc
			.array(
				fc.oneof({weight: 9, arbitrary: word}, {weight: 1, arbitrary: fc.string({unit: 'binary', maxLength: 5})}),
				{maxLength: 14},
			)
			.map((words) => words.join(' ')),
	);
	fc.assert(
		fc.property(text, (line) => {
			const parsed = parseLine(line);
			if (parsed?.type === 'event') expect(parsed.fn).not.toMatch(/[\s\x00-\x1f\x7f-\x9f]/);
			if (parsed?.type === 'comment') expect(parsed.text).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
		}),
		{numRuns: 3000},
	);
}, 60_000);
