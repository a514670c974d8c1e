/** Every cause for which an event can be missing, in the order of enum loss_cause in bpf/record.h, with the words for it. */
export const LOSS_CAUSES = [
	{name: 'ring', words: 'ring full'},
	{name: 'depth', words: 'calls nested too deep'},
	{name: 'storage', words: 'no memory for the calls of a sleeping task'},
	{name: 'end', words: 'exit probes skipped by the kernel, several at once'},
	{name: 'recursion', words: 'probe skipped by the kernel: already running on that CPU'},
	{name: 'identity', words: 'no room to remember a packet: it goes on under another number'},
] as const;

export type LossName = (typeof LOSS_CAUSES)[number]['name'];
