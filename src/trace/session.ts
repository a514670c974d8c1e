/** What a session is apart from its records: who recorded it, with which functions, on which clocks. */

/** A trace point: its index in `Session.functions` is the `fn` of the records. */
export interface TracedFunction {
	/** Name on the kernel that was traced; what is printed. */
	readonly name: string;
	/** Group of the catalogue, as in the thesis. */
	readonly group: string;
	/** Whether IP-layer columns (identification and protocol) belong to its line in the classic log. */
	readonly ipLayer: boolean;
	/** False for a void function or one whose return value is a pointer: `ret` then means nothing. */
	readonly returnsNumber: boolean;
	/** A place without begin and end. */
	readonly mark: boolean;
	/** What it is attached by; left out where it is not, and in sessions that did not record it. */
	readonly backend?: string;
	/** Why it is not attached, one phrase; left out where it is: then records may be its. */
	readonly why?: string;
}

/** What tracing a call costs, as it was measured when the session began. ns. */
export interface OwnCost {
	/** The part that is in the call's own duration. */
	readonly inside: number;
	/** What the durations of its callers grow by. */
	readonly total: number;
	/** What it was measured with; left out where everything is attached by that. */
	readonly backend?: string;
	/** Both have been taken off durations and self times: these are what they would be without pkttop. */
	readonly corrected: boolean;
}

export interface Session {
	readonly kernel: string;
	readonly backend: string;
	/** What times count from: ns of CLOCK_MONOTONIC. 0 in sessions of older versions and in logs. */
	readonly base: bigint;
	/** Why packets have no numbers, '' where they have. */
	readonly identity: string;
	/** Wall clock minus the session's clock, ns, at the start. */
	readonly wallOffset: bigint;
	/** Minutes east of UTC where it was recorded are not kept: the classic log prints the reader's local time. */
	readonly functions: readonly TracedFunction[];
	readonly attached: number;
	readonly wanted: number;
	readonly attachMs: number;
	/** Left out where it was not measured, and why. */
	readonly ownCost?: OwnCost;
	readonly costUnknown?: string;
	/** Names of `skb_drop_reason` by number, from the BTF of the kernel that was traced. */
	readonly dropReasons: Readonly<Record<number, string>>;
	/** The filter's text, '' for none. */
	readonly filter: string;
}

export interface Device {
	readonly ifindex: number;
	/** Inode number of the network namespace. */
	readonly netns: number;
	readonly name: string;
}

export interface Task {
	readonly pid: number;
	readonly comm: string;
}

/** Histogram of one function, summed over the CPUs. ns. */
export interface FunctionStat {
	readonly total: bigint;
	readonly self: bigint;
	readonly max: bigint;
	/** bucket[b] counts durations of [2^b, 2^(b+1)) ns. */
	readonly bucket: readonly bigint[];
}

/** What the records refer to by number. Grows while a session runs. */
export interface Names {
	readonly session: Session;
	/** `dev` of a record, 0 for none. */
	device(dev: number): Device | undefined;
	/** `tid` of a record, as of the latest RECORD_TASK for it. */
	task(tid: number): Task | undefined;
	/** Code address of a drop as symbol+0xoffset; a hexadecimal number where the symbol is not known. */
	symbol(address: bigint): string;
}
