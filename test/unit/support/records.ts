/** Makes records as the kernel side would, for tests. Layout: bpf/record.h. */
import {
	At,
	Family,
	Flag,
	Kind,
	LifeAt,
	LossAt,
	SIZE_IPV4,
	SIZE_IPV6,
	SIZE_LIFE,
	SIZE_LOSS,
	SIZE_TASK,
	SIZE_TCP,
	TaskAt,
	TcpAt,
} from '../../../src/trace/record.js';
import type {Session, TracedFunction} from '../../../src/trace/session.js';

/** Fields of struct record; what is left out is 0. Times in ns. */
export interface RecordFields {
	readonly kind?: number;
	/** Without the context. */
	readonly flags?: number;
	readonly fn?: number;
	readonly tid?: number;
	readonly begin?: number | bigint;
	/** Duration; of a drop the code address. */
	readonly duration?: number | bigint;
	readonly cpu?: number;
	readonly under?: number;
	readonly ret?: number;
	readonly len?: number;
	readonly dev?: number;
	readonly depth?: number;
	readonly proto?: number;
	readonly sport?: number;
	readonly dport?: number;
	readonly ipid?: number;
	readonly tcpFlags?: number;
	readonly context?: number;
	readonly seq?: number;
	readonly ack?: number;
	/** Four or sixteen bytes, network order: they decide the family. */
	readonly src?: readonly number[];
	readonly dst?: readonly number[];
	readonly arp?: boolean;
	/** Number of the packet; 0 for none. */
	readonly packet?: number;
	/** What the TCP socket knew, by the names of struct tcp_inside. */
	readonly tcp?: Readonly<Partial<Record<keyof typeof TcpAt, number>>>;
}

const LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** One RECORD_CALL, or another kind with the layout of struct record. */
export function makeRecord(fields: RecordFields = {}): Uint8Array<ArrayBuffer> {
	const address = fields.src ?? fields.dst;
	const six = address?.length === 16;
	const family = six ? Family.IPV6 : address === undefined ? Family.NONE : fields.arp ? Family.ARP : Family.IPV4;
	const inside = six ? SIZE_IPV6 : SIZE_IPV4;
	const bytes = new Uint8Array(inside + (fields.tcp === undefined ? 0 : SIZE_TCP));
	const data = new DataView(bytes.buffer);
	data.setUint8(At.kind, fields.kind ?? Kind.CALL);
	data.setUint8(At.flags, (fields.flags ?? 0) | (fields.context ?? 0) | (fields.tcp === undefined ? 0 : Flag.TCP));
	data.setUint8(At.family, family);
	data.setUint16(At.fn, fields.fn ?? 0, LITTLE);
	data.setUint32(At.tid, fields.tid ?? 0, LITTLE);
	const packet = BigInt(fields.packet ?? 0);
	const durationBits = packet === 0n ? 64 : 44;
	data.setBigUint64(At.begin, BigInt(fields.begin ?? 0) | ((packet & 0xfffn) << 52n), LITTLE);
	const duration = BigInt.asUintN(durationBits, BigInt(fields.duration ?? 0)) | ((packet >> 12n) << 44n);
	data.setBigUint64(At.duration, duration, LITTLE);
	if (packet !== 0n) data.setUint8(At.flags, data.getUint8(At.flags) | Flag.PACKET);
	data.setUint16(At.cpu, fields.cpu ?? 0, LITTLE);
	data.setUint16(At.under, fields.under ?? 0, LITTLE);
	data.setInt32(At.ret, fields.ret ?? 0, LITTLE);
	data.setUint32(At.len, fields.len ?? 0, LITTLE);
	data.setUint16(At.dev, fields.dev ?? 0, LITTLE);
	data.setUint8(At.depth, fields.depth ?? 0);
	data.setUint8(At.proto, fields.proto ?? 0);
	data.setUint16(At.sport, fields.sport ?? 0, LITTLE);
	data.setUint16(At.dport, fields.dport ?? 0, LITTLE);
	data.setUint16(At.ipid, fields.ipid ?? 0, LITTLE);
	data.setUint8(At.tcp_flags, fields.tcpFlags ?? 0);
	data.setUint32(At.seq, fields.seq ?? 0, LITTLE);
	data.setUint32(At.ack, fields.ack ?? 0, LITTLE);
	for (const [name, value] of Object.entries(fields.tcp ?? {})) {
		const to = inside + TcpAt[name as keyof typeof TcpAt];
		if (name === 'packets_out' || name === 'retransmits') data.setUint16(to, value, LITTLE);
		else if (name.endsWith('state') || name === 'congestion') data.setUint8(to, value);
		else data.setUint32(to, value, LITTLE);
	}
	if (fields.src) bytes.set(fields.src, six ? At.saddr6 : At.saddr);
	if (fields.dst) bytes.set(fields.dst, six ? At.daddr6 : At.daddr);
	return bytes;
}

