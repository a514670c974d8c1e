/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types that pkttop reads, each with the few fields it needs. CO-RE finds the real offsets by name at load
 * time, so order and neighbours mean nothing here; a `___suffix` is another shape of the same type on other kernels.
 */
#ifndef PKTTOP_KERNEL_H
#define PKTTOP_KERNEL_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* include/uapi/linux/bpf.h */
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
	BPF_F_NO_PREALLOC = 1,
	BPF_F_MMAPABLE = 1 << 10,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
};

#define ETH_P_IP 0x0800
#define ETH_P_ARP 0x0806
#define ETH_P_8021Q 0x8100
#define ETH_P_8021AD 0x88A8
#define ETH_P_IPV6 0x86DD
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define IPPROTO_HOPOPTS 0
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_ROUTING 43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_DSTOPTS 60
#define IPPROTO_SCTP 132
#define TCP_TIME_WAIT 6
#define TCP_NEW_SYN_RECV 12

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};
struct net {
	struct ns_common ns;
};
typedef struct {
	struct net *net;
} possible_net_t;
struct net_device {
	char name[16];
	int ifindex;
	possible_net_t nd_net;
};
struct dst_entry {
	struct net_device *dev;
};
struct dst_entry___rcu {
	struct net_device *dev_rcu;
};
struct in6_addr {
	union {
		__u8 u6_addr8[16];
		__be32 u6_addr32[4];
	} in6_u;
};
struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};
struct sk_buff_head {
	__u32 qlen;
};
struct sock {
	struct sk_buff_head sk_receive_queue;
	u32 sk_ack_backlog;
	struct sock_common __sk_common;
	struct dst_entry *sk_dst_cache;
	u16 sk_protocol;
};
struct inet_connection_sock {
	__u8 icsk_ca_state : 5; /* CO-RE finds its real width */
};
struct tcp_sock {
	u32 rcv_nxt;
	u32 write_seq;
	u32 copied_seq;
	u32 snd_cwnd;
	u32 snd_ssthresh;
	u32 snd_wnd;
	u32 rcv_wnd;
	u32 srtt_us; /* eighths of a microsecond */
	u32 packets_out;
	u32 total_retrans;
};
struct socket {
	struct sock *sk;
};
struct msghdr {
	void *msg_name;
};
struct flowi_common {
	__u8 flowic_proto;
};
union flowi_uli {
	struct {
		__be16 dport;
		__be16 sport;
	} ports;
};
struct flowi4 {
	struct flowi_common __fl_common;
	__be32 saddr;
	__be32 daddr;
	union flowi_uli uli;
};
struct flowi6 {
	struct flowi_common __fl_common;
	struct in6_addr daddr;
	struct in6_addr saddr;
	union flowi_uli uli;
};
struct sk_buff {
	struct net_device *dev;
	char cb[48];
	unsigned long _skb_refdst;
	unsigned int len;
	__be16 protocol;
	__u16 transport_header;
	__u16 network_header;
	unsigned int tail;
	unsigned int end;
	unsigned char *head;
	struct sk_buff *next;
};
struct skb_shared_info {
	struct sk_buff *frag_list;
};
struct tcp_skb_cb {
	__u32 seq;
	__u8 tcp_flags; /* two bytes wide since 6.14; the lower one is read */
};
struct qdisc_skb_head {
	__u32 qlen;
};
struct Qdisc {
	unsigned int flags;
	struct qdisc_skb_head q;
};
struct neighbour {
	struct sk_buff_head arp_queue;
};
struct softnet_data {
	struct sk_buff_head input_pkt_queue;
};
struct task_struct {
	void *stack;
	int pid;
	int tgid;
	char comm[16];
};
struct nf_hook_state {
	struct net_device *in;
	struct net_device *out;
};
struct bpf_nf_ctx {
	const struct nf_hook_state *state;
	struct sk_buff *skb;
};
struct bpf_local_storage_map {
	bool bpf_ma;
};
struct rqspinlock {
	int val;
};

#pragma clang attribute pop

/*
 * Only a name for a type that every kernel has and that begins with whole words: what bytes are cast to so that they
 * can be loaded eight at a time.
 */
struct pt_regs {
	u64 word[15];
};

/* Of each CPU: what it has received and not yet processed. */
extern const struct softnet_data softnet_data __attribute__((section(".ksyms"), weak));

/* Since Linux 6.2: makes a pointer of a number that can be loaded through, with faults caught, at no cost by itself. */
extern void *bpf_rdonly_cast(const void *address, u32 btf_id) __attribute__((section(".ksyms"), weak));

/* Whether a program that runs at the begin and at the end of a call runs at its end. On later kernels it wants ctx. */
extern bool bpf_session_is_return(void) __attribute__((section(".ksyms"), weak));
extern bool bpf_session_is_return___ctx(void *ctx) __attribute__((section(".ksyms"), weak));

#endif
