/* SPDX-License-Identifier: GPL-2.0-only */
/* Who runs and in which context: the scheduler's and the interrupts' tracepoints. Attached before any function is. */
#ifndef PKTTOP_CONTEXT_H
#define PKTTOP_CONTEXT_H

/* Open calls are announced when their task goes to sleep, so that a blocked recv or accept is seen before it ends. */
static __noinline void announce(struct cpu *c)
{
	struct stack *s = &c->stack[TASK_STACK];
	u64 now = bpf_ktime_get_ns();

	for (u32 i = 0; i < FRAMES; i++) {
		struct frame *f = &s->f[i];

		if (i >= s->n)
			break;
		if (f->rec.flags & (FRAME_ANNOUNCED | FRAME_UNDECIDED))
			continue;
		if (c->unnamed)
			name_task(c);
		f->rec.duration = now - f->rec.begin;
		finish(&f->rec, RECORD_OPEN, c->id, 0);
		send(c, &f->rec); /* no loss if there is no room: its RECORD_CALL is still to come */
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
}

SEC("tp_btf/sched_switch")
int pkttop_switch(u64 *ctx)
{
	bool preempted = ctx[0];
	struct task_struct *prev = (void *)ctx[1], *next = (void *)ctx[2];
	struct cpu *c = this_cpu();
	struct stack *s, *running;
	u32 n;

	if (!c)
		return 0;
	running = &c->stack[TASK_STACK];
	n = running->n;
	if (n) {
		if (!preempted)
			announce(c);
		s = bpf_task_storage_get(&sleeping, prev, 0, 0);
		if (s)
			copy_frames(s, running, n);
		else
			count_loss(c, LOSS_STORAGE, n);
		running->n = 0;
	}
	if (!c->stack_base)
		c->id = bpf_get_smp_processor_id();
	c->stack_base = (u64)next->stack;
	c->tid = next->pid;
	c->pid = next->tgid;
	c->unnamed = 1;
	c->dev = 0;
	c->net = 0;
	s = bpf_task_storage_get(&sleeping, next, 0, 0);
	c->stored = s != NULL;
	if (s && s->n) {
		copy_frames(running, s, s->n);
		s->n = 0;
	}
	return 0;
}

SEC("tp_btf/softirq_entry")
int pkttop_softirq_entry(u64 *ctx)
{
	struct cpu *c = this_cpu();

	if (c)
		c->softirq = c->context = CONTEXT_SOFTIRQ;
	return 0;
}

SEC("tp_btf/softirq_exit")
int pkttop_softirq_exit(u64 *ctx)
{
	struct cpu *c = this_cpu();

	if (!c)
		return 0;
	c->softirq = c->context = CONTEXT_TASK;
	/* Whatever ran on the interrupt stack is over; on the task's own stack calls of the task may be open below. */
	if (c->stack[IRQ_STACK].n && which_stack(c, number_of(c, ctx)) == IRQ_STACK)
		drop_ended(c, &c->stack[IRQ_STACK], ~0ull);
	return 0;
}

SEC("tp_btf/irq_handler_entry")
int pkttop_irq_entry(u64 *ctx)
{
	struct cpu *c = this_cpu();

	if (c)
		c->context = CONTEXT_HARDIRQ;
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int pkttop_irq_exit(u64 *ctx)
{
	struct cpu *c = this_cpu();

	if (c)
		c->context = c->softirq;
	return 0;
}

#endif
