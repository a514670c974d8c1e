/** What follows for the user from what doctor found, and what to do about it. */
import type {Machine} from '../collector/machine.js';
import type {Tried} from '../collector/trial.js';

/** What came of one backend. */
export interface Verdict {
	readonly ok: boolean;
	/** What was attached, or why nothing, or why it was not tried. */
	readonly why: string;
	/** How long attaching took; left out where nothing was attached. */
	readonly attachMs?: number;
}

export interface Findings extends Machine {
	/** '' when the addon is loaded, else why not. */
	readonly addon: string;
	readonly backends: Readonly<Record<Tried, Verdict>>;
}

/** Backends that take a function without knowing its type: those for compilers' copies. */
const UNTYPED = ['kprobe-session', 'kprobe-multi', 'kprobe'] as const;
const FUNCTIONS = ['fsession', 'fentry', ...UNTYPED] as const;

/** Clocks that are read from a device. */
const SLOW_CLOCKS = new Set(['hpet', 'acpi_pm', 'jiffies']);

/** Whether anything can be traced. */
export function works({backends}: Findings): boolean {
	return Object.values(backends).some(({ok}) => ok);
}

/** What can be traced, how, and what is slower than it could be. */
export function consequences(findings: Findings): string[] {
	const {addon, btf, root, modulesBtf, clock, jit} = findings;
	if (addon !== '') return ['nothing can be traced before the addon is built; recorded sessions can be read'];
	if (!btf) return ['nothing can be traced: without BTF the kernel does not say where things are'];
	if (!root) return ['nothing was tried: only root may attach; recorded sessions can be read without'];
	const lines = [traceable(findings)];
	if (modulesBtf === false) lines.push('functions in modules: no, this kernel has no BTF for its modules');
	if (clock !== undefined && SLOW_CLOCKS.has(clock))
		lines.push(`the clock ${clock} is slow to read: every begin and end costs about a microsecond more`);
	if (jit === '0') lines.push('BPF programs are interpreted: every begin and end costs several times more');
	return lines;
}

function traceable({backends}: Findings): string {
	const best = FUNCTIONS.find((name) => backends[name].ok);
	const copies = UNTYPED.find((name) => backends[name].ok);
	const marks = backends.tracepoint.ok;
	if (best === undefined)
		return marks ? 'only tracepoints and netfilter hooks: --backend tracepoint' : 'nothing can be traced here';
	const through = copies === best ? '' : `; compilers' copies ${copies === undefined ? 'not' : `by ${copies}`}`;
	return `functions: yes, by ${best}${through}${marks ? '' : '; no tracepoints and netfilter hooks'}`;
}

/** One line for each thing that something can be done about. */
export function remedies(findings: Findings): string[] {
	const {addon, btf, root, lockdown, missing = [], ftrace, jit, clock, clocks, tracefs, hasTracefs} = findings;
	const lines: string[] = [];
	if (addon !== '') lines.push('install pkttop anew, or build it: npm run build');
	if (!btf) lines.push('boot a kernel that was built with CONFIG_DEBUG_INFO_BTF');
	if (!root) lines.push('sudo pkttop doctor');
	if (lockdown === 'confidentiality')
		lines.push('boot with lockdown=integrity: this mode keeps BPF from reading memory');
	// Without root all of them are missing, and sudo brings them.
	const wanted = missing.includes('CAP_SYS_ADMIN') ? missing.filter((name) => name !== 'CAP_SYS_ADMIN') : [];
	if (root && wanted.length > 0) lines.push(`give this container ${wanted.join(', ')} (docker run --cap-add)`);
	if (ftrace === '0') lines.push('sysctl kernel.ftrace_enabled=1');
	if (jit === '0') lines.push('sysctl net.core.bpf_jit_enable=1');
	if (tracefs === '' && hasTracefs) lines.push('mount -t tracefs tracefs /sys/kernel/tracing');
	if (clock !== undefined && SLOW_CLOCKS.has(clock) && clocks.includes('tsc'))
		lines.push('echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource');
	if (root && btf && addon === '' && !FUNCTIONS.some((name) => findings.backends[name].ok))
		lines.push('functions need a kernel that lets root load tracing programs, as that of a virtual machine does');
	return lines;
}
