/** What `pkttop doctor` reads from the kernel's texts, and what it concludes. */
import {describe, expect, it} from 'vitest';
import {consequences, type Findings, remedies, works} from '../../src/cli/diagnosis.js';
import {text} from '../../src/cli/doctor.js';
import {
	limitOf,
	lockdownOf,
	missingCapabilities,
	probeableAmong,
	symbolsAmong,
	tracefsOf,
} from '../../src/collector/kernel-texts.js';
import {modulesBtf} from '../../src/collector/machine.js';
import {TRIED, type Tried} from '../../src/collector/trial.js';

describe('texts of the kernel', () => {
	it('capabilities', () => {
		expect(missingCapabilities('Name:\tnode\nCapEff:\t000001ffffffffff\n')).toEqual([]);
		expect(missingCapabilities('CapEff:\t000001fffeffffff\n')).toEqual(['CAP_SYS_RESOURCE']);
		expect(missingCapabilities('CapEff:\t0000000000000000\n')).toHaveLength(5);
		expect(missingCapabilities('CapEff:\t000000c000201000\n')).toEqual(['CAP_SYS_RESOURCE']);
		expect(missingCapabilities('')).toBeUndefined();
	});

	it('limits', () => {
		const limits = `Limit                     Soft Limit           Hard Limit           Units
Max open files            1024                 1048576              files
Max locked memory         unlimited            unlimited            bytes
`;
		expect(limitOf(limits, 'Max open files')).toBe('1024');
		expect(limitOf(limits, 'Max locked memory')).toBe('unlimited');
		expect(limitOf('', 'Max open files')).toBeUndefined();
	});

	it('lockdown and mounts', () => {
		expect(lockdownOf('none [integrity] confidentiality\n')).toBe('integrity');
		expect(lockdownOf('')).toBeUndefined();
		expect(tracefsOf('proc /proc proc rw 0 0\ntracefs /sys/kernel/tracing tracefs rw 0 0\n')).toBe(
			'/sys/kernel/tracing',
		);
		expect(tracefsOf('proc /proc proc rw 0 0\n')).toBeUndefined();
	});

	it('symbols of functions, with copies, and without addresses', () => {
		const kallsyms = `0000000000000000 T ip_rcv
0000000000000000 t ip_rcv_core.isra.0
0000000000000000 D ip_rcv_finish
0000000000000000 t veth_xmit\t[veth]
0000000000000000 T other
`;
		const names = new Set(['ip_rcv', 'ip_rcv_core', 'ip_rcv_finish', 'veth_xmit']);
		expect(symbolsAmong(kallsyms, names)).toEqual(new Set(['ip_rcv', 'ip_rcv_core.isra.0', 'veth_xmit']));
	});

	it('functions that may be probed', () => {
		const names = new Set(['ip_rcv', 'veth_xmit', 'tcp_ack']);
		expect(probeableAmong('ip_rcv\nveth_xmit [veth]\nip_rcv_core\n', names)).toEqual(new Set(['ip_rcv', 'veth_xmit']));
	});

	it('BTF of modules', () => {
		expect(modulesBtf(['vmlinux', 'veth'], 'veth 1 0\n')).toBe(true);
		expect(modulesBtf(['vmlinux'], 'veth 1 0\n')).toBe(false);
		expect(modulesBtf(['vmlinux'], '')).toBeUndefined();
		expect(modulesBtf([], undefined)).toBeUndefined();
	});
});

/** A machine on which the backends `working` work and nothing is amiss, except what `other` says. */
function findings(working: readonly Tried[], other: Partial<Findings> = {}): Findings {
	const verdicts = TRIED.map((name) => [name, {ok: working.includes(name), why: 'because'}]);
	return {
		kernel: '6.12',
		root: true,
		btf: true,
		modulesBtf: true,
		lockdown: 'none',
		missing: [],
		memlock: '8388608',
		nofile: '1024',
		jit: '1',
		ftrace: '1',
		clock: 'tsc',
		clocks: ['tsc', 'hpet'],
		kprobePmu: true,
		tracefs: '/sys/kernel/tracing',
		hasTracefs: true,
		addon: '',
		backends: Object.fromEntries(verdicts) as Findings['backends'],
		...other,
	};
}

