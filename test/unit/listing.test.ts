/** What `pkttop list` says of a kernel. */
import {describe, expect, it} from 'vitest';
import {GROUPS, ROWS} from '../../src/catalogue/catalogue.js';
import {DEFAULT_SET} from '../../src/catalogue/functions.js';
import {table} from '../../src/cli/list.js';
import {type Listed, listing} from '../../src/cli/listing.js';
import type {KernelFacts} from '../../src/collector/kernel-facts.js';
import type {Reach} from '../../src/collector/trial.js';

const FUNCTIONS = ROWS.flatMap(({kind, names}) =>
	kind === 'function' ? names.filter((name) => !name.includes('.')) : [],
);

/** A kernel that has everything, except functions that are named, and what `other` says. */
function kernel(without: readonly string[] = [], other: Partial<KernelFacts> = {}): KernelFacts {
	const functions = FUNCTIONS.filter((name) => !without.includes(name));
	return {
		functions: new Map(functions.map((name) => [name, true])),
		tracepoints: new Set(ROWS.flatMap(({kind, names}) => (kind === 'tracepoint' ? names : []))),
		symbols: new Set(functions),
		probeable: undefined,
		modules: new Set(ROWS.flatMap(({module}) => module ?? [])),
		modulesWithBtf: new Set(),
		hooks: true,
		...other,
	};
}

/** Functions by fentry, copies by kprobe, marks by tracepoint; `refused` by nothing. */
const reach = (refused: readonly string[] = []): Reach => ({
	of: (kind, name) => {
		if (refused.includes(name)) return undefined;
		return kind !== 'function' ? 'tracepoint' : name.includes('.') ? 'kprobe' : 'fentry';
	},
	why: () => '',
	working: ['fentry', 'kprobe', 'tracepoint'],
});

function row(name: string, facts: KernelFacts, tried?: Reach): Listed | undefined {
	const group = ROWS.find(({names}) => names.includes(name))?.group;
	return listing(facts, tried).find((one) => one.group === group && one.name === name);
}

