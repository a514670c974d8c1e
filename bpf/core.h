/* SPDX-License-Identifier: GPL-2.0-only */
/* Begin and end of a call: what every backend for functions calls, whatever its way of attaching. */
#ifndef PKTTOP_CORE_H
#define PKTTOP_CORE_H

/* Asked first of all, so that a function that is switched off costs next to nothing. */
#define SWITCHED_ON(fn) (control.on[(fn) % MAX_FUNCTIONS])

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
	return f;
}

static __always_inline void fill(struct frame *f, struct cpu *c, u32 fn, union facts *facts, u16 dev, u32 n, u32 which,
				 u64 under)
{
	u64 *to = (u64 *)&f->rec;
	u64 flags = c->context | which * FLAG_IRQ_STACK;

	facts->packet.dev = dev;
	facts->packet.depth = n;
	to[0] = flags << 8 | (u64)fn << 16 | (u64)c->tid << 32;
	to[3] = under << 16;
	copy_words(to + 4, facts->word, 4);
	if (facts->packet.family == FAMILY_IPV6)
		copy_words(to + 8, facts->word + 4, 4);
}

/* The rest of begin: the filter has said yes, or the call decides late. */
static __always_inline bool open_call(struct cpu *c, struct stack *s, u64 at, const struct target t, union facts *facts,
				      u16 dev, u32 which, bool yes, u64 sk, const void *skb, u64 queue)
{
	u32 n = s->n, under = 0;
	u64 number, now;
	struct frame *f;

	if (n >= FRAMES) {
		count_loss(c, LOSS_DEPTH, 1);
		return false;
	}
	/* Before there is a frame: a task may be preempted at any moment, and needs the place for it by then. */
	if (!which && !c->stored)
		prepare_storage(c);
	f = take_frame(s, n, at);
	if (which && !n) {
		struct stack *below = &c->stack[TASK_STACK];

		if (below->n)
			under = frame_of(below, below->n - 1)->rec.fn + 1;
	}
	fill(f, c, t.fn, facts, dev, n, which, under);
	if (t.queue && n)
		f->rec.under = queue_length(t.queue, sk, queue);
	if (!yes) {
		f->rec.flags |= FRAME_UNDECIDED;
		s->doubtful = 1;
	} else if (!n) {
		s->doubtful = 0;
	} else if (s->doubtful) {
		frame_of(s, n - 1)->rec.flags &= ~FRAME_UNDECIDED; /* a call around a matching one matches */
	}
	if (t.how == REGISTERS && (t.late || t.inside)) {
		f->late[0] = sk;
		f->late[1] = t.last_socket;
		f->late[2] = t.last_msg;
	}
	if (t.inside)
		open_inside(f, sk);
	if (t.bytes)
		f->rec.packet.seq = stream_position(sk, t.bytes, f->rec.packet.proto);
	number = number_frame(c, f, skb);
	now = time_now();
	if (CORRECTS()) {
		if (!n)
			s->own = 0;
		now -= s->own;
	}
	f->rec.begin = now | number;
	return true;
}

/* Of a call by its stack pointer, or else by that of ctx. */
static __always_inline u64 place_of_call(struct cpu *c, void *ctx, const struct target t)
{
	return t.how == REGISTERS ? place_at(c, t.at) : place_of(ctx);
}

/*
 * `given`: the arguments, where many functions share the program; else NULL, and they are loaded where they are needed
 * and not before. True: there is something for the end to do.
 */
static __always_inline bool begin(u64 *ctx, const struct target t, const struct args *given)
{
	const struct filter *filter = &control.filter[control.active & 1];
	enum verdict verdict = UNKNOWN;
	union facts facts;
	struct cpu *c;
	struct stack *s;
	bool common;
	u32 which;
	u16 dev = 0;
	u64 at;

	if (t.quick == QUICK_SKB)
		verdict = judge_ipv4(filter, &facts, given ? given->skb : PATCHED_SKB(t, ctx));
	else if (t.quick == QUICK_SOCKET)
		verdict = judge_ipv4_socket(filter, &facts, given ? socket_of(given) : patched_socket(t.how, ctx),
					    given ? given->msg : PATCHED(t.how, ctx, msghdr, PATCH_MSG));
	if (verdict == NO && !(t.late && tests_may_accept(filter, &facts)))
		return false;
	common = verdict != UNKNOWN;
	if (t.bare) {
		__builtin_memset(&facts, 0, sizeof(facts));
		verdict = YES;
	} else if (verdict == UNKNOWN) {
		struct args a = PATCHED_ARGS(t, ctx);

		if (given)
			a = *given;
		read_other(&facts.packet, &a, t.from);
		verdict = accepted(filter, &facts) || follows(a.skb) ? YES : NO;
		if (verdict == NO && !(t.late && tests_may_accept(filter, &facts)))
			return false;
	}
	c = known_cpu();
	if (!c)
		return false;
	at = place_of_call(c, ctx, t);
	which = which_stack(c, at);
	/* A tail call has the stack pointer of its caller: what is at the same place has not ended. */
	s = arrive(c, t.how == REGISTERS ? at - 1 : at, which, t.bare);
	if (!s)
		return false;
	if (t.from == READ_HEADERS) {
		struct sk_buff *skb = given ? given->skb : PATCHED_SKB(t, ctx);

		if (skb)
			dev = known_device(c, GET(skb, dev));
	} else if (t.quick == QUICK_SOCKET && common) {
		struct sock *sk = given ? socket_of(given) : patched_socket(t.how, ctx);

		if (sk)
			dev = socket_device(c, sk);
	}
	if (!dev && !t.bare) {
		struct args a = PATCHED_ARGS(t, ctx);

		if (given)
			a = *given;
		dev = other_device(c, &a, t.from);
		if (!facts.packet.family && !dev) /* none of ours: netlink, unix, a NULL skb */
			return false;
	}
	if (verdict == YES && !t.bare && !within(filter, c, dev, which))
		verdict = NO;
	if (verdict != YES && !t.late)
		return false;
	return open_call(c, s, at, t, &facts, dev, which, verdict == YES,
			 given ? (u64)given->sk : t.how == REGISTERS || t.inside || t.bytes || t.queue ? ARGUMENT(ctx, PATCH_SK) : 0,
			 t.quick == QUICK_SOCKET ? NULL : given ? (const void *)given->skb : PATCHED_SKB(t, ctx),
			 given ? given->queue : t.queue ? ARGUMENT(ctx, PATCH_QUEUE) : 0);
}

