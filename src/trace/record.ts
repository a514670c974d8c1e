/**
 * The record of bpf/record.h as byte offsets: events stay bytes until somebody looks at them.
 * Every reader here takes the bytes and the offset of a record; none allocates more than what it returns.
 */

export const Kind = {CALL: 1, OPEN: 2, MARK: 3, DROP: 4, TASK: 5, LOSS: 6} as const;
export const Flag = {CONTEXT: 3, IRQ_STACK: 4, END_UNKNOWN: 8} as const;
export const Family = {NONE: 0, IPV4: 1, IPV6: 2, ARP: 3} as const;
export const Context = {TASK: 0, SOFTIRQ: 1, HARDIRQ: 2} as const;
export const Proto = {ICMP: 1, TCP: 6, UDP: 17, ICMP6: 58, SCTP: 132} as const;

/** Byte offsets of struct record (calls and marks). */
export const At = {
	kind: 0,
	flags: 1,
	fn: 2,
	tid: 4,
	begin: 8,
	duration: 16,
	cpu: 24,
	under: 26,
	ret: 28,
	len: 32,
	dev: 36,
	family: 38,
	proto: 39,
	sport: 40,
	dport: 42,
	ipid: 44,
	tcp_flags: 46,
	depth: 47,
	seq: 48,
	ack: 52,
	saddr: 56,
	daddr: 60,
	saddr6: 56,
	daddr6: 72,
} as const;

/** Byte offsets of struct record_task and struct record_loss. */
export const TaskAt = {tid: 4, pid: 8, comm: 16} as const;
export const LossAt = {cause: 2, cpu: 4, at: 8, count: 16} as const;

export const SIZE_IPV4 = 64;
export const SIZE_IPV6 = 88;
export const SIZE_TASK = 32;
export const SIZE_LOSS = 24;

/** Size in bytes of the record at `offset`, 0 when its kind is not known (a damaged file). */
export function recordSize(bytes: Uint8Array, offset: number): number {
	switch (bytes[offset]) {
		case Kind.CALL:
		case Kind.OPEN:
		case Kind.MARK:
		case Kind.DROP:
			return bytes[offset + At.family] === Family.IPV6 ? SIZE_IPV6 : SIZE_IPV4;
		case Kind.TASK:
			return SIZE_TASK;
		case Kind.LOSS:
			return SIZE_LOSS;
		default:
			return 0;
	}
}
