/** The clock of a session: CLOCK_MONOTONIC since a base that leaves times in records room for 52 days (bpf/record.h). */

/** ns of CLOCK_MONOTONIC that times of this process count from. */
export const BASE = (process.hrtime.bigint() >> 32n) << 32n;

/** ns since BASE. */
export function now(): bigint {
	return process.hrtime.bigint() - BASE;
}
