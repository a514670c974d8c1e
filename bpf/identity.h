/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which packet an skb is: the kernel uses the memory of one for another within microseconds, so its address alone does not
 * tell. Here is the number that an address stands for now. Whatever makes or frees an skb keeps that right (life.h).
 *
 * A set for each hash of an address, with room for two. An entry is one word, read and written at once: the part of the
 * address that the set does not tell, and the number. So an entry is whole at any time, and never another packet's.
 */
#ifndef PKTTOP_IDENTITY_H
#define PKTTOP_IDENTITY_H

#define SET_BITS 16
#define WAYS 2

u64 identities[WAYS << SET_BITS];
u64 numbers; /* given so far */

/* Odd, so that different addresses have different products. */
#define MIX 0x9e3779b97f4a7c15ull

/*
 * Addresses of the kernel differ in their low 48 bits (with 57-bit addresses nearly always), and so do their products: 16
 * of these bits choose the set, the 32 below them are kept.
 */
static __always_inline u64 *set_of(u64 product)
{
	u32 set = product >> 32 & ((1 << SET_BITS) - 1);

	barrier_var(set);
	return &identities[(set & ((1 << SET_BITS) - 1)) * WAYS];
}

#define KEPT(product) ((product) << 32)
#define IS_OF(entry, product) (!(((entry) ^ KEPT(product)) >> 32))

/* The number of an skb, 0 where it has none. */
static __always_inline u32 number_for(u64 skb)
{
	u64 product = skb * MIX, *set = set_of(product), entry = *(volatile u64 *)set;

	if (IS_OF(entry, product) && (u32)entry)
		return entry;
	entry = *(volatile u64 *)(set + 1);
	return IS_OF(entry, product) ? entry : 0;
}

/* Says what became of a packet. */
static __noinline void tell_life(struct cpu *c, u32 what, u32 packet, u32 other, u64 location)
{
	struct record_life life = {.kind = RECORD_LIFE, .what = what, .packet = packet, .other = other, .location = location,
				   .tid = c->tid, .at = time_now()};

	if (!write_record(c, (const u64 *)&life, sizeof(life) / sizeof(u64), NULL, 0))
		lose_record(c);
}

/* Gives an skb that has none a number, and returns it. Where its set is full the packet that was there goes on without its own. */
static __noinline u32 give_number(struct cpu *c, u64 skb)
{
	u32 number = __sync_fetch_and_add(&numbers, 1) + 1;
	u64 product = skb * MIX, *set = set_of(product), entry = KEPT(product) | number, old;

	for (int way = 0; way < WAYS; way++)
		if (!set[way] && !__sync_val_compare_and_swap(&set[way], 0, entry))
			return number;
	old = __sync_lock_test_and_set(&set[number & (WAYS - 1)], entry);
	if ((u32)old) {
		count_loss(c, LOSS_IDENTITY, 1);
		tell_life(c, LIFE_EVICTED, old, 0, 0);
	}
	return number;
}

/* The number of an skb is over; 0 where it had none. */
static __always_inline u32 take_number(u64 skb)
{
	u64 product = skb * MIX, *set = set_of(product);

	for (int way = 0; way < WAYS; way++) {
		u64 entry = *(volatile u64 *)&set[way];

		if (IS_OF(entry, product) && (u32)entry && __sync_val_compare_and_swap(&set[way], entry, 0) == entry)
			return entry;
	}
	return 0;
}

#define TELLS_PACKETS() (constants.identity && control.identity)

/* Numbers the packet of a call or a mark, before its time is taken. The frame is its stack's own: nothing comes in between. */
static __always_inline u64 number_frame(struct cpu *c, struct frame *f, const void *skb)
{
	u32 number;

	f->high = 0;
	if (!TELLS_PACKETS())
		return 0;
	*(const void *volatile *)&f->high = skb;
	{
		u64 address = *(volatile u64 *)&f->high;

		f->high = 0;
		if (!address)
			return 0;
		number = number_for(address);
		if (!number)
			number = give_number(c, address);
	}
	f->rec.flags |= FLAG_PACKET;
	f->high = (u64)(number >> PACKET_LOW_BITS) << PACKET_DURATION_BITS;
	return (u64)number << PACKET_BEGIN_BITS;
}

#endif
