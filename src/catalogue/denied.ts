/** Functions that must not be probed, although they have packets or sockets among their arguments. */

interface Denied {
	/** What names begin with. */
	readonly prefix: string;
	/** Goes on after "must not be probed:". */
	readonly why: string;
}

const HELPER = 'it is a part of BPF itself, which pkttop runs on';
const TRACING = 'it is a part of a tracepoint, which pkttop may be attached to';

const DENIED: readonly Denied[] = [
	{prefix: 'bpf_', why: HELPER},
	{prefix: '__bpf_', why: HELPER},
	{prefix: '____bpf_', why: HELPER},
	{prefix: 'nf_hook_run_bpf', why: 'it runs the programs of pkttop at netfilter hooks'},
	{prefix: '__traceiter_', why: TRACING},
	{prefix: '__probestub_', why: TRACING},
	{prefix: 'perf_trace_', why: TRACING},
	{prefix: 'trace_event_raw_event_', why: TRACING},
	{prefix: 'trace_raw_output_', why: TRACING},
	{prefix: '__trace_', why: TRACING},
];

/** Why a function must not be probed; undefined when it may. */
export function denied(name: string): string | undefined {
	return DENIED.find(({prefix}) => name.startsWith(prefix))?.why;
}
