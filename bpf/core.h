/* SPDX-License-Identifier: GPL-2.0-only */
/* Begin, end and mark: what every backend calls, whatever its way of attaching. */
#ifndef PKTTOP_CORE_H
#define PKTTOP_CORE_H

/* How the packet of a function is read and judged: constants of its program. */
struct target {
	u32 fn;
	u32 from; /* enum read_from */
	u32 late; /* its socket knows the addresses only at its end (accept, connect) */
	u32 bare; /* no argument tells about a packet: recorded only inside another call */
};

static __always_inline bool matches(struct cpu *c, const struct record *rec, u32 which)
{
	const struct filter *f = &control.filter[control.active & 1];

	/* First, because the verifier walks its loop for every path that leads here. */
	if (f->count && !tests_accept(f, rec))
		return false;
	/* A softirq works for whoever; it is the task's own doing only on top of one of the task's traced calls. */
	if (f->pid && (f->pid != c->pid || (which ? !c->stack[TASK_STACK].n : c->softirq)))
		return false;
	if (f->netns || f->device[0]) {
		u32 key = rec->dev - 1;
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

/*
 * The frame is taken before it is filled: should the task be preempted in between, the scheduler's probe saves and
 * restores the half-filled frame with the others. ctx is written again for the instant between the two stores.
 */
static __always_inline struct frame *take_frame(struct stack *s, u32 n, u64 at)
{
	struct frame *f = frame_of(s, n);

	f->ctx = at;
	s->n = n + 1;
	barrier();
	f->ctx = at;
	f->child = 0;
	__builtin_memset(&f->rec, 0, sizeof(f->rec));
	return f;
}

static __always_inline void set_context(struct cpu *c, struct record *rec, u32 which)
{
	rec->tid = c->tid;
	rec->context = c->hardirq ? CONTEXT_HARDIRQ : c->softirq ? CONTEXT_SOFTIRQ : CONTEXT_TASK;
	rec->flags |= which * FLAG_IRQ_STACK;
}

static __always_inline void begin(void *ctx, const struct target t, struct args *a)
{
	struct cpu *c;
	struct stack *s;
	struct frame *f;
	u32 which, n;
	u64 at;

	if (!control.on[t.fn % MAX_FUNCTIONS])
		return;
	c = this_cpu();
	if (!c)
		return;
	at = number_of(c, ctx);
	s = arrive(c, at, t.bare);
	if (!s)
		return;
	which = which_stack(c, at);
	n = s->n;
	f = take_frame(s, n, at);
	f->rec.kind = RECORD_CALL;
	f->rec.fn = t.fn;
	f->rec.depth = n;
	if (!t.bare) {
		read_packet(&f->rec, a, t.from);
		if (!is_known(&f->rec)) {
			s->n = n;
			return;
		}
		if (matches(c, &f->rec, which)) {
			if (n) /* a call around a matching one matches */
				frame_of(s, n - 1)->rec.flags &= ~FRAME_UNDECIDED;
		} else if (t.late) {
			f->rec.flags |= FRAME_UNDECIDED;
		} else {
			s->n = n;
			return;
		}
	}
	set_context(c, &f->rec, which);
	if (which && !n) {
		struct stack *below = &c->stack[TASK_STACK];

		if (below->n)
			f->rec.under = frame_of(below, below->n - 1)->rec.fn + 1;
	}
	f->rec.begin = bpf_ktime_get_ns();
}

static __always_inline u32 log2_bucket(u64 v)
{
	u32 b = 0;

	if (v >> 32) { b += 32; v >>= 32; }
	if (v >> 16) { b += 16; v >>= 16; }
	if (v >> 8) { b += 8; v >>= 8; }
	if (v >> 4) { b += 4; v >>= 4; }
	if (v >> 2) { b += 2; v >>= 2; }
	b += v >> 1;
	return b < BUCKETS ? b : BUCKETS - 1;
}

/* Atomic because a task can be preempted between load and store, and these counts are exact. */
static __always_inline void count_call(struct cpu *c, u32 fn, u64 duration, u64 self)
{
	u32 key = c->id * functions + fn;
	struct stat *st = bpf_map_lookup_elem(&stats, &key);

	if (!st)
		return;
	__sync_fetch_and_add(&st->bucket[log2_bucket(duration)], 1);
	__sync_fetch_and_add(&st->total, duration);
	__sync_fetch_and_add(&st->self, self);
	if (duration > st->max)
		st->max = duration;
}

/* What a call that decides late knows at its end, from its socket. False: it does not match. */
static __always_inline bool decide_late(struct cpu *c, struct stack *s, u32 which, struct frame *f, struct args *a)
{
	struct record *r = &f->rec;
	u32 n = s->n;

	r->flags &= ~FLAG_FAMILY;
	__builtin_memset(&r->len, 0, sizeof(*r) - __builtin_offsetof(struct record, len));
	r->depth = n - 1;
	set_context(c, r, which);
	read_packet(r, a, READ_SOCKET);
	if (!(r->flags & FRAME_UNDECIDED))
		return true;
	if (!matches(c, r, which))
		return false;
	if (n > 1)
		frame_of(s, n - 2)->rec.flags &= ~FRAME_UNDECIDED;
	return true;
}

static __always_inline void end(void *ctx, const struct target t, struct args *a, s32 ret)
{
	struct cpu *c;
	struct stack *s;
	struct frame *f;
	u64 now, at, duration, child;
	u32 which, n;

	if (!control.on[t.fn % MAX_FUNCTIONS])
		return;
	c = this_cpu();
	if (!c)
		return;
	at = number_of(c, ctx);
	which = which_stack(c, at);
	s = stack_of(c, which);
	n = s->n;
	f = frame_of(s, n - 1);
	if (!n || f->ctx > at) /* rejected at its begin */
		return;
	if (f->ctx != at) { /* calls inside it have lost their end */
		drop_ended(c, s, at - 1);
		n = s->n;
		f = frame_of(s, n - 1);
		if (!n || f->ctx != at)
			return;
	}
	now = bpf_ktime_get_ns();
	if (t.late && (!f->rec.dport || f->rec.flags & FRAME_UNDECIDED) && !decide_late(c, s, which, f, a)) {
		s->n = n - 1;
		return;
	}
	duration = now - f->rec.begin;
	child = f->child;
	count_call(c, t.fn, duration, duration > child ? duration - child : 0);
	if (n > 1) {
		frame_of(s, n - 2)->child += duration;
	} else if (which) {
		struct stack *below = &c->stack[TASK_STACK];

		if (below->n)
			frame_of(below, below->n - 1)->child += duration;
	}
	f->rec.kind = RECORD_CALL;
	f->rec.duration = duration;
	f->rec.ret = ret;
	emit(c, &f->rec);
	s->n = n - 1;
}

/*
 * A moment: `reason` and `location` are those of a drop, 0 for other marks. Its record takes a frame for as long as it
 * is filled, which keeps it whole should the task be preempted.
 */
static __always_inline void mark(void *ctx, const struct target t, struct args *a, u32 reason, u64 location)
{
	struct cpu *c;
	struct stack *s;
	struct frame *f;
	u64 at;
	u32 which, key, n;
	struct stat *st;

	if (!control.on[t.fn % MAX_FUNCTIONS])
		return;
	c = this_cpu();
	if (!c)
		return;
	at = number_of(c, ctx);
	s = arrive(c, at, false);
	if (!s)
		return;
	which = which_stack(c, at);
	n = s->n;
	f = take_frame(s, n, at);
	f->rec.kind = location ? RECORD_DROP : RECORD_MARK;
	f->rec.fn = t.fn;
	f->rec.depth = n;
	f->rec.ret = reason;
	f->rec.duration = location;
	f->rec.begin = bpf_ktime_get_ns();
	read_packet(&f->rec, a, t.from);
	if (is_known(&f->rec) && matches(c, &f->rec, which)) {
		set_context(c, &f->rec, which);
		key = c->id * functions + t.fn;
		st = bpf_map_lookup_elem(&stats, &key);
		if (st)
			__sync_fetch_and_add(&st->bucket[0], 1);
		emit(c, &f->rec);
	}
	s->n = n;
}

#endif
