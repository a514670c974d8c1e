/** What this machine says of itself that decides whether and how well packets can be traced. */
import {release} from 'node:os';
import {type Capability, limitOf, lockdownOf, missingCapabilities, tracefsOf} from './kernel-texts.js';
import {hasBtf} from './live.js';
import {entriesOf, exists, textOf, wordOf} from './text-files.js';

/** What is not to be found out is undefined. */
export interface Machine {
	readonly kernel: string;
	readonly root: boolean;
	readonly btf: boolean;
	/** Whether modules have BTF; undefined where no module could show it. */
	readonly modulesBtf: boolean | undefined;
	/** The mode in force: none, integrity, confidentiality. */
	readonly lockdown: string | undefined;
	/** Capabilities this process does not have. */
	readonly missing: readonly Capability[] | undefined;
	/** Soft limits as the kernel writes them: bytes, files, or `unlimited`. */
	readonly memlock: string | undefined;
	readonly nofile: string | undefined;
	/** bpf_jit_enable and ftrace_enabled; only root may read the first. */
	readonly jit: string | undefined;
	readonly ftrace: string | undefined;
	readonly clock: string | undefined;
	/** Clocks it could have instead. */
	readonly clocks: readonly string[];
	readonly kprobePmu: boolean;
	/** Where tracefs is mounted; '' nowhere. */
	readonly tracefs: string | undefined;
	/** The kernel has tracefs, mounted or not. */
	readonly hasTracefs: boolean;
}

const CLOCKS = '/sys/devices/system/clocksource/clocksource0';

/** Reads it all. Missing files are no error. */
export function machine(): Machine {
	const limits = textOf('/proc/self/limits') ?? '';
	const mounts = textOf('/proc/self/mounts');
	return {
		kernel: release(),
		root: process.getuid?.() === 0,
		btf: hasBtf(),
		modulesBtf: modulesBtf(entriesOf('/sys/kernel/btf'), textOf('/proc/modules')),
		lockdown: lockdownOf(textOf('/sys/kernel/security/lockdown') ?? ''),
		missing: missingCapabilities(textOf('/proc/self/status') ?? ''),
		memlock: limitOf(limits, 'Max locked memory'),
		nofile: limitOf(limits, 'Max open files'),
		jit: wordOf('/proc/sys/net/core/bpf_jit_enable'),
		ftrace: wordOf('/proc/sys/kernel/ftrace_enabled'),
		clock: wordOf(`${CLOCKS}/current_clocksource`),
		clocks: wordOf(`${CLOCKS}/available_clocksource`)?.split(/\s+/) ?? [],
		kprobePmu: exists('/sys/bus/event_source/devices/kprobe'),
		tracefs: mounts === undefined ? undefined : (tracefsOf(mounts) ?? ''),
		hasTracefs: /\ttracefs$/m.test(textOf('/proc/filesystems') ?? ''),
	};
}

/** @param btf names in /sys/kernel/btf; @param modules text of /proc/modules. */
export function modulesBtf(btf: readonly string[], modules: string | undefined): boolean | undefined {
	if (btf.some((name) => name !== 'vmlinux')) return true;
	return modules === undefined || modules === '' ? undefined : false;
}
