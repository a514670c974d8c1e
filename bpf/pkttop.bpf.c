// SPDX-License-Identifier: GPL-2.0-only
/* The kernel side: one core, and a small file for each way of attaching. */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "control.h"
#include "maps.h"
#include "emit.h"
#include "frames.h"
#include "identity.h"
#include "match.h"
#include "template.h"
#include "arguments.h"
#include "packet.h"
#include "quick.h"
#include "device.h"
#include "judge.h"
#include "inside.h"
#include "queue.h"
#include "histogram.h"
#include "core.h"
#include "mark.h"
#include "context.h"
#include "fentry.h"
#include "shared.h"
#include "fsession.h"
#include "kprobe.h"
#include "tracepoint.h"
#include "life.h"

char LICENSE[] SEC("license") = "GPL";
