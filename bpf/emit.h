/* SPDX-License-Identifier: GPL-2.0-only */
/* From a finished record to the ring, and the count of what did not get there. */
#ifndef PKTTOP_EMIT_H
#define PKTTOP_EMIT_H

/* Bits of record.flags that never leave the kernel. */
#define FRAME_UNDECIDED 0x80 /* whether the call matches is known at its end only */
#define FRAME_ANNOUNCED 0x40 /* its RECORD_OPEN has been sent */
#define FRAME_BITS 0xc0

static __noinline void count_loss(struct cpu *c, u32 cause, u32 records)
{
	u32 key = c->id;
	struct losses *l = bpf_map_lookup_elem(&losses, &key);

	if (l && cause < LOSS_CAUSES)
		__sync_fetch_and_add(&l->lost[cause], records);
}

/* A record finds no room: it is counted, and to be said where it is missing. */
static __always_inline void lose_record(struct cpu *c)
{
	count_loss(c, LOSS_RING, 1);
	__sync_fetch_and_add(&c->unreported, 1);
}

static __always_inline void copy_words(u64 *to, const u64 *from, int words)
{
	for (int i = 0; i < words; i++)
		to[i] = from[i];
}

/* A free slot of this CPU's ring, `ahead` slots behind `head`; NULL when it is still to be read. */
static __always_inline u64 *free_slot(struct cpu *c, u64 head, u32 ahead)
{
	u32 key = c->first_slot + ((head + ahead) & (constants.slots - 1));
	struct slot *slot = bpf_map_lookup_elem(&ring, &key);

	return slot && !slot->word[0] ? slot->word : NULL;
}

/* Tries: an interrupt that comes before the slot is claimed may take it. Each one more costs the verifier. */
#define CLAIMS 3

/* Moves the ring on by `slots` from `head`. False: an interrupt has taken the place meanwhile. */
static __always_inline bool claim(struct cpu *c, u64 head, u32 slots)
{
	if (constants.swaps)
		return __sync_val_compare_and_swap(&c->head, head, head + slots) == head;
	c->head = head + slots;
	return true;
}

/*
 * Writes a record of `words` words into the ring, and `more_words` into a second slot. False: there is no room. An
 * interrupt that comes in between takes slots of its own; the compare-and-swap sees that.
 */
static __always_inline bool write_record(struct cpu *c, const u64 *rec, u32 words, const u64 *more_rec, u32 more_words)
{
	if (!constants.swaps) {
		/* An interrupt within the next few instructions finds the place taken and counts its record as lost. */
		if (c->claiming)
			return false;
		c->claiming = 1;
		barrier();
	}
	for (int i = 0; i < CLAIMS; i++) {
		u64 head = c->head;
		u64 *to = free_slot(c, head, 0), *more = more_words ? free_slot(c, head, 1) : to;

		if (to && more && claim(c, head, more_words ? 2 : 1)) {
			if (!constants.swaps)
				c->claiming = 0;
			if (more_words)
				copy_words(more, more_rec, more_words);
			copy_words(to + 1, rec + 1, words - 1);
			barrier();
			*(volatile u64 *)to = rec[0];
			return true;
		}
		if (*(volatile u64 *)&c->head == head)
			break; /* no room; else an interrupt's record took the place */
	}
	if (!constants.swaps)
		c->claiming = 0;
	return false;
}

/*
 * Says where records are missing, as soon as there is room to say it. What an interrupt loses meanwhile stays to be said:
 * the count is only ever changed at once.
 */
static __noinline void report_loss(struct cpu *c)
{
	struct record_loss loss = {
		.kind = RECORD_LOSS, .cause = LOSS_RING, .cpu = c->id, .at = time_now(), .count = c->unreported};

	if (write_record(c, (const u64 *)&loss, sizeof(loss) / sizeof(u64), NULL, 0))
		__sync_fetch_and_add(&c->unreported, -(u32)loss.count);
}

/*
 * Sends the name of the running task unless user space has it already. The name is read here because a look-up in
 * /proc later finds nothing when the process was short-lived.
 */
