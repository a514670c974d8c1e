/** Times that are typed. */

const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.:](\d{1,9}))?)?$/;
const LATER = /^\+(\d+(?:\.\d+)?)(ms|s|m)?$/;

/**
 * ns since `epoch` of a clock of the day of `began`, or of seconds since `began`; what is wrong with the text.
 * @param began ns since `epoch` (the high word of the monotonic clock); @param wallOffset wall clock minus monotonic, ns.
 */
export function parseTime(text: string, began: number, epoch: number, wallOffset: bigint): number | string {
	const later = LATER.exec(text);
	if (later !== null) {
		const unit = {ms: 1e6, s: 1e9, m: 60e9}[later[2] ?? 's'] ?? 1e9;
		return began + Number(later[1]) * unit;
	}
	const clock = CLOCK.exec(text);
	if (clock === null) return 'a time is HH:MM:SS.ffffff, or +SECONDS since the beginning';
	const [, hours, minutes, seconds = '0', fraction = ''] = clock;
	if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return `there is no ${text} in a day`;
	const offset = (BigInt(Math.max(0, epoch)) << 32n) + wallOffset;
	const date = new Date(Number((BigInt(Math.floor(began)) + offset) / 1_000_000n));
	date.setHours(Number(hours), Number(minutes), Number(seconds), 0);
	const nanos = BigInt(date.getTime()) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
	return Number(nanos - offset);
}
