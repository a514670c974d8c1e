/** `pkttop doctor`: what this machine allows, each backend tried with real programs, one remedy a line. */
import {machine} from '../collector/machine.js';
import {type Addon, AddonError, loadAddon} from '../collector/native.js';
import {TRIED, type Tried, tryBackend} from '../collector/trial.js';
import {consequences, type Findings, remedies, type Verdict, works} from './diagnosis.js';
import {Exit} from './exit.js';
import type {Options} from './options.js';
import {print} from './output.js';

/** Prints the report. Exit code 0 when something can be traced here. */
export async function doctor(format: Options['format']): Promise<number> {
	const findings = await find();
	print(format === 'json' ? `${JSON.stringify(asJson(findings))}\n` : text(findings));
	return works(findings) ? Exit.done : Exit.cannot;
}

async function find(): Promise<Findings> {
	// Attaching raises our own limits: those that were found are read before.
	const here = machine();
	const addon = tryAddon();
	const verdict = async (backend: Tried): Promise<Verdict> => {
		if (typeof addon === 'string') return {ok: false, why: 'not tried: there is no addon'};
		if (!here.btf) return {ok: false, why: 'not tried: the kernel has no BTF'};
		if (!here.root) return {ok: false, why: 'not tried: this needs root'};
		const {ok, why, attachMs} = await tryBackend(addon, backend);
		return {ok, why, ...(attachMs === undefined ? {} : {attachMs})};
	};
	const verdicts: [Tried, Verdict][] = [];
	for (const name of TRIED) verdicts.push([name, await verdict(name)]);
	const backends = Object.fromEntries(verdicts) as Findings['backends'];
	return {...here, addon: typeof addon === 'string' ? addon : '', backends};
}

function tryAddon(): Addon | string {
	try {
		return loadAddon();
	} catch (error) {
		if (error instanceof AddonError) return error.message;
		throw error;
	}
}

/** What is undefined is left out. */
function asJson(findings: Findings): object {
	const {missing, ...rest} = findings;
	return {
		...rest,
		missingCapabilities: missing,
		ok: works(findings),
		consequences: consequences(findings),
		remedies: remedies(findings),
	};
}

const yes = (value: boolean | undefined): string => (value === undefined ? 'unknown' : value ? 'yes' : 'no');
const switched = (value: string | undefined): string =>
	value === undefined ? 'unknown' : value === '0' ? 'off' : 'on';

/** One fact a line, then what follows, then the remedies. */
export function text(findings: Findings): string {
	const {kernel, root, btf, modulesBtf, lockdown, missing, addon, memlock, nofile} = findings;
	const {jit, ftrace, clock, kprobePmu, tracefs, backends} = findings;
	const rows: (readonly [string, string])[] = [
		['kernel', kernel],
		['root', yes(root)],
		['BTF', `${yes(btf)}; of modules: ${yes(modulesBtf)}`],
		['lockdown', lockdown ?? 'unknown'],
		[
			'capabilities',
			missing === undefined ? 'unknown' : missing.length === 0 ? 'all' : `without ${missing.join(', ')}`,
		],
		['limits', `memlock ${memlock ?? 'unknown'}, nofile ${nofile ?? 'unknown'} (as root they are raised)`],
		['BPF JIT', switched(jit)],
		['ftrace', switched(ftrace)],
		['tracefs', tracefs === undefined ? 'unknown' : tracefs === '' ? 'not mounted' : tracefs],
		['kprobe PMU', yes(kprobePmu)],
		['clock', clock ?? 'unknown'],
		['addon', addon === '' ? 'yes' : addon],
		...TRIED.map((name) => [name, `${yes(backends[name].ok)}: ${backends[name].why}`] as const),
		...consequences(findings).map((line) => ['so', line] as const),
		...remedies(findings).map((line) => ['remedy', line] as const),
	];
	const width = Math.max(...rows.map(([left]) => left.length));
	return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}\n`).join('');
}
