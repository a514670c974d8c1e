/** A log from a log: the same again, numbered from raw, raw from numbered. */
import {expect, test} from 'vitest';
import {ClassicCopy, type CopyOptions} from '../../src/formats/classic-copy.js';

function copy(text: string, options: Partial<CopyOptions> = {}): {text: string; problem: string} {
	const copier = new ClassicCopy({raw: false, time: undefined, ...options});
	const lines = text.split('\n');
	if (lines.at(-1) === '') lines.pop();
	const out = lines.map((line) => copier.push(line)).join('') + copier.finish();
	return {text: out, problem: copier.unread.problem};
}

const THESIS = `35 19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 2291929752 ack 516203532
36   19:26:16:525109 128.235.204.81:21 192.168.1.20 __tcp_v4_lookup B
37   19:26:16:525180 128.235.204.81:21 192.168.1.20:33056 __tcp_v4_lookup E
38 19:26:16:525265 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv E P 2291929752 ack 516203532
Time : 264
`;

test('the block of the thesis is the same again', () => {
	expect(copy(THESIS)).toEqual({text: THESIS, problem: ''});
});

test('raw and back', () => {
	const raw = copy(THESIS, {raw: true}).text;
	expect(raw).toBe(`19:26:16:525001 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv B P 2291929752 ack 516203532
19:26:16:525109 128.235.204.81:21 192.168.1.20 __tcp_v4_lookup B
19:26:16:525180 128.235.204.81:21 192.168.1.20:33056 __tcp_v4_lookup E
19:26:16:525265 128.235.204.81:21 192.168.1.20:33056 tcp_v4_rcv E P 2291929752 ack 516203532
`);
	expect(copy(raw).text).toBe(THESIS.replace(/^\d+/gm, (number) => String(Number(number) - 34)));
});
