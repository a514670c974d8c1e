/* SPDX-License-Identifier: GPL-2.0-only */
/* How many packets a queue has before a call puts another one into it. */
#ifndef PKTTOP_QUEUE_H
#define PKTTOP_QUEUE_H

/* Its packets are counted on each CPU apart (include/net/sch_generic.h). */
#define TCQ_F_CPUSTATS 0x20

/* A field behind a pointer of any kind; `got` stays as it is where that cannot be read. */
#define READ_INTO(got, type, pointer, field) bpf_core_read(&(got), sizeof(got), &((type *)(pointer))->field)

/*
 * `kind`: enum queue_kind. `sk`: socket of the call; `argument`: what PATCH_QUEUE stands for. The length plus 1, at most
 * 65535; 0 where it is not known.
 */
static __noinline u32 queue_length(u32 kind, u64 sk, u64 argument)
{
	u32 length = 0, flags = 0;
	s64 error;

	switch (kind) {
	case QUEUE_CPU: {
		const struct softnet_data *softnet = NULL;

		if (bpf_ksym_exists(&softnet_data))
			softnet = bpf_per_cpu_ptr(&softnet_data, argument);
		if (!softnet)
			return 0;
		error = READ_INTO(length, struct softnet_data, softnet, input_pkt_queue.qlen);
		break;
	}
	case QUEUE_QDISC:
		error = READ_INTO(flags, struct Qdisc, argument, flags) || flags & TCQ_F_CPUSTATS ||
			READ_INTO(length, struct Qdisc, argument, q.qlen);
		break;
	case QUEUE_NEIGHBOUR:
		error = READ_INTO(length, struct neighbour, argument, arp_queue.qlen);
		break;
	case QUEUE_RECEIVE:
		error = READ_INTO(length, struct sock, sk, sk_receive_queue.qlen);
		break;
	case QUEUE_ACCEPT:
		error = READ_INTO(length, struct sock, sk, sk_ack_backlog);
		break;
	default: /* QUEUE_FLIGHT */
		error = READ_INTO(length, struct tcp_sock, sk, packets_out);
	}
	return error ? 0 : length < 0xfffe ? length + 1 : 0xffff;
}

#endif
