/* SPDX-License-Identifier: GPL-2.0-only */
/* TCP's inside: what the socket of a call knows, for functions that change it. */
#ifndef PKTTOP_INSIDE_H
#define PKTTOP_INSIDE_H

/* A field of a socket that is known as `tp` where the kernel can tell the verifier so, else by a helper. */
#define OF_TCP(tp, field)                                                                                              \
	({                                                                                                             \
		typeof((tp)->field) got = 0;                                                                           \
		if (CONSTANT(PATCH_TYPED) && bpf_ksym_exists(bpf_rdonly_cast))                                         \
			got = (tp)->field;                                                                             \
		else                                                                                                   \
			bpf_core_read((void *)&got, sizeof(got), &(tp)->field);                                                \
		got;                                                                                                   \
	})

static __always_inline u16 at_most_16_bits(u32 count)
{
	return count < 0xffff ? count : 0xffff;
}

/* Where in the stream the bytes begin that a call writes or reads. 0 of a socket that is not TCP's. */
static __always_inline u32 stream_position(u64 socket, u32 bytes, u8 proto)
{
	struct tcp_sock *tp = KNOWN(tcp_sock, socket);

	if (!socket || proto != IPPROTO_TCP)
		return 0;
	return bytes == BYTES_WRITTEN ? OF_TCP(tp, write_seq) : OF_TCP(tp, copied_seq);
}

/*
 * Fills all but `state` and `cwnd`. False: it is no TCP socket, or one of the short ones that stand in for it before and
 * after. At the end of a call the socket may have been freed; its memory stays a TCP socket's (SLAB_TYPESAFE_BY_RCU).
 */
static __noinline bool look_inside(struct tcp_inside *to, u64 socket)
{
	struct sock *sk = KNOWN(sock, socket);
	struct tcp_sock *tp = KNOWN(tcp_sock, socket);
	struct inet_connection_sock *icsk = (void *)socket;
	u8 state;

	if (!socket)
		return false;
	state = OF_TCP(sk, __sk_common.skc_state);
	if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV || (u16)OF_TCP(sk, sk_protocol) != IPPROTO_TCP)
		return false;
	to->new_state = state;
	to->congestion = BPF_CORE_READ_BITFIELD_PROBED(icsk, icsk_ca_state);
	to->pad = 0;
	to->new_cwnd = OF_TCP(tp, snd_cwnd);
	to->ssthresh = OF_TCP(tp, snd_ssthresh);
	to->snd_wnd = OF_TCP(tp, snd_wnd);
	to->rcv_wnd = OF_TCP(tp, rcv_wnd);
	to->srtt = OF_TCP(tp, srtt_us) >> 3;
	to->packets_out = at_most_16_bits(OF_TCP(tp, packets_out));
	to->retransmits = at_most_16_bits(OF_TCP(tp, total_retrans));
	return true;
}

/* At the begin of a call, or at a mark. False: the socket has none. */
static __always_inline bool open_inside(struct frame *f, u64 socket)
{
	if (!look_inside(&f->inside, socket))
		return false;
	f->inside.state = f->inside.new_state;
	f->inside.cwnd = f->inside.new_cwnd;
	f->rec.flags |= FLAG_TCP;
	return true;
}

#endif
