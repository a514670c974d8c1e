/** A log from a log: the same again, numbered from raw, raw from numbered. */
import {expect, test} from 'vitest';
import {copied} from './support/logs.js';

const THESIS = `35 19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 2291929752 ack 516203532
36   19:26:16:525109 128.235.204.81:21 192.168.1.20 __tcp_v4_lookup B
37   19:26:16:525180 128.235.204.81:21 192.168.1.20:33056 __tcp_v4_lookup E
38 19:26:16:525265 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv E P 2291929752 ack 516203532
Time : 264
`;

test('the block of the thesis is the same again', () => {
	expect(copied(THESIS)).toEqual({text: THESIS, problem: ''});
});

test('raw and back', () => {
	const raw = copied(THESIS, {raw: true}).text;
	expect(raw).toBe(`19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 2291929752 ack 516203532
19:26:16:525109 128.235.204.81:21 192.168.1.20 __tcp_v4_lookup B
19:26:16:525180 128.235.204.81:21 192.168.1.20:33056 __tcp_v4_lookup E
19:26:16:525265 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv E P 2291929752 ack 516203532
`);
	expect(copied(raw).text).toBe(THESIS.replace(/^\d+/gm, (number) => String(Number(number) - 34)));
});

test('a call that took days, past midnight, or by a clock that was set back', () => {
	const block = (begin: string, end: string, time: string) =>
		`1 ${begin} 0.0.0.0 0.0.0.0 inet_accept B\n2 ${end} 0.0.0.0 0.0.0.0 inet_accept E\n${time}`;
	const time = (begin: string, end: string, said = '') => copied(block(begin, end, said)).text.split('\n')[2];
	// The times of day do not tell days; what the log itself says does.
	const days = block('10:00:00:000000', '11:00:00:000001', 'Time : 176400000001\n');
	expect(copied(days).text).toBe(days);
	expect(copied(days, {time: 'ns'}).text).toContain('Time : 176400000001000\n');
	expect(time('10:00:00:000000', '11:00:00:000001')).toBe('Time : 3600000001');
	expect(time('23:59:59:999999', '00:00:00:000001')).toBe('Time : 2');
	expect(time('10:00:00:000005', '10:00:00:000001')).toBe('Time : 0');
	// What is plainly wrong is not taken over.
	expect(time('10:00:00:000000', '10:00:00:000007', 'Time : 99\n')).toBe('Time : 7');
});
