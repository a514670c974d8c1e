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

/* The arguments of a call that can tell about its packet. NULL: it has no such argument. */
struct args {
	struct sk_buff *skb;
	struct sock *sk;
	struct socket *socket;
	struct msghdr *msg;
	void *address; /* struct sockaddr of connect */
};

/* Index + 1 into the device table for a device and its namespace; a new one takes a free slot. 0 when it is full. */
static __noinline u16 device_index(u32 netns, u32 ifindex, const char *name)
{
	u64 wanted = (u64)netns << 32 | ifindex;
	u32 at = netns * 31 + ifindex;

	for (int probe = 0; probe < 2; probe++, at++) {
		u32 key = at % MAX_DEVICES;
		struct device *d = bpf_map_lookup_elem(&devices, &key);

		if (!d)
			return 0;
		if (d->key == wanted)
			return key + 1;
		if (d->key)
			continue;
		if (__sync_val_compare_and_swap(&d->key, 0, wanted) == 0) {
			if (name)
				bpf_probe_read_kernel(d->name, sizeof(d->name), name);
			return key + 1;
		}
		if (d->key == wanted)
			return key + 1;
	}
	return 0;
}

/* A device and its namespace, as they are known before the table is asked. */
struct place {
	u32 netns;
	u32 ifindex;
	const char *name;
};

static __always_inline struct net_device *route_device(struct dst_entry *dst)
{
	if (!dst)
		return NULL;
	if (bpf_core_field_exists(dst->dev))
		return BPF_CORE_READ(dst, dev);
	return BPF_CORE_READ((struct dst_entry___rcu *)dst, dev_rcu);
}

/* Through a plain number instead of a typed pointer, hence by helper calls. */
static __always_inline void place_of_route(struct place *p, struct dst_entry *dst)
{
	struct net_device *dev = route_device(dst);

	if (!dev)
		return;
	p->netns = BPF_CORE_READ(dev, nd_net.net, ns.inum);
	p->ifindex = BPF_CORE_READ(dev, ifindex);
	p->name = dev->name;
}

static __always_inline void set_family(struct record *rec, u32 family)
{
	rec->flags = (rec->flags & ~FLAG_FAMILY) | family;
}

static __always_inline bool has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP;
}

/* The four first bytes of TCP, UDP and SCTP are the ports; TCP goes on with seq, ack and, in byte 13, the flags. */
static __always_inline void read_transport(struct record *rec, const u8 *h)
{
	u8 proto = rec->proto;

	if (!has_ports(proto))
		return;
	rec->sport = bpf_ntohs(*(u16 *)h);
	rec->dport = bpf_ntohs(*(u16 *)(h + 2));
	if (proto == IPPROTO_TCP) {
		rec->seq = bpf_ntohl(*(u32 *)(h + 4));
		rec->ack = bpf_ntohl(*(u32 *)(h + 8));
		rec->tcp_flags = h[13];
	}
}

#define IPV6_EXTENSIONS                                                                                                \
	(1ull << IPPROTO_HOPOPTS | 1ull << IPPROTO_ROUTING | 1ull << IPPROTO_FRAGMENT | 1ull << IPPROTO_DSTOPTS)

/* After the fixed IPv6 header: skips extension headers, then the transport header. `at` is its offset in the buffer. */
static __noinline void read_ipv6_transport(struct record *rec, unsigned char *head, u32 at, u32 end)
{
	u8 h[20] __attribute__((aligned(8))) = {};
	u8 next = rec->proto;

	/* A set instead of comparisons, and one length formula for all: every branch here is a path for the verifier. */
	for (int i = 0; i < 4; i++) {
		if (next > 63 || !(IPV6_EXTENSIONS >> next & 1))
			break;
		if (at + 8 > end || bpf_probe_read_kernel(h, 8, head + at))
			return;
		if (next == IPPROTO_FRAGMENT && (h[2] | (h[3] & 0xf8))) { /* not the first fragment: no ports in it */
			rec->proto = h[0];
			return;
		}
		at += (h[1] + 1) * 8; /* of a fragment header byte 1 is reserved, 0, and its length 8 */
		next = h[0];
	}
	rec->proto = next;
	if (at + 8 > end || bpf_probe_read_kernel(h, sizeof(h), head + at))
		return;
	read_transport(rec, h);
}

