/**
 * The one file that knows the addon: its surface, where it is, and whether it is the one that belongs to this program.
 */
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {At, TcpAt} from '../trace/record.js';

/** How functions are attached: the best way for each, one way for all, or not at all, marks alone. */
export const BACKENDS = [
	'auto',
	'fsession',
	'fentry',
	'kprobe-session',
	'kprobe-multi',
	'kprobe',
	'tracepoint',
] as const;
export type Backend = (typeof BACKENDS)[number];

/** A function or mark to attach to. */
export interface Wanted {
	/** In order of preference; the first that this kernel has and lets attach. */
	readonly names: readonly string[];
	/** enum read_from of bpf/packet.h. */
	readonly from: number;
	readonly late: boolean;
	/** Its records carry what its TCP socket knows, where that is an argument. */
	readonly inside: boolean;
	/** What it moves of a TCP stream (enum bytes of bpf/control.h): its records say where in it that begins. */
	readonly bytes: number;
	/** The queue that it puts something into (enum queue_kind): its records say how long that was. */
	readonly queue: number;
	/** Arguments of names that BTF does not have: see `hidden` of src/catalogue/row.ts. */
	readonly hidden: string;
	/** Netfilter: protocol family (0: no hook) and hook number. A handler: AF_PACKET and the protocol. */
	readonly pf: number;
	readonly hook: number;
}

export interface StartOptions {
	/** Path of pkttop.bpf.o. */
	readonly object: string;
	readonly backend: Backend;
	/** Their index here is the `fn` of their records. */
	readonly functions: readonly Wanted[];
	/** Numbered after the functions. */
	readonly marks: readonly Wanted[];
	/** Bytes of all CPUs' rings together. */
	readonly ring: number;
	/** Packets have numbers. */
	readonly identity: boolean;
	/** What the probes of a call cost is to be measured, and taken off; then it must be known. */
	readonly measure: boolean;
	readonly correct: boolean;
	/** What times in records count from, ns of CLOCK_MONOTONIC. */
	readonly base: bigint;
	/** Bytes that the reader thread holds for us at most. */
	readonly limit: number;
	/** A struct filter of bpf/control.h, in force before the first event. */
	readonly filter: Uint8Array;
}

export interface Outcome {
	/** The name that was found in this kernel; '' for none. */
	readonly name: string;
	readonly returnsNumber: boolean;
	/** What it is attached by. */
	readonly backend: string;
	/** '' when it is attached. */
	readonly error: string;
}

export interface StartReport {
	/** '' or why nothing is traced. */
	readonly error: string;
	/** One for each function, then one for each mark. */
	readonly outcomes: readonly Outcome[];
	/** Why packets have no numbers, '' where they have. */
	readonly identity: string;
	/** What the probes of a call cost, ns: in its own duration, and for its callers. `why`: it is not known. */
	readonly ownCost: {readonly inside: number; readonly total: number; readonly backend: string; readonly why: string};
	/** Names of enum skb_drop_reason by number. */
	readonly dropReasons: Readonly<Record<number, string>>;
}

export interface KernelFunction {
	readonly name: string;
	/** '' for the kernel itself. */
	readonly module: string;
	/** Registers' worth of arguments: a structure by value takes more than one. */
	readonly words: number;
	/** One of its arguments tells about a packet or socket. */
	readonly usable: boolean;
}

export interface DeviceEntry {
	/** `dev` of the records. */
	readonly dev: number;
	readonly ifindex: number;
	readonly netns: number;
	readonly name: string;
}

