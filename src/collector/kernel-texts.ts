/** What the kernel's text files say: from their text alone. */

/** Capabilities that tracing needs or may need, by their bit in CapEff. */
const CAPABILITIES = {
	CAP_NET_ADMIN: 12,
	CAP_SYS_ADMIN: 21,
	CAP_SYS_RESOURCE: 24,
	CAP_PERFMON: 38,
	CAP_BPF: 39,
} as const;
export type Capability = keyof typeof CAPABILITIES;

/** Which of those capabilities /proc/self/status says are missing; undefined when it does not say. */
export function missingCapabilities(status: string): Capability[] | undefined {
	const effective = /^CapEff:\s*([0-9a-f]+)$/im.exec(status)?.[1];
	if (effective === undefined) return undefined;
	const bits = BigInt(`0x${effective}`);
	const names = Object.keys(CAPABILITIES) as Capability[];
	return names.filter((name) => ((bits >> BigInt(CAPABILITIES[name])) & 1n) === 0n);
}

/** The soft limit of that name in /proc/self/limits, as written there. */
export function limitOf(limits: string, name: string): string | undefined {
	const line = limits.split('\n').find((one) => one.startsWith(`${name} `));
	return line === undefined ? undefined : /^\s+(\S+)/.exec(line.slice(name.length))?.[1];
}

/** The mode in force of /sys/kernel/security/lockdown, which has it in brackets. */
export function lockdownOf(modes: string): string | undefined {
	return /\[(\w+)\]/.exec(modes)?.[1];
}

/** Where /proc/self/mounts says that tracefs is mounted. */
export function tracefsOf(mounts: string): string | undefined {
	return /^\S+ (\S+) tracefs /m.exec(mounts)?.[1];
}

/** Symbols of /proc/kallsyms that have one of the names, and a compiler's copies of them: the same name and a dot. */
export function symbolsAmong(kallsyms: string, names: ReadonlySet<string>): Set<string> {
	const found = new Set<string>();
	for (const [, symbol = ''] of kallsyms.matchAll(/^[0-9a-f]+ [tTwW] (\S+)/gm)) {
		if (names.has(plain(symbol))) found.add(symbol);
	}
	return found;
}

/** A function's name without what a compiler appended. */
export function plain(symbol: string): string {
	const dot = symbol.indexOf('.');
	return dot < 0 ? symbol : symbol.slice(0, dot);
}

/** Names among those of available_filter_functions: one a line, for a module's function the module behind it. */
export function probeableAmong(available: string, names: ReadonlySet<string>): Set<string> {
	const found = new Set<string>();
	for (const [, name = ''] of available.matchAll(/^(\S+)/gm)) if (names.has(name)) found.add(name);
	return found;
}