static __noinline void name_task(struct cpu *c)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct record_task now = {.kind = RECORD_TASK, .tid = c->tid, .pid = c->pid};
	u32 key = c->tid % NAMES;
	struct record_task *sent;

	c->unnamed = 0;
	if (!c->tid) /* idle */
		return;
	bpf_core_read(now.comm, sizeof(now.comm), &task->comm);
	sent = bpf_map_lookup_elem(&names, &key);
	if (!sent)
		return;
	if (sent->tid == now.tid && sent->pid == now.pid && *(u64 *)sent->comm == *(u64 *)now.comm &&
	    *(u64 *)(sent->comm + 8) == *(u64 *)(now.comm + 8))
		return;
	if (!write_record(c, (const u64 *)&now, sizeof(now) / sizeof(u64), NULL, 0)) {
		c->unnamed = 1;
		return;
	}
	*sent = now;
}

#define WORDS(bytes) ((bytes) / sizeof(u64))

/* A record that struct tcp_inside follows in its frame. */
static __noinline bool send_inside(struct cpu *c, const struct frame *f)
{
	const u64 *rec = (const u64 *)&f->rec, *inside = (const u64 *)&f->inside;

	if (f->rec.packet.family == FAMILY_IPV6) /* the two stand one behind the other */
		return write_record(c, rec, WORDS(RECORD_SIZE_IPV4), rec + WORDS(RECORD_SIZE_IPV4),
				    WORDS(RECORD_SIZE_IPV6 - RECORD_SIZE_IPV4 + RECORD_SIZE_TCP));
	return write_record(c, rec, WORDS(RECORD_SIZE_IPV4), inside, WORDS(RECORD_SIZE_TCP));
}

/* Copies a call or a mark into the ring. `inside`: it may have FLAG_TCP. False: there is no room. */
static __always_inline bool send(struct cpu *c, const struct frame *f, bool inside)
{
	const u64 *rec = (const u64 *)&f->rec;

	if (inside && (f->rec.flags & FLAG_TCP))
		return send_inside(c, f);
	if (f->rec.packet.family == FAMILY_IPV6)
		return write_record(c, rec, WORDS(RECORD_SIZE_IPV4), rec + WORDS(RECORD_SIZE_IPV4),
				    WORDS(RECORD_SIZE_IPV6 - RECORD_SIZE_IPV4));
	return write_record(c, rec, WORDS(RECORD_SIZE_IPV4), NULL, 0);
}

/* ns since the begin of a call, above which the number of its packet may stand. */
static __always_inline u64 elapsed(const struct frame *f, u64 now)
{
	return (now - f->rec.begin) & ((1ull << PACKET_BEGIN_BITS) - 1);
}

/* A duration with the rest of that number. */
static __always_inline u64 with_number(const struct frame *f, u64 duration)
{
	if (duration >> PACKET_DURATION_BITS && f->rec.flags & FLAG_PACKET)
		duration = (1ull << PACKET_DURATION_BITS) - 1;
	return duration | f->high;
}

/* What is known at the end only: kind, CPU and return value. Takes internal flags off. By words, which is quicker. */
static __always_inline void finish(struct record *rec, u64 kind, u32 cpu, u64 ret)
{
	u64 *word = (u64 *)rec;

	word[0] = (word[0] & ~(u64)(FRAME_BITS << 8 | 0xff)) | kind;
	word[3] = (word[3] & 0xffff0000) | cpu | ret << 32;
}

/* Writes what is to stand in the ring before the next record. */
static __always_inline void before_record(struct cpu *c)
{
	if (c->unreported | c->unnamed) {
		if (c->unreported)
			report_loss(c);
		if (c->unnamed)
			name_task(c);
	}
}

/* Finishes and sends a call or a mark. */
static __always_inline void emit(struct cpu *c, struct frame *f, bool inside, u64 kind, u64 ret)
{
	before_record(c);
	finish(&f->rec, kind, c->id, ret);
	if (!send(c, f, inside))
		lose_record(c);
}

#endif
