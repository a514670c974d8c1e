/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kprobe family: ctx is struct pt_regs. Functions need no BTF there, so compilers' copies (.constprop.0) can be
 * traced, too. At the end of a call its arguments are gone from the registers.
 */

/* System V calling convention of x86-64. The stack pointer at the begin of a call tells one call from another. */
struct registers {
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};

/* Backend kprobe: a program for each function, by its constants. */
TEMPLATE
int pkttop_kprobe(struct registers *ctx)
{
	struct target t = PATCHED_TARGET(REGISTERS);

	if (!PATCHED_IN() || !SWITCHED_ON(t.fn))
		return 0;
	t.at = ctx->sp;
	t.last_socket = ARGUMENT(ctx, PATCH_LAST_SOCKET);
	t.last_msg = ARGUMENT(ctx, PATCH_LAST_MSG);
	begin((u64 *)ctx, t, NULL);
	return 0;
}

TEMPLATE
int pkttop_kretprobe(struct registers *ctx)
{
	struct target t = {
		.how = REGISTERS, .fn = CONSTANT(PATCH_FN), .late = CONSTANT(PATCH_LATE), .inside = CONSTANT(PATCH_INSIDE)};

	if (!PATCHED_IN())
		return 0;
	t.at = ctx->sp - CONSTANT(PATCH_EXIT_SHIFT);
	end((u64 *)ctx, t, NULL, ARGUMENT(ctx, PATCH_RETURN));
	return 0;
}

/*
 * Arguments, to be chosen from by number: the stack has no room for them. The kernel runs one program of these backends at
 * a time on a CPU.
 */
struct words {
	u64 word[8];
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct words);
} words SEC(".maps");

/* Backends kprobe-multi and kprobe-session: one program for any number of functions. The cookie is the function's number. */
static __always_inline bool multi_begin(struct registers *ctx, u32 fn)
{
	struct target t = {.how = REGISTERS, .fn = fn, .at = ctx->sp};
	struct words *w;
	u32 zero = 0;

	if (!SWITCHED_ON(fn))
		return false;
	w = bpf_map_lookup_elem(&words, &zero);
	if (!w)
		return false;
	*w = (struct words){{0, ctx->di, ctx->si, ctx->dx, ctx->cx, ctx->r8, ctx->r9, 0}};
	return placed_begin((u64 *)ctx, t, w->word);
}

static __always_inline void multi_end(struct registers *ctx, u32 fn)
{
	struct place *place = bpf_map_lookup_elem(&places, &fn);

	if (!place)
		return;
	struct target t = {
		.how = REGISTERS, .fn = fn, .late = place->late, .inside = place->inside, .at = ctx->sp - CONSTANT(PATCH_EXIT_SHIFT)};

	end((u64 *)ctx, t, NULL, place->returns ? ctx->ax : 0);
}

TEMPLATE
int pkttop_multi(struct registers *ctx)
{
	if (PATCHED_IN())
		multi_begin(ctx, bpf_get_attach_cookie(ctx));
	return 0;
}

TEMPLATE
int pkttop_multiret(struct registers *ctx)
{
	if (PATCHED_IN())
		multi_end(ctx, bpf_get_attach_cookie(ctx));
	return 0;
}

/* Both in one. A begin that answers 1 spares the end. */
TEMPLATE
int pkttop_session(struct registers *ctx)
{
	u32 fn;

	if (!PATCHED_IN())
		return 0;
	fn = bpf_get_attach_cookie(ctx);
	if (!is_return(ctx))
		return !multi_begin(ctx, fn);
	multi_end(ctx, fn);
	return 0;
}
