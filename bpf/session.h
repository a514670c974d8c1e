/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs that run at the begin and at the end of a call. */

static __always_inline bool is_return(void *ctx)
{
	if (bpf_ksym_exists(bpf_session_is_return___ctx))
		return bpf_session_is_return___ctx(ctx);
	return bpf_session_is_return();
}
