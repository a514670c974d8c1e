/**
 * JSON lines: one object a line, in the order of the classic log's blocks. Times are integers in ns and may exceed 2^53, so
 * the lines are put together as text. What is not known is left out.
 */
import {ipv4Text, ipv6Text} from '../trace/address.js';
import {WallClock} from '../trace/clock.js';
import {tcpInside} from '../trace/inside.js';
import {LOSS_CAUSES, lossName} from '../trace/losses.js';
import type {Fate} from '../trace/packets/fate.js';
import {At, Context, Family, Kind, LossAt, Proto, recordSize} from '../trace/record.js';
import {selfTimes} from '../trace/self.js';
import type {FunctionStat, Names, TracedFunction} from '../trace/session.js';
import {type Counters, callCount, percentile} from '../trace/statistics.js';
import type {Entry} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';
import type {RecordView} from '../trace/view.js';

/** What a context is called in a line. */
export const CONTEXTS: Readonly<Record<number, string>> = {
	[Context.TASK]: 'task',
	[Context.SOFTIRQ]: 'softirq',
	[Context.HARDIRQ]: 'hardirq',
};

/** Names of protocols, as they stand in a line. */
export const PROTOCOLS: Readonly<Record<number, string>> = {
	[Proto.TCP]: '"tcp"',
	[Proto.UDP]: '"udp"',
	[Proto.ICMP]: '"icmp"',
	[Proto.ICMP6]: '"icmp6"',
};

/** Letters of tcpdump, in its order: bit 0 (FIN) to bit 7 (CWR) of byte 13 of the header. */
const FLAG_LETTERS = 'FSRP.UEW';
const TCP_ACK = 16;

/** What was traced and not kept. */
export interface NotKept {
	readonly packets: number;
	readonly blocks: number;
	readonly events: number;
}

export class JsonWriter {
	private readonly clock: WallClock;
	private readonly fns: string[];
	private readonly base: number;
	private self = new Float64Array(64);

	constructor(
		private readonly names: Names,
		private readonly tasks: Tasks,
	) {
		this.clock = new WallClock(names.session.wallOffset);
		this.base = Number(names.session.base);
		this.fns = names.session.functions.map((fn) => JSON.stringify(fn.name));
	}

	/** The lines of one entry: one for each of its records. */
	entry(entry: Entry): string {
		const {view} = entry;
		if (entry.kind === Kind.LOSS) return this.loss(view, entry.at);
		if (this.self.length < entry.records) this.self = new Float64Array(entry.records * 2);
		selfTimes(entry, this.self);
		let lines = '';
		for (let at = entry.at, index = 0; at < entry.end; at += recordSize(view.bytes, at), index++) {
			const kind = view.kind(at);
			const call = kind === Kind.CALL || kind === Kind.OPEN;
			lines += call ? this.call(view, at, this.self[index] as number) : this.moment(view, at);
			lines += this.place(entry, at);
			const fn = this.names.session.functions[view.fn(at)];
			if (fn?.returnsNumber === true && view.ended(at)) lines += `,"ret":${view.ret(at)}`;
			lines += this.packet(view, at, fn);
			lines += inside(view, at);
			if (kind === Kind.DROP) lines += this.drop(view, at);
			lines += '}\n';
		}
		return lines;
	}

	/** The line of one traced function, from the kernel's histogram. */
	functionLine(fn: TracedFunction, stat: FunctionStat): string {
		const parts = [0.5, 0.9, 0.99].map((q) => `"p${q * 100}":${percentile(stat, q)}`).join(',');
		const head = `{"type":"function","fn":${JSON.stringify(fn.name)},"group":${JSON.stringify(fn.group)}`;
		return `${head},"calls":${callCount(stat)},"total":${stat.total},"self":${stat.self},${parts},"max":${stat.max}}\n`;
	}

