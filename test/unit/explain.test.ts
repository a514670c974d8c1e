import {expect, test, vi} from 'vitest';
import {ROWS} from '../../src/catalogue/catalogue.js';
import {knownFunction} from '../../src/catalogue/knowledge.js';
import {ExitError} from '../../src/cli/exit.js';
import {explain, explanation} from '../../src/cli/explain.js';
import {parseOptions} from '../../src/cli/options.js';

const said = vi.hoisted((): string[] => []);
vi.mock('../../src/cli/output.js', () => ({print: (text: string) => said.push(text)}));

function printed(name: string): string {
	said.length = 0;
	expect(explain(name)).toBe(0);
	return said.join('');
}

function refusal(call: () => unknown): ExitError {
	try {
		call();
	} catch (error) {
		if (error instanceof ExitError) return error;
	}
	throw new Error('it was not refused');
}

test('explains a function by its name of today and of 2.4', () => {
	const text = printed('tcp_transmit_skb');
	expect(text).toBe(printed('__tcp_transmit_skb'));
	expect(text).toMatch(/^__tcp_transmit_skb\n {2}[A-Z]/);
	for (const fact of ['in Linux 2.4  tcp_transmit_skb', 'layer         tcp', 'group         tcpout']) {
		expect(text).toContain(`  ${fact}\n`);
	}
	expect(text).toMatch(/packets {7}sent\n {2}may sleep {5}no\n {2}may free {6}yes/);
});

test('what is gone says what shows the same moment now', () => {
	expect(printed('tcp_rcv_synsent_state_process')).toMatch(/shown by +tcp_finish_connect, or tcp_rcv_state_process\n/);
	expect(printed('inet_proto_init')).toMatch(/shown by +nothing\n/);
	expect(printed('ip_rcv_finish')).toMatch(/rare +Inlined/);
});

test('says which module a function is in, and which kernels have it', () => {
	expect(printed('veth_xmit')).toMatch(/ {2}module {7,}veth\n/);
	expect(printed('__napi_poll')).toMatch(/ {2}kernels {6,}since 5\.12; before that a part of net_rx_action\n/);
	expect(printed('ip_rcv')).not.toMatch(/ {2}(module|kernels) /);
});

test('every explanation fits a terminal of 80 columns', () => {
	for (const {names, classic} of ROWS) {
		const facts = knownFunction(names[0] ?? classic ?? '');
		for (const line of facts === undefined ? [] : explanation(facts).split('\n'))
			expect(line.length).toBeLessThanOrEqual(80);
	}
});

test('a name that is not known is refused with the nearest ones, in one safe line', () => {
	const error = refusal(() => explain('tcp_v4_rvc'));
	expect([error.code, error.message]).toEqual([
		1,
		expect.stringMatching(/^nothing is known of 'tcp_v4_rvc' \(did you mean tcp_v4_rcv, /),
	]);
	expect(refusal(() => explain('\u001b[31m\n')).message).toBe("nothing is known of '?[31m?'");
	expect(refusal(() => explain('x'.repeat(9999))).message.length).toBeLessThan(200);
});

test('on the command line it takes one name', () => {
	expect(parseOptions(['explain', 'ip_rcv'])).toMatchObject({command: 'explain', words: ['ip_rcv'], filter: ''});
	for (const wrong of [['explain'], ['explain', 'a', 'b']]) {
		expect(refusal(() => parseOptions(wrong))).toMatchObject({code: 2, message: expect.stringContaining('one name')});
	}
	expect(parseOptions(['tcp'])).toMatchObject({command: 'trace', words: [], filter: 'tcp'});
});
