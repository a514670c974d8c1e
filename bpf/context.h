/* SPDX-License-Identifier: GPL-2.0-only */
/* Who runs and in which context: the scheduler's and the interrupts' tracepoints. Attached before any function is. */
#ifndef PKTTOP_CONTEXT_H
#define PKTTOP_CONTEXT_H

/* Open calls are announced when their task goes to sleep, so that a blocked recv or accept is seen before it ends. */
#define ANNOUNCED 12 /* the outermost: the verifier walks each one anew */

static __noinline void announce(struct cpu *c)
{
	struct stack *s = &c->stack[TASK_STACK];
	u64 now = time_now();

	if (c->unnamed)
		name_task(c);
	for (u32 i = 0; i < ANNOUNCED; i++) {
		struct frame *f = &s->f[i];

		if (i >= s->n)
			break;
		if (f->rec.flags & (FRAME_ANNOUNCED | FRAME_UNDECIDED))
			continue;
		f->rec.duration = with_number(f, elapsed(f, now - own_work(s)));
		finish(&f->rec, RECORD_OPEN, c->id, 0);
		send(c, f, true); /* no loss if there is no room: its RECORD_CALL is still to come */
		f->rec.flags |= FRAME_ANNOUNCED;
	}
}

static __always_inline void copy_frames(struct stack *to, struct stack *from, u32 n)
{
	if (n > FRAMES)
		n = FRAMES;
	bpf_probe_read_kernel(to->f, n * sizeof(struct frame), from->f);
	to->n = n;
	to->doubtful = from->doubtful;
	to->own = from->own;
}

/* What stands in for the stack of a new task in the hash until its frames are copied. */
const volatile struct stack no_frames SEC(".rodata.no_frames") = {};

/*
 * Whether storage may be made in the scheduler: since 6.4 it comes from memory kept for BPF, since 7.0 from kmalloc_nolock.
 * Before, the allocator may wake a thread, for which the scheduler's lock is needed.
 */
static __always_inline bool storage_anywhere(void)
{
	return bpf_core_field_exists(((struct bpf_local_storage_map *)0)->bpf_ma) ||
	       bpf_core_type_exists(struct rqspinlock);
}

/*
 * Where the open calls of a task wait while it sleeps. `make`: it goes to sleep now. NULL: it has no such place. A task
 * that was preempted in a mark may be without: made now, for the mark's record is still being filled.
 */
static __always_inline struct stack *sleeping_stack(struct task_struct *task, bool make)
{
	u32 tid;

	if (constants.task_storage)
		return bpf_task_storage_get(&sleeping, task, 0,
					    make && storage_anywhere() ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	tid = task->pid;
	if (make)
		bpf_map_update_elem(&sleeping, &tid, (const void *)&no_frames, 0);
	return bpf_map_lookup_elem(&sleeping, &tid);
}

TEMPLATE
int pkttop_switch(u64 *ctx)
{
	struct task_struct *prev, *next;
	struct stack *s, *running;
	struct cpu *c;
	u32 n;

	if (!PATCHED_IN())
		return 0;
	c = this_cpu();
	if (!c)
		return 0;
	prev = (void *)ctx[1];
	next = (void *)ctx[2];
	running = &c->stack[TASK_STACK];
	n = running->n;
	if (n) {
		if (!ctx[0]) /* not preempted */
			announce(c);
		s = sleeping_stack(prev, true);
		if (s)
			copy_frames(s, running, n);
		else
			count_loss(c, LOSS_STORAGE, n);
		running->n = 0;
	}
	if (!c->stack_base)
		number_cpu(c);
	c->stack_base = place_at(c, (u64)next->stack);
	c->tid = next->pid;
	c->pid = next->tgid;
	c->unnamed = 1;
	c->dev = 0;
	c->net = 0;
	s = sleeping_stack(next, false);
	c->stored = !constants.task_storage || s;
	if (s && s->n) {
		copy_frames(running, s, s->n);
		s->n = 0;
		if (!constants.task_storage) {
			u32 tid = next->pid;

			bpf_map_delete_elem(&sleeping, &tid);
		}
	}
	return 0;
}

TEMPLATE
int pkttop_softirq_entry(u64 *ctx)
{
	struct cpu *c = this_cpu();

	if (c && PATCHED_IN())
		c->softirq = c->context = CONTEXT_SOFTIRQ;
	return 0;
}

TEMPLATE
int pkttop_softirq_exit(u64 *ctx)
{
	struct cpu *c = this_cpu();

	if (!c || !PATCHED_IN())
		return 0;
	c->softirq = c->context = CONTEXT_TASK;
	/* Whatever ran on the interrupt stack is over; on the task's own stack calls of the task may be open below. */
	if (c->stack[IRQ_STACK].n && which_stack(c, place_of(ctx)) == IRQ_STACK)
		drop_ended(c, &c->stack[IRQ_STACK], ~0ull);
	return 0;
}

TEMPLATE
int pkttop_irq_entry(u64 *ctx)
{
	struct cpu *c = this_cpu();

	if (c)
		c->context = CONTEXT_HARDIRQ;
	return 0;
}

TEMPLATE
int pkttop_irq_exit(u64 *ctx)
{
	struct cpu *c = this_cpu();

	if (c)
		c->context = c->softirq;
	return 0;
}

#endif
