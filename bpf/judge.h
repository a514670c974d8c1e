/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a call or a mark is wanted: reads the packet as far as the filter can ask, and asks it. */
#ifndef PKTTOP_JUDGE_H
#define PKTTOP_JUDGE_H

static __always_inline bool accepted(const struct filter *f, const union facts *facts)
{
	return !f->count || tests_accept(f, facts);
}

enum verdict { UNKNOWN, NO, YES };

/* Whether a packet was accepted before, and is to be followed. */
static __always_inline bool follows(const void *skb)
{
	struct cpu *c;
	u64 address;

	if (!TELLS_PACKETS() || !control.follow || !skb)
		return false;
	c = this_cpu();
	if (!c)
		return false;
	address = number_of(c, skb);
	return address && number_for(address);
}

static __always_inline struct sock *patched_socket(enum how how, u64 *ctx)
{
	struct sock *sk = PATCHED(how, ctx, sock, PATCH_SK);

	if (!sk) {
		struct socket *socket = PATCHED(how, ctx, socket, PATCH_SOCKET);

		if (socket)
			sk = GET(socket, sk);
	}
	return sk;
}

/*
 * Reads the common kind of packet and asks the filter: what most calls of a busy machine see of pkttop when it looks
 * for one flow. UNKNOWN: it is of another kind.
 */
static __always_inline enum verdict judge_ipv4(const struct filter *f, union facts *facts, struct sk_buff *skb)
{
	u64 place;
	u16 ipid;

	__builtin_memset(facts->word + 3, 0, sizeof(*facts) - 24); /* the rest is written below, or by read_other() */
	if (!skb)
		return UNKNOWN;
	if (!read_ipv4(facts, skb, &place, &ipid))
		return UNKNOWN;
	if (!accepted(f, facts) && !follows(skb))
		return NO;
	return confirm(&facts->packet, skb, place, ipid) ? YES : UNKNOWN;
}

/* The same for the common kind of socket. */
static __always_inline enum verdict judge_ipv4_socket(const struct filter *f, union facts *facts, struct sock *sk,
						      struct msghdr *msg)
{
	__builtin_memset(facts->word + 3, 0, sizeof(*facts) - 24);
	if (!sk || !read_ipv4_socket(facts, sk, msg))
		return UNKNOWN;
	return accepted(f, facts) ? YES : NO;
}

/* The rest of the filter: process, namespace, device. */
static __always_inline bool within(const struct filter *f, struct cpu *c, u16 dev, u32 which)
{
	if (!f->narrow)
		return true;
	/* A softirq works for whoever; it is the task's own doing only on top of one of the task's traced calls. */
	if (f->pid && (f->pid != c->pid || (which ? !c->stack[TASK_STACK].n : c->softirq)))
		return false;
	if (f->netns || f->device[0]) {
		u32 key = dev - 1;
		struct device *d = bpf_map_lookup_elem(&devices, &key);
		const u64 *name;

		if (!d)
			return false;
		name = (const u64 *)d->name;
		if ((f->netns && f->netns != d->key >> 32) ||
		    (f->device[0] && (f->device[0] != name[0] || f->device[1] != name[1])))
			return false;
	}
	return true;
}

#endif