/* What a call that decides late knows at its end, from its socket. False: it does not match. */
static __always_inline bool decide_late(struct cpu *c, u32 which, struct frame *f, struct args *a)
{
	const struct filter *filter = &control.filter[control.active & 1];
	bool matches = !(f->rec.flags & FRAME_UNDECIDED);
	enum verdict verdict;
	union facts facts;
	u16 dev;

	if (f->rec.packet.dport && matches)
		return true;
	verdict = judge_ipv4_socket(filter, &facts, socket_of(a), a->msg);
	if (verdict == UNKNOWN) {
		read_other(&facts.packet, a, READ_SOCKET);
		if (!facts.packet.family)
			return matches;
		verdict = accepted(filter, &facts) ? YES : NO;
	}
	dev = other_device(c, a, READ_SOCKET);
	if (!matches && !(verdict == YES && within(filter, c, dev, which)))
		return false;
	facts.packet.dev = dev;
	facts.packet.depth = f->rec.packet.depth;
	copy_words((u64 *)&f->rec.packet, facts.word, 8);
	return true;
}

/* `given`: as at the begin. `ret`: the return value, 0 where it means nothing. */
static __always_inline void end(u64 *ctx, const struct target t, const struct args *given, u64 ret)
{
	struct cpu *c = this_cpu();
	struct stack *s;
	struct frame *f;
	u64 now, at, duration, child, self;
	u32 which, n;

	if (!c || !(c->stack[TASK_STACK].n | c->stack[IRQ_STACK].n)) /* nothing is open: rejected at its begin */
		return;
	at = place_of_call(c, ctx, t);
	which = which_stack(c, at);
	s = stack_of(c, which);
	n = s->n;
	f = frame_of(s, n - 1);
	if (!n || f->ctx > at) /* rejected, too */
		return;
	if (f->ctx != at) { /* calls inside it have lost their end */
		drop_ended(c, s, at - 1);
		n = s->n;
		f = frame_of(s, n - 1);
		if (!n || f->ctx != at)
			return;
	}
	if (t.how == REGISTERS && f->rec.fn != t.fn) /* of a tail call that was rejected */
		return;
	now = time_now();
	if (CORRECTS()) {
		s->own += constants.own_inside;
		now -= s->own;
	}
	if (t.late) {
		struct args a = {};

		if (t.how == REGISTERS) {
			a.sk = KNOWN(sock, f->late[0]);
			a.socket = KNOWN(socket, f->late[1]);
			a.msg = KNOWN(msghdr, f->late[2]);
		} else if (given) {
			a = *given;
		} else {
			a = (struct args)PATCHED_ARGS(t, ctx);
		}
		if (!decide_late(c, which, f, &a)) {
			s->n = n - 1;
			return;
		}
	}
	if (t.inside && (f->rec.flags & FLAG_TCP))
		look_inside(&f->inside, t.how == REGISTERS ? f->late[0] : given ? (u64)given->sk : ARGUMENT(ctx, PATCH_SK));
	duration = elapsed(f, now);
	if (CORRECTS() && duration >> (PACKET_BEGIN_BITS - 1)) /* below zero: this call's probes took less than they do */
		duration = 0;
	child = f->child;
	self = duration - child;
	if ((s64)self < 0)
		self = 0;
	count_call(c, t.fn, duration, self);
	if (CORRECTS())
		s->own += constants.own_outside;
	if (n > 1) {
		struct frame *caller = frame_of(s, n - 2);

		caller->child += duration;
		if (s->doubtful)
			caller->rec.flags &= ~FRAME_UNDECIDED;
	} else if (which) {
		struct stack *below = &c->stack[TASK_STACK];

		if (below->n) {
			frame_of(below, below->n - 1)->child += duration;
			if (CORRECTS())
				below->own += s->own;
		}
	}
	f->rec.duration = with_number(f, duration);
	emit(c, f, t.inside, RECORD_CALL, ret);
	s->n = n - 1;
}

#endif
