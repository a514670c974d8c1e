/* SPDX-License-Identifier: GPL-2.0-only */
/* From a finished record to the ring buffer, and the count of what did not get there. */
#ifndef PKTTOP_EMIT_H
#define PKTTOP_EMIT_H

/* Bits of record.flags that never leave the kernel. */
#define FRAME_UNDECIDED 0x80 /* whether the call matches is known at its end only */
#define FRAME_ANNOUNCED 0x40 /* its RECORD_OPEN has been sent */
#define FRAME_BITS 0xc0

static __always_inline void count_loss(struct cpu *c, u32 cause, u32 records)
{
	u32 key = c->id;
	struct losses *l = bpf_map_lookup_elem(&losses, &key);

	if (l && cause < LOSS_CAUSES)
		__sync_fetch_and_add(&l->lost[cause], records);
}

/* Says where records are missing, as soon as there is room to say it. */
static __noinline void report_loss(struct cpu *c)
{
	struct record_loss loss = {
		.kind = RECORD_LOSS, .cause = LOSS_RING, .cpu = c->id, .at = bpf_ktime_get_ns(), .count = c->unreported};

	if (bpf_ringbuf_output(&ring, &loss, sizeof(loss), BPF_RB_NO_WAKEUP) == 0)
		c->unreported = 0;
}

/*
 * Sends the name of the running task unless user space has it already. The name is read here because a look-up in
 * /proc later finds nothing when the process was short-lived.
 */
static __noinline void name_task(struct cpu *c)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct record_task now = {.kind = RECORD_TASK, .tid = c->tid, .pid = c->pid};
	u32 key = c->tid % NAMES;
	struct record_task *sent;

	c->named = 1;
	if (!c->tid) /* idle */
		return;
	bpf_probe_read_kernel(now.comm, sizeof(now.comm), task->comm);
	sent = bpf_map_lookup_elem(&names, &key);
	if (!sent)
		return;
	if (sent->tid == now.tid && sent->pid == now.pid && *(u64 *)sent->comm == *(u64 *)now.comm &&
	    *(u64 *)(sent->comm + 8) == *(u64 *)(now.comm + 8))
		return;
	if (bpf_ringbuf_output(&ring, &now, sizeof(now), BPF_RB_NO_WAKEUP)) {
		c->named = 0;
		return;
	}
	*sent = now;
}

static __always_inline void copy_words(u64 *to, const u64 *from, int words)
{
	for (int i = 0; i < words; i++)
		to[i] = from[i];
}

/* Copies a record into the ring. False: there is no room. Word by word, because memcpy's string instruction is slower. */
static __always_inline bool send(const struct record *rec)
{
	u64 *room;

	if (rec->packet.family == FAMILY_IPV6) {
		room = bpf_ringbuf_reserve(&ring, RECORD_SIZE_IPV6, 0);
		if (!room)
			return false;
		copy_words(room, (const u64 *)rec, RECORD_SIZE_IPV6 / sizeof(u64));
	} else {
		room = bpf_ringbuf_reserve(&ring, RECORD_SIZE_IPV4, 0);
		if (!room)
			return false;
		copy_words(room, (const u64 *)rec, RECORD_SIZE_IPV4 / sizeof(u64));
	}
	bpf_ringbuf_submit(room, BPF_RB_NO_WAKEUP);
	return true;
}

/* Sends a call or a mark. `rec` is complete but for the CPU; internal flags are taken off it. */
static __always_inline void emit(struct cpu *c, struct record *rec)
{
	if (c->unreported)
		report_loss(c);
	if (!c->named)
		name_task(c);
	rec->cpu = c->id;
	rec->flags &= ~FRAME_BITS;
	if (!send(rec)) {
		count_loss(c, LOSS_RING, 1);
		c->unreported++;
	}
}

#endif
