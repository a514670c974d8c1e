/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backend fsession: one program at the begin and at the end of a function, by the kernel's trampolines. The kernel skips a
 * program that already runs on a CPU, in a task that was interrupted or has lost the CPU. So each function has its own, as
 * with fentry: what comes in between is seldom a call of the same function.
 */

static __always_inline void session_end(u64 *ctx)
{
	const struct target t = {.fn = CONSTANT(PATCH_FN), .late = CONSTANT(PATCH_LATE), .inside = CONSTANT(PATCH_INSIDE)};
	struct args a = {.sk = PATCHED(t.how, ctx, sock, PATCH_SK), .socket = PATCHED(t.how, ctx, socket, PATCH_LAST_SOCKET),
			 .msg = PATCHED(t.how, ctx, msghdr, PATCH_LAST_MSG)};

	end(ctx, t, &a, ARGUMENT(ctx, PATCH_RETURN));
}

/* `aim`: of fentry.h. */
#define SESSION_OF(name, aim)                                                                                          \
	TEMPLATE                                                                                                       \
	int name(u64 *ctx)                                                                                             \
	{                                                                                                              \
		const struct target t = aim;                                                                           \
                                                                                                                       \
		if (!PATCHED_IN())                                                                                     \
			return 0;                                                                                      \
		if (is_return(ctx))                                                                                    \
			session_end(ctx);                                                                              \
		else if (SWITCHED_ON(t.fn))                                                                            \
			begin(ctx, t, NULL);                                                                           \
		return 0;                                                                                              \
	}

SESSION_OF(pkttop_session_packet, PACKET_TARGET)
SESSION_OF(pkttop_session_socket, SOCKET_TARGET)
SESSION_OF(pkttop_session_begin, ANY_TARGET)

/*
 * The same for any number of functions: attaching a thousand takes one system call. The cookie is the function's number.
 */

/* An argument that the function does not have stays 0. */
static __always_inline void function_arguments(u64 *ctx, u64 *word)
{
	for (int i = 0; i < 8; i++)
		word[i] = 0;
	for (int i = 0; i < 6; i++)
		bpf_get_func_arg(ctx, i, &word[i + 1]);
}

TEMPLATE
int pkttop_fsession(u64 *ctx)
{
	u64 fn, ret = 0;

	if (!PATCHED_IN())
		return 0;
	fn = bpf_get_attach_cookie(ctx);
	if (!is_return(ctx)) {
		struct target t = {.how = SESSION, .fn = fn};
		u64 word[8];

		if (!SWITCHED_ON(t.fn))
			return 0;
		function_arguments(ctx, word);
		placed_begin(ctx, t, word);
	} else {
		u32 key = fn;
		struct place *place = bpf_map_lookup_elem(&places, &key);

		if (!place)
			return 0;
		struct target t = {.how = SESSION, .fn = fn, .late = place->late, .inside = place->inside};
		u64 word[8];

		if (t.late || t.inside)
			function_arguments(ctx, word);
		else
			__builtin_memset(word, 0, sizeof(word));
		struct args a = {.sk = KNOWN(sock, PLACED(place, word, PATCH_SK)),
				 .socket = KNOWN(socket, word[place->last_socket & 7]),
				 .msg = KNOWN(msghdr, word[place->last_msg & 7])};

		if (place->returns)
			bpf_get_func_ret(ctx, &ret);
		end(ctx, t, &a, ret);
	}
	return 0;
}
