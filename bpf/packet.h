/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The packet facts: what is read from a call's arguments at its begin, and from where.
 *
 * An skb carries its headers only between ip_rcv and the end of reception, and from ip_queue_xmit's inside down to the
 * device. Above that the addresses are the socket's, and on the way out TCP keeps sequence and flags in skb->cb. Which
 * of these holds for a function is a constant of its program (enum read_from).
 */
#ifndef PKTTOP_PACKET_H
#define PKTTOP_PACKET_H

enum read_from {
	READ_HEADERS,   /* the headers in the skb, else the socket */
	READ_TCP_CB,    /* addresses from the socket, sequence and flags from TCP_SKB_CB: no header is written yet */
	READ_TRANSPORT, /* addresses from the socket, transport header from the skb: the IP header is not written yet */
	READ_SOCKET,    /* the socket even when there is an skb */
};

/* IPv4 without options and TCP, or the fixed header of IPv6. */
#define HEADERS 40

/* A table, because a comparison each is dearer. */
const volatile u8 ports_of[256] SEC(".rodata.ports") = {[IPPROTO_TCP] = 1, [IPPROTO_UDP] = 1, [IPPROTO_SCTP] = 1};

static __always_inline bool has_ports(u8 proto)
{
	return ports_of[proto];
}

/* The first four bytes of TCP, UDP and SCTP are the ports; TCP goes on with seq, ack and, in byte 13, the flags. */
static __always_inline void read_transport(struct packet *p, const u8 *h)
{
	if (!has_ports(p->proto))
		return;
	p->sport = bpf_ntohs(*(u16 *)h);
	p->dport = bpf_ntohs(*(u16 *)(h + 2));
	if (p->proto == IPPROTO_TCP) {
		p->seq = bpf_ntohl(*(u32 *)(h + 4));
		p->ack = bpf_ntohl(*(u32 *)(h + 8));
		p->tcp_flags = h[13];
	}
}

#define IPV6_EXTENSIONS                                                                                                \
	(1ull << IPPROTO_HOPOPTS | 1ull << IPPROTO_ROUTING | 1ull << IPPROTO_FRAGMENT | 1ull << IPPROTO_DSTOPTS)

/* After the fixed IPv6 header: skips extension headers, then the transport header. `at` is its offset in the buffer. */
static __always_inline void read_ipv6_transport(struct packet *p, unsigned char *head, u32 at, u32 end)
{
	u8 h[20] __attribute__((aligned(8))) = {};
	u8 next = p->proto;

	/* A set instead of comparisons, and one length formula for all: every branch here is a path for the verifier. */
	for (int i = 0; i < 4; i++) {
		if (next > 63 || !(IPV6_EXTENSIONS >> next & 1))
			break;
		if (at + 8 > end || bpf_probe_read_kernel(h, 8, head + at))
			return;
		if (next == IPPROTO_FRAGMENT && (h[2] | (h[3] & 0xf8))) { /* not the first fragment: no ports in it */
			p->proto = h[0];
			return;
		}
		at += (h[1] + 1) * 8; /* of a fragment header byte 1 is reserved, 0, and its length 8 */
		next = h[0];
	}
	p->proto = next;
	if (at + 8 > end || bpf_probe_read_kernel(h, sizeof(h), head + at))
		return;
	read_transport(p, h);
}

/* Any header that the skb holds. Reading past the packet is harmless: skb_shared_info follows in the same buffer. */
static __always_inline void read_headers(struct packet *p, struct sk_buff *skb)
{
	u8 h[HEADERS] __attribute__((aligned(8)));
	u32 at = GET(skb, network_header), end = GET(skb, tail);
	unsigned char *head = GET(skb, head);
	u16 protocol = bpf_ntohs(GET(skb, protocol));

	if (!at || at + 20 > end || bpf_probe_read_kernel(h, sizeof(h), head + at))
		return;
	if (protocol == ETH_P_ARP) {
		p->family = FAMILY_ARP;
		p->saddr = *(u16 *)(h + 14) | (u32) * (u16 *)(h + 16) << 16;
		p->daddr = *(u32 *)(h + 24);
		return;
	}
	if (protocol != ETH_P_IP && protocol != ETH_P_IPV6 && protocol != ETH_P_8021Q && protocol != ETH_P_8021AD)
		return;
	if (h[0] >> 4 == 4) {
		u32 length = (h[0] & 15) * 4;

		p->family = FAMILY_IPV4;
		p->ipid = bpf_ntohs(*(u16 *)(h + 4));
		p->proto = h[9];
		p->saddr = *(u32 *)(h + 12);
		p->daddr = *(u32 *)(h + 16);
		if ((h[6] & 0x1f) | h[7]) /* not the first fragment: no ports in it */
			return;
		if (at + length + 8 > end || bpf_probe_read_kernel(h, 20, head + at + length))
			return;
		read_transport(p, h);
	} else if (h[0] >> 4 == 6) {
		p->family = FAMILY_IPV6;
		p->proto = h[6];
		__builtin_memcpy(p->saddr6, h + 8, 32);
		read_ipv6_transport(p, head, at + 40, end);
	}
}

