/* SPDX-License-Identifier: GPL-2.0-only */
/* The device table: records carry an index into it instead of a name and a namespace. */
#ifndef PKTTOP_DEVICE_H
#define PKTTOP_DEVICE_H

/* Index + 1 for a device and its namespace; a new one takes a free slot. 0 when there is none near its place. */
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

/* The device that a route leads to; through a plain number instead of a typed pointer, hence by helper calls. */
static __noinline u16 route_device(u64 route)
{
	struct dst_entry *dst = (void *)route;
	struct net_device *dev;

	if (!dst)
		return 0;
	if (bpf_core_field_exists(dst->dev))
		dev = BPF_CORE_READ(dst, dev);
	else
		dev = BPF_CORE_READ((struct dst_entry___rcu *)dst, dev_rcu);
	if (!dev)
		return 0;
	return device_index(BPF_CORE_READ(dev, nd_net.net, ns.inum), BPF_CORE_READ(dev, ifindex), dev->name);
}

/* Device and namespace of a call: where its packet is, else where its route leads, else the socket's namespace alone. */
static __always_inline u16 read_device(struct args *a, u32 from)
{
	struct sk_buff *skb = a->skb;
	struct sock *sk;
	u16 index = 0;
	u8 state;

	if (skb && from == READ_HEADERS) {
		struct net_device *dev = skb->dev;

		if (dev)
			return device_index(dev->nd_net.net->ns.inum, dev->ifindex, dev->name);
		index = route_device(skb->_skb_refdst & ~1ul);
		if (index)
			return index;
	}
	sk = socket_of(a);
	if (!sk)
		return 0;
	state = sk->__sk_common.skc_state;
	if (state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV)
		index = route_device((u64)sk->sk_dst_cache);
	return index ? index : device_index(sk->__sk_common.skc_net.net->ns.inum, 0, NULL);
}

#endif
