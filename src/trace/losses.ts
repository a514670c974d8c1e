/** Every cause for which an event can be missing, in the order of enum loss_cause in bpf/record.h, with the words for it. */
export const LOSS_CAUSES = [
	{name: 'ring', words: 'ring full'},
	{name: 'depth', words: 'calls nested too deep'},
	{name: 'storage', words: 'no memory for the calls of a sleeping task'},
	{name: 'end', words: 'exit probes skipped by the kernel, several at once'},
	{name: 'recursion', words: 'probe skipped by the kernel: already running on that CPU'},
	{name: 'identity', words: 'no room to remember a packet: it goes on under another number'},
] as const;

/** Cause of a loss that is none of the kernel side's: what waited to be looked at was more than the session keeps. */
export const BEHIND = 0xff;
const BEHIND_WORDS = 'more at once than memory keeps: the oldest, not looked at';

/** @param cause of a RECORD_LOSS. */
export function lossWords(cause: number): string {
	return cause === BEHIND ? BEHIND_WORDS : (LOSS_CAUSES[cause]?.words ?? 'cause unknown');
}

/** The cause with these words; one that no cause has where it is none. */
export function lossCause(words: string): number {
	if (words === BEHIND_WORDS) return BEHIND;
	const cause = LOSS_CAUSES.findIndex((one) => one.words === words);
	return cause < 0 ? LOSS_CAUSES.length : cause;
}

/** As JSON has it. */
export function lossName(cause: number): string {
	return cause === BEHIND ? 'behind' : (LOSS_CAUSES[cause]?.name ?? 'unknown');
}

export type LossName = (typeof LOSS_CAUSES)[number]['name'];