/* Local address first: a socket's facts do not know which way a packet goes. */
static __always_inline bool read_socket(struct packet *p, struct sock *sk)
{
	u16 family = GET(sk, __sk_common.skc_family);
	u8 state = GET(sk, __sk_common.skc_state);

	if (family != AF_INET && family != AF_INET6)
		return false;
	/* Request and time-wait sockets are shorter than struct sock: nothing behind sock_common is theirs. */
	p->proto = state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV ? IPPROTO_TCP : GET(sk, sk_protocol);
	if (has_ports(p->proto)) { /* of a raw or ping socket these are a protocol or an identifier */
		p->sport = GET(sk, __sk_common.skc_num);
		p->dport = bpf_ntohs(GET(sk, __sk_common.skc_dport));
	}
	if (family == AF_INET6) {
		u64 a[4];

		bpf_probe_read_kernel(a, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_probe_read_kernel(a + 2, 16, &sk->__sk_common.skc_v6_daddr);
		/* ::ffff:a.b.c.d is an IPv4 connection of an IPv6 socket; the kernel keeps skc_daddr beside it */
		if (!(a[2] == 0 && (u32)a[3] == bpf_htonl(0xffff))) {
			p->family = FAMILY_IPV6;
			__builtin_memcpy(p->saddr6, a, 32);
			return true;
		}
	}
	p->family = FAMILY_IPV4;
	p->saddr = GET(sk, __sk_common.skc_rcv_saddr);
	p->daddr = GET(sk, __sk_common.skc_daddr);
	return true;
}

/* The other side from a sockaddr: msg_name of an unconnected datagram, the address that is connected to. */
static __always_inline void read_address(struct packet *p, void *address)
{
	u8 a[28] __attribute__((aligned(8))) = {};
	u16 family;

	if (!address || bpf_probe_read_kernel(a, sizeof(a), address))
		return;
	family = *(u16 *)a;
	if (family == AF_INET && p->family != FAMILY_IPV6) {
		p->family = FAMILY_IPV4;
		p->daddr = *(u32 *)(a + 4);
	} else if (family == AF_INET6) {
		p->saddr = p->daddr = 0; /* of an IPv4 socket's side nothing is kept in the other family */
		p->family = FAMILY_IPV6;
		__builtin_memcpy(p->daddr6, a + 8, 16);
	} else {
		return;
	}
	if (has_ports(p->proto))
		p->dport = bpf_ntohs(*(u16 *)(a + 2));
}

/* What a route is looked up for: the ports stand at the same place for all protocols that have some. */
static __always_inline void read_flow4(struct packet *p, struct flowi4 *flow)
{
	p->family = FAMILY_IPV4;
	bpf_core_read(&p->proto, 1, &flow->__fl_common.flowic_proto);
	bpf_core_read(&p->saddr, 4, &flow->saddr);
	bpf_core_read(&p->daddr, 4, &flow->daddr);
}

static __always_inline void read_flow6(struct packet *p, struct flowi6 *flow)
{
	p->family = FAMILY_IPV6;
	bpf_core_read(&p->proto, 1, &flow->__fl_common.flowic_proto);
	bpf_core_read(p->saddr6, 16, &flow->saddr);
	bpf_core_read(p->daddr6, 16, &flow->daddr);
}

static __always_inline void read_flow_ports(struct packet *p, union flowi_uli *uli)
{
	u16 port;

	if (!has_ports(p->proto))
		return;
	if (!bpf_core_read(&port, 2, &uli->ports.sport))
		p->sport = bpf_ntohs(port);
	if (!bpf_core_read(&port, 2, &uli->ports.dport))
		p->dport = bpf_ntohs(port);
}

static __always_inline void read_any(struct packet *p, struct args *a, u32 from)
{
	struct sk_buff *skb = a->skb;
	struct sock *sk;

	__builtin_memset(p, 0, sizeof(*p));
	if (skb)
		p->len = GET(skb, len);
	if (skb && from == READ_HEADERS) {
		read_headers(p, skb);
		if (p->family)
			return;
	}
	if (a->flow4 && !skb) {
		read_flow4(p, a->flow4);
		read_flow_ports(p, &a->flow4->uli);
		return;
	}
	if (a->flow6 && !skb) {
		read_flow6(p, a->flow6);
		read_flow_ports(p, &a->flow6->uli);
		return;
	}
	sk = socket_of(a);
	if (!sk || !read_socket(p, sk))
		return;
	if (skb && from == READ_TCP_CB) {
		struct tcp_skb_cb *cb = (void *)skb->cb;

		bpf_probe_read_kernel(&p->seq, 4, &cb->seq);
		bpf_probe_read_kernel(&p->tcp_flags, 1, &cb->tcp_flags);
		bpf_probe_read_kernel(&p->ack, 4, &((struct tcp_sock *)sk)->rcv_nxt);
	} else if (skb && from == READ_TRANSPORT) {
		u8 h[20] __attribute__((aligned(8)));

		if (!bpf_probe_read_kernel(h, sizeof(h), GET(skb, head) + GET(skb, transport_header)))
			read_transport(p, h);
	}
	if (!p->dport && a->msg)
		read_address(p, GET(a->msg, msg_name));
	if (a->address)
		read_address(p, a->address);
}

/*
 * All but the common case. Not inlined and without a result, and at the end all of it is read once more by a helper: so
 * the verifier forgets by which of its many paths it came, and walks what follows once.
 */
static __noinline void read_other(struct packet *p, struct args *a, u32 from)
{
	read_any(p, a, from);
	bpf_probe_read_kernel(p, sizeof(*p), p);
}

#endif