/** A RECORD_TASK. */
export function makeTask(tid: number, pid: number, comm: string | Uint8Array): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(SIZE_TASK);
	const data = new DataView(bytes.buffer);
	data.setUint8(At.kind, Kind.TASK);
	data.setUint32(TaskAt.tid, tid, LITTLE);
	data.setUint32(TaskAt.pid, pid, LITTLE);
	bytes.set((typeof comm === 'string' ? new TextEncoder().encode(comm) : comm).subarray(0, 16), TaskAt.comm);
	return bytes;
}

/** A RECORD_LOSS. */
export function makeLoss(cause: number, count: number, at: number | bigint, cpu = 0): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(SIZE_LOSS);
	const data = new DataView(bytes.buffer);
	data.setUint8(At.kind, Kind.LOSS);
	data.setUint16(LossAt.cause, cause, LITTLE);
	data.setUint32(LossAt.cpu, cpu, LITTLE);
	data.setBigUint64(At.begin, BigInt(at), LITTLE);
	data.setBigUint64(LossAt.count, BigInt(count), LITTLE);
	return bytes;
}

export interface LifeFields {
	readonly what: number;
	readonly packet: number;
	readonly at: number | bigint;
	/** The other packet; of a drop the reason. */
	readonly other?: number;
	readonly location?: bigint;
	readonly tid?: number;
}

/** A RECORD_LIFE. */
export function makeLife(fields: LifeFields): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(SIZE_LIFE);
	const data = new DataView(bytes.buffer);
	data.setUint8(At.kind, Kind.LIFE);
	data.setUint16(LifeAt.what, fields.what, LITTLE);
	data.setUint32(LifeAt.packet, fields.packet, LITTLE);
	data.setBigUint64(At.begin, BigInt(fields.at), LITTLE);
	data.setBigUint64(LifeAt.location, fields.location ?? 0n, LITTLE);
	data.setUint32(LifeAt.other, fields.other ?? 0, LITTLE);
	data.setUint32(LifeAt.tid, fields.tid ?? 0, LITTLE);
	return bytes;
}

/** Records back to back. */
export function join(records: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(records.reduce((sum, record) => sum + record.length, 0));
	let at = 0;
	for (const record of records) {
		bytes.set(record, at);
		at += record.length;
	}
	return bytes;
}

/**
 * A session with these functions; a name with a leading `-` is a mark, one with a trailing `*` belongs to the IP layer.
 * @param more functions behind them, as far as they are not like the others.
 */
export function makeSession(
	names: readonly string[],
	wallOffset = 0n,
	more: readonly (Partial<TracedFunction> & Pick<TracedFunction, 'name'>)[] = [],
): Session {
	const named = names.map(
		(name): TracedFunction => ({
			name: name.replace(/^-|\*$/g, ''),
			group: 'tcpin',
			ipLayer: name.endsWith('*'),
			returnsNumber: true,
			mark: name.startsWith('-'),
		}),
	);
	const common = {group: 'tcpin', ipLayer: false, returnsNumber: true, mark: false};
	const functions = [...named, ...more.map((fn): TracedFunction => ({...common, ...fn}))];
	return {
		kernel: '6.12.0',
		backend: 'fentry',
		base: 0n,
		identity: '',
		wallOffset,
		functions,
		attached: functions.filter(({why}) => why === undefined).length,
		wanted: functions.length + 1,
		attachMs: 12,
		dropReasons: {2: 'NOT_SPECIFIED', 3: 'NO_SOCKET'},
		filter: '',
	};
}