describe('a row', () => {
	it('is ok where the kernel has it, and has the backend that took it', () => {
		const expected = {
			group: 'ip_rcv',
			kind: 'function',
			name: 'ip_rcv',
			classic: 'ip_rcv',
			default: true,
			state: 'ok',
		};
		expect(row('ip_rcv', kernel())).toEqual(expected);
		expect(row('ip_rcv', kernel(), reach())).toEqual({...expected, backend: 'fentry'});
		expect(row('NF_INET_FORWARD', kernel(), reach())).toMatchObject({state: 'ok', backend: 'tracepoint'});
	});

	it('is renamed, or rare with the note of the catalogue', () => {
		const facts = kernel(['tcp_v4_send_synack']);
		const made = listing(facts, undefined).filter(({name}) => name === 'tcp_make_synack');
		expect(made).toContainEqual(expect.objectContaining({state: 'renamed', why: 'instead of tcp_v4_send_synack'}));
		expect(row('ip_rcv_finish', kernel())).toMatchObject({
			state: 'rare',
			why: expect.stringMatching(/^Inlined into ip_rcv/),
		});
	});

	it('is in a module that is not loaded', () => {
		const facts = kernel(['veth_xmit'], {modules: new Set()});
		expect(row('veth_xmit', facts)).toMatchObject({state: 'module', why: 'module veth is not loaded (modprobe veth)'});
	});

	it('is found by its symbol where root alone may read the BTF of its module', () => {
		const symbols = new Set([...FUNCTIONS]);
		const facts = kernel(['veth_xmit'], {symbols, modulesWithBtf: new Set(['veth'])});
		expect(row('veth_xmit', facts)).toMatchObject({state: 'ok'});
		const without = kernel(['veth_xmit'], {symbols});
		expect(row('veth_xmit', without)).toMatchObject({
			state: 'missing',
			why: expect.stringContaining('module veth has it'),
		});
	});

	it('is a copy of the compiler where the catalogue knows its arguments', () => {
		const symbols = new Set(['ip_fragment.constprop.0', 'tcp_ack.isra.0']);
		const facts = kernel(['ip_fragment', 'tcp_ack'], {symbols});
		expect(row('ip_fragment.constprop.0', facts, reach())).toMatchObject({state: 'renamed', backend: 'kprobe'});
		const described = kernel([], {symbols});
		expect(row('ip_fragment.constprop.0', described)).toMatchObject({state: 'renamed', why: 'instead of ip_fragment'});
		expect(row('tcp_ack', facts)).toMatchObject({state: 'inlined', why: expect.stringContaining('tcp_ack.isra.0')});
		expect(row('ip_fragment', kernel(['ip_fragment']))).toMatchObject({state: 'inlined'});
	});

	it('is inlined without a symbol, missing where nothing is known of symbols', () => {
		expect(row('ip_rcv', kernel(['ip_rcv']))).toMatchObject({
			state: 'inlined',
			why: expect.stringContaining('no ip_rcv'),
		});
		expect(row('ip_rcv', kernel(['ip_rcv'], {symbols: undefined}))).toMatchObject({state: 'missing'});
	});

	it('is missing where the catalogue says so', () => {
		expect(row('__napi_poll', kernel(['__napi_poll']))).toMatchObject({
			state: 'missing',
			why: expect.stringMatching(/^since 5\.12/),
		});
		const facts = kernel([], {hooks: false, tracepoints: new Set()});
		expect(row('NF_INET_FORWARD', facts)).toMatchObject({state: 'missing', why: expect.stringMatching(/^since 6\.4/)});
		expect(row('tcp_cong_state_set', facts)).toMatchObject({state: 'missing', why: 'since 5.19'});
	});

	it('is refused by the list of what may be probed, or by every backend', () => {
		const probeable = new Set(FUNCTIONS.filter((name) => name !== 'ip_rcv'));
		const why = 'the kernel does not let it be probed';
		expect(row('ip_rcv', kernel([], {probeable}))).toMatchObject({state: 'refused', why});
		expect(row('ip_rcv', kernel(), reach(['ip_rcv']))).toMatchObject({state: 'refused', why: 'no backend takes it'});
		expect(row('ip_rcv', kernel(), reach(['ip_rcv']))).not.toHaveProperty('backend');
	});

	it('goes on to its next name when the first is refused', () => {
		const probeable = new Set(FUNCTIONS.filter((name) => name !== '__alloc_skb' && name !== 'arp_send_dst'));
		const found = listing(kernel([], {probeable}), reach()).filter(({name}) => name === 'arp_xmit');
		expect(found).toContainEqual(expect.objectContaining({state: 'renamed', why: 'instead of arp_send_dst'}));
	});

	it('is gone, and says what is like it now', () => {
		const gone = listing(kernel(), undefined).filter(({state}) => state === 'gone');
		expect(gone.length).toBeGreaterThan(10);
		for (const one of gone) expect(one.why).toMatch(/^(now \S+|nothing is like it now)/);
	});
});

describe('the list', () => {
	it('has every row of the catalogue, the default set marked', () => {
		const listed = listing(kernel(), reach());
		expect(listed.length).toBe(ROWS.length);
		expect(listed.filter((one) => one.default).length).toBe(DEFAULT_SET.length);
	});

	it('is a table in columns, with a heading for each group and no blanks at the ends of lines', () => {
		const text = table(listing(kernel(), reach()), '6.12', reach());
		expect(text).toMatch(/^kernel 6\.12: by fentry, kprobe, tracepoint\n/);
		for (const {name, about} of GROUPS) expect(text).toContain(`\n${name}: ${about}\n`);
		expect(text).toMatch(/^\* tcp_v4_rcv +tcp_v4_rcv +fentry +ok$/m);
		expect(text).toMatch(/^ {2}tcp_event_data_rcv +tcp_event_data_rcv +- +gone +now tcp_event_data_recv$/m);
		expect(text).not.toMatch(/ $/m);
		const lines = text.split('\n');
		const column = lines.find((line) => line.includes('backend'))?.indexOf('backend');
		for (const line of lines.filter((one) => /^[* ] \S+ +\S+ +(fentry|tracepoint) /.test(one)))
			expect(line.search(/ (fentry|tracepoint) /) + 1).toBe(column);
		expect(lines.filter((line) => line.length > 100).length).toBeLessThan(lines.length / 10);
	});

	it('says what root would be told, and does not guess a backend', () => {
		const text = table(listing(kernel(), undefined), '6.12', undefined);
		expect(text).toMatch(/^kernel 6\.12: .*sudo pkttop list/);
		expect(text).toMatch(/^\* tcp_v4_rcv +tcp_v4_rcv +\? +ok$/m);
	});
});