describe('what follows', () => {
	it('is the best way for functions, and for copies where that is another', () => {
		const both = findings(['fentry', 'kprobe-session', 'kprobe', 'tracepoint']);
		expect(consequences(both)).toEqual(["functions: yes, by fentry; compilers' copies by kprobe-session"]);
		expect(remedies(both)).toEqual([]);
		expect(consequences(findings(['kprobe', 'tracepoint']))).toEqual(['functions: yes, by kprobe']);
		expect(consequences(findings(['fentry', 'tracepoint']))).toEqual([
			"functions: yes, by fentry; compilers' copies not",
		]);
	});

	it('is the marks alone, or nothing', () => {
		const marks = findings(['tracepoint']);
		expect(consequences(marks)).toEqual(['only tracepoints and netfilter hooks: --backend tracepoint']);
		expect(remedies(marks)).toEqual([expect.stringMatching(/^functions need a kernel/)]);
		expect(works(marks)).toBe(true);
		const nothing = findings([]);
		expect(consequences(nothing)).toEqual(['nothing can be traced here']);
		expect(works(nothing)).toBe(false);
	});

	it('is not known without root, BTF or addon', () => {
		const user = findings([], {root: false, missing: ['CAP_BPF', 'CAP_SYS_ADMIN']});
		expect(consequences(user)).toEqual([expect.stringMatching(/^nothing was tried/)]);
		expect(remedies(user)).toEqual(['sudo pkttop doctor']);
		expect(remedies(findings([], {btf: false}))).toEqual([expect.stringContaining('CONFIG_DEBUG_INFO_BTF')]);
		expect(remedies(findings([], {addon: 'it is missing'}))).toEqual([expect.stringContaining('npm run build')]);
	});

	it('has one remedy for each thing that is amiss', () => {
		const all = findings(['kprobe', 'tracepoint'], {
			lockdown: 'confidentiality',
			missing: ['CAP_SYS_ADMIN', 'CAP_BPF'],
			ftrace: '0',
			jit: '0',
			clock: 'hpet',
			tracefs: '',
			modulesBtf: false,
		});
		expect(remedies(all)).toEqual([
			expect.stringContaining('lockdown=integrity'),
			expect.stringContaining('CAP_BPF (docker'),
			'sysctl kernel.ftrace_enabled=1',
			'sysctl net.core.bpf_jit_enable=1',
			'mount -t tracefs tracefs /sys/kernel/tracing',
			expect.stringMatching(/^echo tsc > .*current_clocksource$/),
		]);
		expect(consequences(all)).toEqual([
			'functions: yes, by kprobe',
			expect.stringMatching(/^functions in modules: no/),
			expect.stringMatching(/^the clock hpet is slow/),
			expect.stringMatching(/^BPF programs are interpreted/),
		]);
	});

	it('is a report of one fact a line, unknown where nothing could be read', () => {
		const blind = findings(['tracepoint'], {
			modulesBtf: undefined,
			lockdown: undefined,
			missing: undefined,
			memlock: undefined,
			nofile: undefined,
			jit: undefined,
			ftrace: undefined,
			clock: undefined,
			clocks: [],
			tracefs: undefined,
			hasTracefs: false,
		});
		const report = text(blind);
		for (const name of ['lockdown', 'capabilities', 'BPF JIT', 'ftrace', 'tracefs', 'clock'])
			expect(report).toMatch(new RegExp(`^${name} +unknown$`, 'm'));
		for (const name of TRIED) expect(report).toMatch(new RegExp(`^${name} +(yes|no): because$`, 'm'));
		expect(report).not.toMatch(/ $/m);
		expect(report).toMatch(/\nremedy {10}functions need/);
	});
});