	/**
	 * The last line.
	 * @param lost by cause, as the kernel counted;
	 * @param packets by fate, left out where packets have no numbers; @param notKept what was traced and is not in the lines.
	 */
	summary(
		blocks: number,
		events: number,
		lost: Counters['lost'],
		packets?: Readonly<Record<Fate, number>>,
		notKept?: NotKept,
	): string {
		const {attached, wanted, attachMs, backend, kernel, ownCost} = this.names.session;
		const causes = LOSS_CAUSES.map((cause, index) => `"${cause.name}":${lost[index] ?? 0n}`).join(',');
		const corrected = ownCost?.corrected === true ? ',"corrected":true' : '';
		const cost = ownCost && `,"probe_cost_ns":${ownCost.total},"probe_inside_ns":${ownCost.inside}${corrected}`;
		const fates = packets === undefined ? '' : `,"packets":${JSON.stringify(packets)}`;
		const others = notKept === undefined ? '' : `,"not_kept":${JSON.stringify(notKept)}`;
		const counts = `"blocks":${blocks},"events":${events},"lost":{${causes}}${fates}${others}`;
		// A log does not say how it was traced.
		if (kernel === '') return `{"type":"summary",${counts}}\n`;
		const attach = `"attached":${attached},"wanted":${wanted},"attach_ms":${attachMs}`;
		const where = `"backend":${JSON.stringify(backend)},"kernel":${JSON.stringify(kernel)}`;
		return `{"type":"summary",${counts},${attach},${where}${cost ?? ''}}\n`;
	}

	private call(view: RecordView, at: number, self: number): string {
		const group = JSON.stringify(this.names.session.functions[view.fn(at)]?.group ?? '');
		const ended = view.ended(at);
		const duration = ended ? view.duration(at) : 0;
		const end = ended ? `,"end":${this.monotonic(view, at, duration)}` : '';
		const times = ended ? `,"duration":${duration},"self":${self}` : '';
		const begin = `"begin":${this.monotonic(view, at)}${end},${this.wall(view, at)}${times}`;
		return `{"type":"call","fn":${this.fn(view, at)},"group":${group},${begin}`;
	}

	private moment(view: RecordView, at: number): string {
		const type = view.kind(at) === Kind.DROP ? 'drop' : 'mark';
		const time = `"at":${this.monotonic(view, at)},${this.wall(view, at)}`;
		return `{"type":"${type}","fn":${this.fn(view, at)},${time}`;
	}

	/** From `depth` to `comm`. */
	private place(entry: Entry, at: number): string {
		const {view} = entry;
		let text = `,"depth":${view.depth(at)}`;
		if (entry.block !== 0) text += `,"block":${entry.block}`;
		const packet = view.packet(at);
		if (packet !== 0) text += `,"packet":${packet}`;
		const context = CONTEXTS[view.context(at)];
		if (context !== undefined) text += `,"cpu":${view.cpu(at)},"context":"${context}"`;
		if (at === entry.at && entry.under !== 0) {
			const fn = view.under(at) - 1;
			const name = this.names.session.functions[fn]?.name ?? `function_${fn}`;
			text += `,"under":${JSON.stringify(`${entry.under}:${name}`)}`;
		}
		const task = this.tasks.get(entry.task);
		return task === undefined ? text : `${text},"pid":${task.pid},"comm":${JSON.stringify(task.comm)}`;
	}

	private packet(view: RecordView, at: number, fn: TracedFunction | undefined): string {
		const text = packetFields(view, at, fn?.ipLayer === true);
		const device = view.dev(at) === 0 ? undefined : this.names.device(view.dev(at));
		if (device === undefined) return text;
		const name = device.name === '' ? '' : `,"ifname":${JSON.stringify(device.name)}`;
		return `${text}${name},"netns":${device.netns}`;
	}

	private drop(view: RecordView, at: number): string {
		const reason = this.names.session.dropReasons[view.ret(at)] ?? String(view.ret(at));
		const location = this.names.symbol(view.location(at));
		return `,"reason":${JSON.stringify(reason)},"location":${JSON.stringify(location)}`;
	}

