/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The packet facts: what is read from a call's arguments at its begin, and from where.
 *
 * An skb carries its headers only between ip_rcv and the end of reception, and from ip_queue_xmit's inside down to the
 * device. Above that the addresses are the socket's, and on the way out TCP keeps sequence and flags in skb->cb. Which
 * of these holds for a function is a constant of its program (enum read_from).
 *
 * Loads through a pointer argument cost about nine instructions each, since the JIT checks the address. So an IPv4
 * packet is read by few of them and one copy (read_ipv4), only what a filter can ask is read before the filter is asked,
 * and the rest (complete) after it has said yes. All else is read by read_other, which is not in a hurry.
 */
#ifndef PKTTOP_PACKET_H
#define PKTTOP_PACKET_H

enum read_from {
	READ_HEADERS,   /* the headers in the skb, else the socket */
	READ_TCP_CB,    /* addresses from the socket, sequence and flags from TCP_SKB_CB: no header is written yet */
	READ_TRANSPORT, /* addresses from the socket, transport header from the skb: the IP header is not written yet */
	READ_SOCKET,    /* the socket even when there is an skb */
};

/* The arguments of a call that can tell about its packet. NULL: it has no such argument. */
struct args {
	struct sk_buff *skb;
	struct sock *sk;
	struct socket *socket;
	struct msghdr *msg;
	void *address; /* struct sockaddr of connect */
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

/* Whole words from an address in the kernel: by checked loads where there is bpf_rdonly_cast, else by a copy. */
#define LOAD_WORDS(address, w0, w1, w2)                                                                                 \
	if (bpf_ksym_exists(bpf_rdonly_cast)) {                                                                         \
		const struct pt_regs *r = bpf_rdonly_cast(address, bpf_core_type_id_kernel(struct pt_regs));              \
		w0 = r->word[0];                                                                                        \
		w1 = r->word[1];                                                                                        \
		w2 = r->word[2];                                                                                        \
	} else {                                                                                                        \
		u64 w[3];                                                                                               \
		if (bpf_probe_read_kernel(w, sizeof(w), address))                                                       \
			return false;                                                                                   \
		w0 = w[0];                                                                                              \
		w1 = w[1];                                                                                              \
		w2 = w[2];                                                                                              \
	}

/* Offset of a field in this kernel. */
#define OFFSET(type, field) bpf_core_field_offset(((type *)0)->field)

/*
 * The common case: an IPv4 header without options, of a packet that is no later fragment; with the ports all that a
 * filter can ask. `place` then says where the headers are: skb->protocol (network order) in bits 0 to 15,
 * network_header in bits 32 to 47. Whether the skb really holds such a packet is checked by confirm() once the filter
 * has accepted. False: nothing was read.
 */
static __always_inline bool read_ipv4(union facts *facts, struct sk_buff *skb, u64 *place, u16 *ipid)
{
	u64 w0, w1, w2;
	u32 ports;

	if (bpf_ksym_exists(bpf_rdonly_cast)) {
		u32 words = bpf_core_type_id_kernel(struct pt_regs);
		const struct pt_regs *r;

		/* protocol, transport_header and network_header are neighbours (native/btf.cc makes sure): one load */
		r = bpf_rdonly_cast((void *)skb + OFFSET(struct sk_buff, protocol), words);
		*place = r->word[0];
		r = bpf_rdonly_cast(skb->head + (u16)(*place >> 32), words);
		w0 = r->word[0];
		w1 = r->word[1];
		w2 = r->word[2];
	} else {
		u64 w[3];

		*place = skb->protocol | (u64)skb->network_header << 32;
		if (bpf_probe_read_kernel(w, sizeof(w), skb->head + (u16)(*place >> 32)))
			return false;
		w0 = w[0];
		w1 = w[1];
		w2 = w[2];
	}
	/* version and header length 0x45; of the 16 bits at byte 6 all but DF and MF are the fragment's offset */
	if ((w0 & 0xff1f0000000000ff) != 0x45)
		return false;
	*ipid = w0 >> 32;
	ports = bpf_ntohl(w2 >> 32); /* swaps the bytes of both and their places */
	facts->word[0] = w1;          /* TTL and checksum stand where depth and ipid will */
	facts->half[2] = w2;
	facts->half[3] = ports & -(u32)ports_of[w1 >> 8 & 0xff];
	facts->word[2] = (u64)FAMILY_IPV4 << 48;
	return true;
}

/*
 * Whether read_ipv4() read an IPv4 header and, where it read ports, whether they are in the linear part of the skb.
 * Then the rest is read.
 */
static __always_inline bool confirm(struct packet *p, struct sk_buff *skb, u64 place, u16 ipid)
{
	u32 at = (u16)(place >> 32);
	u16 protocol = place;

	if (!at || at + 28 > skb->tail) /* what is shorter and yet whole is for read_other() */
		return false;
	p->len = skb->len;
	p->ipid = bpf_ntohs(ipid);
	if (p->proto == IPPROTO_TCP) {
		u64 ports, numbers, more;

		LOAD_WORDS(skb->head + at + 16, ports, numbers, more);
		(void)ports; /* read_ipv4() has them */
		p->seq = bpf_ntohl((u32)numbers);
		p->ack = bpf_ntohl(numbers >> 32);
		p->tcp_flags = more >> 8;
	}
	return protocol == bpf_htons(ETH_P_IP) || protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD);
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
	u32 at = skb->network_header, end = skb->tail;
	unsigned char *head = skb->head;
	u16 protocol = bpf_ntohs(skb->protocol);

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

static __always_inline struct sock *socket_of(struct args *a)
{
	if (a->sk)
		return a->sk;
	if (a->socket)
		return a->socket->sk;
	return NULL;
}

/*
 * The common case of a socket call: an IPv4 socket and, where it is not connected, the address that comes with the
 * message. Addresses, ports, family and state are the first three words of struct sock_common (native/btf.cc makes sure).
 * False: nothing was read. The facts are as read_socket() finds them.
 */
static __always_inline bool read_ipv4_socket(union facts *facts, struct sock *sk, struct msghdr *msg)
{
	u64 w0, w1, w2;
	u32 daddr, dport, protocol;
	u8 state;

	LOAD_WORDS(sk, w0, w1, w2);
	state = w2 >> 16;
	if ((u16)w2 != AF_INET || state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV)
		return false;
	protocol = sk->sk_protocol;
	if (!has_ports(protocol))
		return false;
	daddr = w0;
	dport = bpf_ntohs((u16)(w1 >> 32));
	if (!dport && msg) {
		void *name = msg->msg_name;
		u64 address, more, rest;

		if (name) {
			LOAD_WORDS(name, address, more, rest); /* struct sockaddr_in: family, port, address */
			(void)more, (void)rest;
			if ((u16)address != AF_INET)
				return false;
			dport = bpf_ntohs((u16)(address >> 16));
			daddr = address >> 32;
		}
	}
	facts->word[0] = (u64)(protocol & 0xff) << 8 | (w0 & 0xffffffff00000000);
	facts->half[2] = daddr;
	facts->half[3] = dport | (w1 >> 48) << 16;
	facts->word[2] = (u64)FAMILY_IPV4 << 48;
	return true;
}

/* Local address first: a socket's facts do not know which way a packet goes. */
static __always_inline bool read_socket(struct packet *p, struct sock *sk)
{
	u16 family = sk->__sk_common.skc_family;
	u8 state = sk->__sk_common.skc_state;

	if (family != AF_INET && family != AF_INET6)
		return false;
	/* Request and time-wait sockets are shorter than struct sock: nothing behind sock_common is theirs. */
	p->proto = state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV ? IPPROTO_TCP : sk->sk_protocol;
	if (has_ports(p->proto)) { /* of a raw or ping socket these are a protocol or an identifier */
		p->sport = sk->__sk_common.skc_num;
		p->dport = bpf_ntohs(sk->__sk_common.skc_dport);
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
	p->saddr = sk->__sk_common.skc_rcv_saddr;
	p->daddr = sk->__sk_common.skc_daddr;
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

/*
 * All but the common case. Not inlined and without a result: when it returns the verifier forgets by which of its many
 * paths it came, and walks what follows once.
 */
static __noinline void read_other(struct packet *p, struct args *a, u32 from)
{
	struct sk_buff *skb = a->skb;
	struct sock *sk;

	__builtin_memset(p, 0, sizeof(*p));
	if (skb)
		p->len = skb->len;
	if (skb && from == READ_HEADERS) {
		read_headers(p, skb);
		if (p->family)
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

		if (!bpf_probe_read_kernel(h, sizeof(h), skb->head + skb->transport_header))
			read_transport(p, h);
	}
	if (!p->dport && a->msg)
		read_address(p, a->msg->msg_name);
	if (a->address)
		read_address(p, a->address);
}

#endif