export interface Addon {
	/** Loads, attaches and lets events flow; resolves when all is attached. At most one capture at a time. */
	start(options: StartOptions): Promise<StartReport>;
	/** While `start` is at work: it gives up soon, with an error. */
	cancel(): void;
	/** Fills `buffer` with whole records; the number of bytes. */
	drain(buffer: Uint8Array, keep?: number): number;
	/** Bytes that wait for `drain`. */
	waiting(): number;
	/** How full the fullest of the kernel's rings was found since the last call: 0 to 1. */
	ringFill(): number;
	/** Replaces the filter while events flow. False: not a struct filter. */
	setFilter(filter: Uint8Array): boolean;
	/** Whether a packet that was accepted once is accepted from then on, whatever the filter says of it later. */
	setFollow(on: boolean): void;
	/** False: no new call is recorded; calls that are open end as usual. */
	setEnabled(on: boolean): void;
	/** A function that is off costs next to nothing and is not recorded. False: none of that number. */
	setSwitch(fn: number, on: boolean): boolean;
	/** For each function total, self, max and the histogram's buckets (struct histogram), summed over the CPUs. */
	stats(): BigUint64Array;
	/** Records emitted, then lost by each cause of enum loss_cause. */
	losses(): BigUint64Array;
	devices(): DeviceEntry[];
	/** Ends the capture; what was read stays to be drained. The probes go in the background within seconds. */
	stop(): void;
	/**
	 * Opens packet sockets on all devices of the network namespaces at these paths, '' for the own one. Needs root, and what
	 * follows does not. '' or what failed.
	 */
	openCapture(namespaces: readonly string[]): string;
	/** Fills `buffer`, of CAPTURE_LEAST bytes at least, with whole frames (struct captured); the number of bytes, 0 at the end. */
	drainCapture(buffer: Uint8Array): number;
	/** CLOCK_MONOTONIC, ns: what came before that has been drained. The kernel shows frames some milliseconds late. */
	captureUntil(): bigint;
	/** Frames that the kernel had no room for, so far. */
	captureDropped(): number;
	/** Name of a device of the namespace with that number in the list, '' when it is gone. */
	captureDevice(namespace: number, ifindex: number): string;
	closeCapture(): void;
	/** Wall clock minus CLOCK_MONOTONIC, ns. */
	wallOffset(): bigint;
	/** Takes every capability from every thread. '' or what failed. */
	dropCapabilities(): string;
	/** Moves the main thread, which owns Node's sockets, into a new network namespace. '' or what failed, as the next five. */
	unshareNetwork(): string;
	/** A veth pair: `name` here, `peer` in the network namespace of process `pid`. Both are down. */
	addVeth(name: string, peer: string, pid: number): string;
	/** An IPv4 or IPv6 address, usable at once. */
	addAddress(link: string, address: string, prefix: number): string;
	/** With packets of at most `mtu` bytes; 0: as it is. */
	bringUp(link: string, mtu: number): string;
	/** What goes to NETWORK/PREFIX goes over the neighbour `gateway`. */
	addRoute(network: string, prefix: number, gateway: string): string;
	/** A netfilter rule that drops what is forwarded to this port, TCP and UDP. */
	dropForwarded(port: number): string;
	/** A UDP socket with this value of IP_MTU_DISCOVER: a descriptor, or a negative errno, as the next two. No root. */
	openUdp(ipv6: boolean, discover: number): number;
	/** A socket for ICMP echo requests; the process's group has to be in net.ipv4.ping_group_range. */
	openPing(ipv6: boolean): number;
	/** A bound TCP socket whose connections lose one in `oneIn` of the segments with data that they get, by chance. */
	openLossy(address: string, port: number, oneIn: number): number;
	/**
	 * When the program crashes, writes `restore` to the terminal at `fd` and sets its modes as they are now; -1: no more.
	 * '' or what failed.
	 */
	guardTerminal(fd: number, restore: Uint8Array): string;
	/**
	 * Which functions and tracepoints of these names the kernel's BTF has; `odd`: with arguments that not every kernel's
	 * trampolines take. `error` is '' or why BTF cannot be read. No root, but then modules' functions are not found.
	 */
	kernelHas(
		functions: readonly string[],
		tracepoints: readonly string[],
	): {
		readonly error: string;
		readonly functions: readonly ('no' | 'plain' | 'odd')[];
		readonly tracepoints: readonly boolean[];
	};
	/**
	 * Functions of the kernel's BTF, and with root of its modules', whose names match one of the globs (`*`, `?`, `[…]`).
	 * `error` is '' or why BTF cannot be read.
	 */
	kernelFunctions(globs: readonly string[]): {readonly error: string; readonly functions: readonly KernelFunction[]};
	/** The kernel's filter code on one record; `later`: whether it may match once what is 0 is known. For tests. */
	accepts(filter: Uint8Array, record: Uint8Array, later: boolean): boolean;
	/** Byte offsets of struct record, to be compared with `At`, and, after `tcp_`, of struct tcp_inside with `TcpAt`. */
	layout(): Record<string, number>;
}

/** LARGEST of native/capture.h. */
export const CAPTURE_LEAST = 24 + 262_144 + 8;

/** Beside dist/ in an installed package and in a checkout alike. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const ADDON = `${root}native/build/Release/pkttop.node`;
export const BPF_OBJECT = `${root}bpf/build/pkttop.bpf.o`;

export class AddonError extends Error {}

/** Loads the addon. Throws AddonError, one line, when it is missing or belongs to another version. */
export function loadAddon(): Addon {
	for (const file of [ADDON, BPF_OBJECT]) {
		if (!existsSync(file)) throw new AddonError(`${file} is missing: the package was not built (npm run build)`);
	}
	let addon: Addon;
	try {
		addon = createRequire(import.meta.url)(ADDON) as Addon;
	} catch (error) {
		throw new AddonError(`the addon cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
	}
	const layout = addon.layout();
	const inside = Object.entries(TcpAt).map(([field, offset]) => [`tcp_${field}`, offset] as const);
	for (const [field, offset] of [...Object.entries(At), ...inside]) {
		if (layout[field] !== offset) throw new AddonError(`the addon is of another version: field ${field} differs`);
	}
	return addon;
}