/*
 * Reads the headers that the skb holds. 40 bytes at once are an IPv4 header without options and a TCP header, or the
 * fixed IPv6 header. Reading past the packet is harmless: the skb's shared info follows in the same buffer.
 */
static __always_inline bool read_headers(struct record *rec, struct sk_buff *skb)
{
	u8 h[40] __attribute__((aligned(8)));
	u32 at = skb->network_header, end = skb->tail;
	unsigned char *head = skb->head;
	u16 protocol = bpf_ntohs(skb->protocol);

	if (!at || at + 20 > end || bpf_probe_read_kernel(h, sizeof(h), head + at))
		return false;
	if (protocol == ETH_P_ARP) {
		set_family(rec, FAMILY_ARP);
		rec->saddr = *(u16 *)(h + 14) | (u32) * (u16 *)(h + 16) << 16;
		rec->daddr = *(u32 *)(h + 24);
		return true;
	}
	if (protocol != ETH_P_IP && protocol != ETH_P_IPV6 && protocol != ETH_P_8021Q && protocol != ETH_P_8021AD)
		return false;
	if (h[0] >> 4 == 4) {
		u32 length = (h[0] & 15) * 4;

		set_family(rec, FAMILY_IPV4);
		rec->ipid = bpf_ntohs(*(u16 *)(h + 4));
		rec->proto = h[9];
		rec->saddr = *(u32 *)(h + 12);
		rec->daddr = *(u32 *)(h + 16);
		if ((h[6] & 0x1f) | h[7]) /* not the first fragment: no ports in it */
			return true;
		if (at + length + 8 > end)
			return true;
		if (length != 20 && bpf_probe_read_kernel(h + 20, 20, head + at + length))
			return true;
		read_transport(rec, h + 20);
		return true;
	}
	if (h[0] >> 4 == 6) {
		set_family(rec, FAMILY_IPV6);
		rec->proto = h[6];
		__builtin_memcpy(rec->saddr6, h + 8, 32);
		read_ipv6_transport(rec, head, at + 40, end);
		return true;
	}
	return false;
}