	private loss(view: RecordView, at: number): string {
		const cause = lossName(view.halves[(at + LossAt.cause) >>> 1] as number);
		const time = `"at":${this.monotonic(view, at)},${this.wall(view, at)}`;
		return `{"type":"loss","cause":"${cause}","count":${view.u64(at + LossAt.count)},${time}}\n`;
	}

	/** When a record began or happened, `later` ns later, on CLOCK_MONOTONIC. */
	private monotonic(view: RecordView, at: number, later = 0): string {
		const value = view.begin(at, 0) + later + this.base;
		if (Number.isSafeInteger(value)) return String(value);
		return String(view.time(at) + BigInt(later) + this.names.session.base);
	}

	private fn(view: RecordView, at: number): string {
		return this.fns[view.fn(at)] ?? `"function_${view.fn(at)}"`;
	}

	private wall(view: RecordView, offset: number): string {
		this.clock.set(view, offset);
		return `"wall":${this.clock.digits()}`;
	}
}

/** The packet of a record but for its device, each field with a comma before it. @param header whether the IP header was read. */
export function packetFields(view: RecordView, at: number, header: boolean): string {
	const family = view.family(at);
	const proto = view.proto(at);
	let text = family === Family.IPV4 ? ',"family":4' : family === Family.IPV6 ? ',"family":6' : '';
	if (family === Family.ARP) text += ',"proto":"arp"';
	else if (proto !== 0) text += `,"proto":${PROTOCOLS[proto] ?? proto}`;
	if (family === Family.IPV6) {
		text += `,"src":"${ipv6Text(view.bytes, at + At.saddr6)}","dst":"${ipv6Text(view.bytes, at + At.daddr6)}"`;
	} else if (family !== Family.NONE) {
		text += `,"src":"${ipv4Text(view.bytes, at + At.saddr)}","dst":"${ipv4Text(view.bytes, at + At.daddr)}"`;
	}
	if (view.sport(at) !== 0) text += `,"sport":${view.sport(at)}`;
	if (view.dport(at) !== 0) text += `,"dport":${view.dport(at)}`;
	// Every TCP segment has a flag: without one there was no segment yet, only a socket.
	if (proto === Proto.TCP && view.tcpFlags(at) !== 0) text += segment(view, at);
	// 0 is a value, but where no header was read it means nothing.
	const ipid = view.ipid(at);
	if (family === Family.IPV4 && (ipid !== 0 || header)) text += `,"ipid":${ipid}`;
	if (view.len(at) !== 0) text += `,"len":${view.len(at)}`;
	return text;
}

function segment(view: RecordView, at: number): string {
	const flags = view.tcpFlags(at);
	let letters = '';
	for (let bit = 0; bit < 8; bit++) if ((flags & (1 << bit)) !== 0) letters += FLAG_LETTERS[bit];
	const ack = (flags & TCP_ACK) === 0 ? '' : `,"ack":${view.ack(at)}`;
	return `,"flags":"${letters}","seq":${view.seq(at)}${ack}`;
}

/** What the TCP socket knew. `newcwnd` stands only where it is another. */
function inside(view: RecordView, at: number): string {
	const tcp = tcpInside(view, at);
	if (tcp === undefined) return '';
	const newCwnd = tcp.newCwnd === tcp.cwnd ? '' : `,"newcwnd":${tcp.newCwnd}`;
	const ssthresh = tcp.ssthresh === undefined ? '' : `,"ssthresh":${tcp.ssthresh}`;
	const srtt = tcp.srtt === 0 ? '' : `,"srtt_us":${tcp.srtt}`;
	return (
		`,"state":"${tcp.state}","newstate":"${tcp.newState}","cwnd":${tcp.cwnd}${newCwnd}${ssthresh}${srtt}` +
		`,"rcv_wnd":${tcp.rcvWnd},"snd_wnd":${tcp.sndWnd},"packets_out":${tcp.packetsOut},"retrans":${tcp.retransmits}` +
		`,"ca_state":"${tcp.congestion}"`
	);
}
