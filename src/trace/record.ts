/**
 * The record of bpf/record.h as byte offsets: events stay bytes until somebody looks at them.
 * Every reader here takes the bytes and the offset of a record; none allocates more than what it returns.
 */

export const Kind = {CALL: 1, OPEN: 2, MARK: 3, DROP: 4, TASK: 5, LOSS: 6, LIFE: 7} as const;
export const Flag = {CONTEXT: 3, IRQ_STACK: 4, END_UNKNOWN: 8, TCP: 16, PACKET: 32} as const;
export const Family = {NONE: 0, IPV4: 1, IPV6: 2, ARP: 3} as const;
/** UNKNOWN: nobody recorded where it ran, and on which CPU. The kernel side always does. */
export const Context = {TASK: 0, SOFTIRQ: 1, HARDIRQ: 2, UNKNOWN: 3} as const;
export const Proto = {ICMP: 1, TCP: 6, UDP: 17, ICMP6: 58, SCTP: 132} as const;

/** Where the packet part begins: the tests of the kernel's filter count from here. */
export const PACKET = 32;

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
	depth: 32,
	proto: 33,
	ipid: 34,
	saddr: 36,
	daddr: 40,
	dport: 44,
	sport: 46,
	len: 48,
	dev: 52,
	family: 54,
	tcp_flags: 55,
	seq: 56,
	ack: 60,
	saddr6: 64,
	daddr6: 80,
} as const;

/** Byte offsets of struct tcp_inside in itself; it follows the record of a call with Flag.TCP. */
export const TcpAt = {
	state: 0,
	new_state: 1,
	congestion: 2,
	cwnd: 4,
	new_cwnd: 8,
	ssthresh: 12,
	snd_wnd: 16,
	rcv_wnd: 20,
	srtt: 24,
	packets_out: 28,
	retransmits: 30,
} as const;

/** Byte offsets of the other kinds of records. What has a time has it where At.begin is. */
export const TaskAt = {tid: 4, pid: 8, comm: 16} as const;
export const LossAt = {cause: 2, cpu: 4, count: 16} as const;
export const LifeAt = {what: 2, packet: 4, location: 16, other: 24, tid: 28} as const;

/** What became of a packet: enum life. Up to FRAGMENT it is new, and came out of the other one. */
export const Life = {
	CLONE: 1,
	COPY: 2,
	SEGMENT: 3,
	FRAGMENT: 4,
	MERGED: 5,
	CONSUMED: 6,
	DROPPED: 7,
	FREED: 8,
	UNSEEN: 9,
	EVICTED: 10,
} as const;

export const SIZE_IPV4 = 64;
export const SIZE_IPV6 = 96;
/** Beyond the size that follows from the addresses. */
export const SIZE_TCP = 32;
export const LONGEST_RECORD = SIZE_IPV6 + SIZE_TCP;
export const SIZE_TASK = 32;
export const SIZE_LOSS = 24;
export const SIZE_LIFE = 32;

/** Size in bytes of the record at `offset`, 0 when its kind is not known (a damaged file). */
export function recordSize(bytes: Uint8Array, offset: number): number {
	switch (bytes[offset]) {
		case Kind.CALL:
		case Kind.OPEN:
		case Kind.MARK:
		case Kind.DROP:
			return (
				(bytes[offset + At.family] === Family.IPV6 ? SIZE_IPV6 : SIZE_IPV4) +
				(((bytes[offset + At.flags] as number) & Flag.TCP) === 0 ? 0 : SIZE_TCP)
			);
		case Kind.TASK:
			return SIZE_TASK;
		case Kind.LOSS:
			return SIZE_LOSS;
		case Kind.LIFE:
			return SIZE_LIFE;
		default:
			return 0;
	}
}