/* Local address first: a socket's facts do not know which way a packet goes. */
static __always_inline bool read_socket(struct record *rec, struct sock *sk)
{
	u16 family = sk->__sk_common.skc_family;
	u8 state = sk->__sk_common.skc_state;

	if (family != AF_INET && family != AF_INET6)
		return false;
	/* Request and time-wait sockets are shorter than struct sock: nothing behind sock_common is theirs. */
	rec->proto = state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV ? IPPROTO_TCP : sk->sk_protocol;
	if (has_ports(rec->proto)) { /* of a raw or ping socket these are a protocol or an identifier */
		rec->sport = sk->__sk_common.skc_num;
		rec->dport = bpf_ntohs(sk->__sk_common.skc_dport);
	}
	if (family == AF_INET6) {
		u64 a[4];

		bpf_probe_read_kernel(a, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_probe_read_kernel(a + 2, 16, &sk->__sk_common.skc_v6_daddr);
		/* ::ffff:a.b.c.d is an IPv4 connection of an IPv6 socket; the kernel keeps skc_daddr beside it */
		if (!(a[2] == 0 && (u32)a[3] == bpf_htonl(0xffff))) {
			set_family(rec, FAMILY_IPV6);
			__builtin_memcpy(rec->saddr6, a, 32);
			return true;
		}
	}
	set_family(rec, FAMILY_IPV4);
	rec->saddr = sk->__sk_common.skc_rcv_saddr;
	rec->daddr = sk->__sk_common.skc_daddr;
	return true;
}

/* The other side from a sockaddr: msg_name of an unconnected datagram, the address that is connected to. */
static __noinline void read_address(struct record *rec, void *address)
{
	u8 a[28] __attribute__((aligned(8))) = {};
	u16 family;

	if (!address || bpf_probe_read_kernel(a, sizeof(a), address))
		return;
	family = *(u16 *)a;
	if (family == AF_INET && (rec->flags & FLAG_FAMILY) != FAMILY_IPV6) {
		set_family(rec, FAMILY_IPV4);
		rec->daddr = *(u32 *)(a + 4);
	} else if (family == AF_INET6) {
		if ((rec->flags & FLAG_FAMILY) == FAMILY_IPV4) /* local side still unknown: not kept in the other family */
			__builtin_memset(rec->saddr6, 0, 16);
		set_family(rec, FAMILY_IPV6);
		__builtin_memcpy(rec->daddr6, a + 8, 16);
	} else {
		return;
	}
	if (has_ports(rec->proto))
		rec->dport = bpf_ntohs(*(u16 *)(a + 2));
}

static __always_inline struct sock *socket_of(struct args *a)
{
	if (a->sk)
		return a->sk;
	if (a->socket)
		return a->socket->sk;
	return NULL;
}

/* Socket, and what the arguments say about the other side where the socket does not know it. */
static __always_inline void read_socket_args(struct record *rec, struct args *a, struct place *p)
{
	struct sock *sk = socket_of(a);
	u8 state;

	if (!sk || !read_socket(rec, sk))
		return;
	if (!rec->dport && a->msg)
		read_address(rec, a->msg->msg_name);
	if (a->address)
		read_address(rec, a->address);
	if (p->netns)
		return;
	state = sk->__sk_common.skc_state;
	if (state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV)
		place_of_route(p, sk->sk_dst_cache);
	if (!p->netns)
		p->netns = sk->__sk_common.skc_net.net->ns.inum;
}

/* False: this is none of ours (netlink, unix, a NULL skb). */
static __always_inline bool read_facts(struct record *rec, struct args *a, u32 from, struct place *p)
{
	struct sk_buff *skb = a->skb;

	if (skb)
		rec->len = skb->len;
	if (skb && from == READ_TCP_CB) {
		struct tcp_skb_cb *cb = (void *)skb->cb;

		bpf_probe_read_kernel(&rec->seq, 4, &cb->seq);
		bpf_probe_read_kernel(&rec->tcp_flags, 1, &cb->tcp_flags);
		if (a->sk)
			bpf_probe_read_kernel(&rec->ack, 4, &((struct tcp_sock *)a->sk)->rcv_nxt);
	} else if (skb && from == READ_TRANSPORT) {
		u8 h[20] __attribute__((aligned(8)));

		rec->proto = a->sk ? a->sk->sk_protocol : 0;
		if (!bpf_probe_read_kernel(h, sizeof(h), skb->head + skb->transport_header))
			read_transport(rec, h);
	} else if (skb && from == READ_HEADERS) {
		struct net_device *dev = skb->dev;

		if (dev) {
			p->netns = dev->nd_net.net->ns.inum;
			p->ifindex = dev->ifindex;
			p->name = dev->name;
		} else {
			place_of_route(p, (struct dst_entry *)(skb->_skb_refdst & ~1ul));
		}
		if (read_headers(rec, skb) || p->ifindex) /* or a frame of another protocol */
			return true;
	}
	read_socket_args(rec, a, p);
	return rec->flags & FLAG_FAMILY;
}

/*
 * Fills the packet part of `rec`, which is zero before. Not inlined and without a result: when it returns the verifier
 * forgets by which of its many paths it came, and walks what follows once. Whether the packet is known says is_known().
 */
static __noinline void read_packet(struct record *rec, struct args *a, u32 from)
{
	struct place p = {};

	if (read_facts(rec, a, from, &p) && p.netns)
		rec->dev = device_index(p.netns, p.ifindex, p.name);
}

/* A packet or socket of the internet protocols, or a frame of any protocol on a device. */
static __always_inline bool is_known(struct record *rec)
{
	return *(volatile u8 *)&rec->flags & FLAG_FAMILY || *(volatile u16 *)&rec->dev;
}

#endif
