/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pairing begin and end: the open calls of each kernel stack.
 *
 * ctx, the address of the trampoline's argument area, is the same at the begin and the end of a call and lies on the
 * kernel stack it runs on, so a callee's is lower than its caller's. A begin whose ctx is not below that of the top
 * frame therefore proves that the top call has ended unseen: the kernel skips an exit probe when any tracer attaches
 * to or detaches from that function while a call is in it. Frames keep places (place_of) instead of addresses.
 */
#ifndef PKTTOP_FRAMES_H
#define PKTTOP_FRAMES_H

static __always_inline struct cpu *this_cpu(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&cpus, &zero);
}

static __always_inline u64 through_map(struct cpu *c, const void *pointer)
{
	*(const void *volatile *)&c->number = pointer;
	return *(volatile u64 *)&c->number;
}

/*
 * The number of a pointer: stored to a map value and loaded again it is one for the verifier, too. Done twice, because
 * a softirq that comes between store and load leaves its own number there. 0 when it did.
 */
static __always_inline u64 number_of(struct cpu *c, const void *pointer)
{
	u64 number = through_map(c, pointer);

	return number == through_map(c, pointer) ? number : 0;
}

/*
 * A place on a stack. The verifier lets no program calculate with a pointer, but the difference of two is a number to it:
 * so places are told by their distance from a variable, which orders those of one stack as their addresses do.
 */
static __always_inline u64 place_of(const void *pointer)
{
	u64 place = (u64)pointer - (u64)&control;

	barrier_var(place); /* or the compiler makes another order of the differences */
	return place;
}

/* The place of an address that is a number already. */
static __always_inline u64 place_at(const struct cpu *c, u64 address)
{
	return address - c->origin;
}

/* What follows from the number of a CPU. */
static __always_inline void number_cpu(struct cpu *c)
{
	c->origin = number_of(c, &control);
	if (!c->origin) /* an interrupt came in between; it does not do so twice */
		c->origin = number_of(c, &control);
	c->id = bpf_get_smp_processor_id();
	c->first_slot = c->id * constants.slots;
	c->first_stat = c->id * constants.functions;
}

/* Learns who is running on a CPU whose first context switch is still to come. */
static __noinline void meet_cpu(struct cpu *c)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	number_cpu(c);
	c->tid = BPF_CORE_READ(task, pid);
	c->pid = BPF_CORE_READ(task, tgid);
	c->unnamed = 1;
	c->stored = !constants.task_storage;
	c->stack_base = place_at(c, (u64)BPF_CORE_READ(task, stack));
}

/* This CPU, where who is running is known. */
static __always_inline struct cpu *known_cpu(void)
{
	struct cpu *c = this_cpu();

	if (c && !c->stack_base)
		meet_cpu(c);
	return c;
}

/* TASK_STACK or IRQ_STACK. Without a branch, so that the verifier walks all that follows once and not for each stack. */
static __always_inline u32 which_stack(struct cpu *c, u64 at)
{
	u64 outside = (at - c->stack_base) >> constants.thread_shift, negative = -outside;

	barrier_var(negative); /* or the compiler makes a branch of it */
	return (outside | negative) >> 63;
}

static __always_inline struct stack *stack_of(struct cpu *c, u32 which)
{
	barrier_var(which);
	return &c->stack[which & 1];
}

static __always_inline struct frame *frame_of(struct stack *s, u32 i)
{
	barrier_var(i); /* or the compiler, which knows more of i than the verifier does, leaves the bound out */
	return &s->f[i % FRAMES];
}

/*
 * Closes the top frame, which cannot be open any more when code runs at `ctx`: the call is sent with its end unknown.
 * Should the next one be over, too, all are given up and counted: a loop here would be dear to the verifier, which
 * walks it anew for every traced function.
 */
static __noinline void drop_ended(struct cpu *c, struct stack *s, u64 ctx)
{
	u32 n = s->n;
	struct frame *f = frame_of(s, n - 1);

	if (!n || f->ctx > ctx)
		return;
	if (!(f->rec.flags & FRAME_UNDECIDED)) {
		f->rec.duration = with_number(f, elapsed(f, time_now() - own_work(s)));
		f->rec.flags |= FLAG_END_UNKNOWN;
		finish(&f->rec, RECORD_CALL, c->id, 0);
		if (!send(c, f, true))
			lose_record(c);
	}
	n--;
	if (n && frame_of(s, n - 1)->ctx <= ctx) {
		count_loss(c, LOSS_END, n);
		n = 0;
	}
	s->n = n;
}

/*
 * Makes sure that the open calls of the running task survive its sleep. Done at the first call of a task only, and not for
 * marks, which are over at once: netfilter programs are not allowed to ask for it, and see sleeping_stack.
 */
static __noinline void prepare_storage(struct cpu *c)
{
	if (constants.task_storage && bpf_task_storage_get(&sleeping, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE))
		c->stored = 1;
}

/* The stack on which code runs at `at`, rid of a call that must have ended. NULL when nothing new is to be recorded there. */
static __always_inline struct stack *arrive(struct cpu *c, u64 at, u32 which, bool only_inside)
{
	struct stack *s = stack_of(c, which);

	if (s->n && frame_of(s, s->n - 1)->ctx <= at)
		drop_ended(c, s, at);
	if (!s->n && (only_inside || !control.enabled))
		return NULL;
	return s;
}

#endif
