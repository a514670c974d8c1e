/* SPDX-License-Identifier: GPL-2.0-only */
/* The device table: records carry an index into it instead of a name and a namespace. */
#ifndef PKTTOP_DEVICE_H
#define PKTTOP_DEVICE_H

/*
 * Index + 1 for a device and its namespace; a new one takes a free slot. 0 when there is none near its place, and for
 * nothing at all: UDP has sizes where a queued packet had the pointer to its device, and these lead nowhere.
 */
static __noinline u16 device_index(u32 netns, u32 ifindex, const char *name)
{
	u64 wanted = (u64)netns << 32 | ifindex;
	u32 at = netns * 31 + ifindex;

	if (!wanted)
		return 0;
	for (int probe = 0; probe < 2; probe++, at++) {
		u32 key = at % MAX_DEVICES;
		struct device *d = bpf_map_lookup_elem(&devices, &key);

		if (!d)
			return 0;
		if (d->key == wanted)
			return key + 1;
		if (d->key)
			continue;
		/* Without it two CPUs may take the slot for two devices at once, and one of these has the wrong name then. */
		if (!constants.swaps)
			d->key = wanted;
		else if (__sync_val_compare_and_swap(&d->key, 0, wanted) != 0) {
			if (d->key == wanted)
				return key + 1;
			continue;
		}
		if (name)
			bpf_probe_read_kernel(d->name, sizeof(d->name), name);
		return key + 1;
	}
	return 0;
}

static __noinline u16 remember_device(struct cpu *c, struct net_device *dev)
{
	u32 ifindex = GET(dev, ifindex);
	struct net *net = GET(dev, nd_net.net);
	u16 index = device_index(GET(net, ns.inum), ifindex, dev->name);

	c->dev_index = index;
	c->dev_ifindex = ifindex;
	c->dev = (u64)dev;
	return index;
}

/*
 * The index of a device. The one seen last is kept until the next context switch, so that it cannot outlive its memory
 * unnoticed; the ifindex tells should it be another by then.
 */
static __always_inline u16 known_device(struct cpu *c, struct net_device *dev)
{
	if (!dev)
		return 0;
	if (c->dev == (u64)dev && c->dev_ifindex == (u32)GET(dev, ifindex))
		return c->dev_index;
	return remember_device(c, dev);
}

/* The same for a namespace alone. */
static __always_inline u16 known_namespace(struct cpu *c, struct net *net)
{
	if (c->net != (u64)net) {
		c->net_index = device_index(GET(net, ns.inum), 0, NULL);
		c->net = (u64)net;
	}
	return c->net_index;
}

/* The device that a route leads to. */
static __always_inline u16 route_device(struct cpu *c, const void *route)
{
	const struct dst_entry *dst;
	struct net_device *dev;

	if (!route)
		return 0;
	if (!bpf_ksym_exists(bpf_rdonly_cast) || !CONSTANT(PATCH_TYPED)) {
		dev = NULL;
		if (bpf_core_field_exists(struct dst_entry, dev))
			bpf_core_read(&dev, sizeof(dev), &((struct dst_entry *)route)->dev);
		else
			bpf_core_read(&dev, sizeof(dev), &((struct dst_entry___rcu *)route)->dev_rcu);
		if (!dev)
			return 0;
		return device_index(BPF_CORE_READ(dev, nd_net.net, ns.inum), BPF_CORE_READ(dev, ifindex), dev->name);
	}
	dst = bpf_rdonly_cast(route, bpf_core_type_id_kernel(struct dst_entry));
	if (bpf_core_field_exists(struct dst_entry, dev))
		return known_device(c, dst->dev);
	return known_device(c, ((const struct dst_entry___rcu *)dst)->dev_rcu);
}

static __always_inline struct net *socket_namespace(struct sock *sk)
{
	return GET(sk, __sk_common.skc_net.net);
}

/* Of a socket that is whole: where its cached route leads, else its namespace. */
static __always_inline u16 socket_device(struct cpu *c, struct sock *sk)
{
	u16 index = route_device(c, GET(sk, sk_dst_cache));

	return index ? index : known_namespace(c, socket_namespace(sk));
}

/*
 * Where there is no device at the packet: where its route leads, else the socket's namespace alone. 0 where it has neither,
 * and of a socket whose packets stay in the machine: what goes through these is nothing of a network.
 */
static __noinline u16 other_device(struct cpu *c, struct args *a, u32 from)
{
	struct sk_buff *skb = a->skb;
	struct sock *sk;
	u16 index, family;
	u8 state;

	if (skb && from == READ_HEADERS) {
		index = route_device(c, (void *)(GET(skb, _skb_refdst) & ~1ul));
		if (index)
			return index;
	}
	sk = socket_of(a);
	if (!sk)
		return 0;
	family = GET(sk, __sk_common.skc_family);
	if (family == AF_UNIX || family == AF_NETLINK)
		return 0;
	state = GET(sk, __sk_common.skc_state);
	if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV)
		return known_namespace(c, socket_namespace(sk));
	return socket_device(c, sk);
}

#endif
