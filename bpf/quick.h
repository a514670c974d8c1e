/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The common cases of reading a packet: an IPv4 packet whose headers are in its skb, and an IPv4 socket.
 *
 * Loads through a pointer argument cost about nine instructions each, since the JIT checks the address. So an IPv4
 * packet is read by few of them, in whole words (read_ipv4): only what a filter can ask before the filter is asked, and the
 * rest (confirm) after it has said yes. All else is read by read_other() of packet.h, which is not in a hurry.
 */
#ifndef PKTTOP_QUICK_H
#define PKTTOP_QUICK_H

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
		r = bpf_rdonly_cast(GET(skb, head) + (u16)(*place >> 32), words);
		w0 = r->word[0];
		w1 = r->word[1];
		w2 = r->word[2];
	} else {
		u64 w[3];

		*place = GET(skb, protocol) | (u64)GET(skb, network_header) << 32;
		if (bpf_probe_read_kernel(w, sizeof(w), GET(skb, head) + (u16)(*place >> 32)))
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

	if (!at || at + 28 > GET(skb, tail)) /* what is shorter and yet whole is for read_other() */
		return false;
	p->len = GET(skb, len);
	p->ipid = bpf_ntohs(ipid);
	if (p->proto == IPPROTO_TCP) {
		u64 ports, numbers, more;

		LOAD_WORDS(GET(skb, head) + at + 16, ports, numbers, more);
		(void)ports; /* read_ipv4() has them */
		p->seq = bpf_ntohl((u32)numbers);
		p->ack = bpf_ntohl(numbers >> 32);
		p->tcp_flags = more >> 8;
	}
	return protocol == bpf_htons(ETH_P_IP) || protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD);
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
	protocol = GET(sk, sk_protocol);
	if (!has_ports(protocol))
		return false;
	daddr = w0;
	dport = bpf_ntohs((u16)(w1 >> 32));
	if (!dport && msg) {
		void *name = GET(msg, msg_name);
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

#endif
