/** The meaning of a filter: what parse.ts makes and the two compilers read. */

/** Which end of a packet: `both` is pcap's `src and dst`. */
export type Direction = 'src' | 'dst' | 'either' | 'both';

export type Expression = And | Or | Not | Primitive;
export type Primitive = FamilyTest | ProtoTest | HostTest | PortTest;

/** All of the operands hold; without operands it is the filter that matches everything. */
export interface And {
	readonly kind: 'and';
	readonly operands: readonly Expression[];
}

export interface Or {
	readonly kind: 'or';
	readonly operands: readonly Expression[];
}

export interface Not {
	readonly kind: 'not';
	readonly operand: Expression;
}

/** `ip`, `ip6`, `arp`. */
export interface FamilyTest {
	readonly kind: 'family';
	/** One of Family (record.ts), not NONE. */
	readonly family: number;
}

/** `tcp`, `icmp`, `proto 47`, `ip proto 47`. */
export interface ProtoTest {
	readonly kind: 'proto';
	/** Family.NONE: IPv4 or IPv6. */
	readonly family: number;
	/** IP protocol number, 1 to 255. */
	readonly proto: number;
}

/** `host`, `net`: an address with the bits that count. */
export interface HostTest {
	readonly kind: 'host';
	readonly direction: Direction;
	/** What stood before it (`arp host …`), Family.NONE for nothing: an IPv4 address then matches IPv4 and ARP packets. */
	readonly family: number;
	/** 4 bytes of IPv4 or 16 of IPv6, as on the wire; no bit outside the mask is set. */
	readonly address: Uint8Array;
	readonly mask: Uint8Array;
}

/** `port`, `portrange`. */
export interface PortTest {
	readonly kind: 'port';
	readonly direction: Direction;
	/** IP protocol number of tcp, udp or sctp; 0: any of them. */
	readonly proto: number;
	/** The range, both ends included. A record's port 0 means that it is not known, and is in no range. */
	readonly lo: number;
	readonly hi: number;
}

/** What is narrowed beside the expression; each that is given must hold. */
export interface Narrowing {
	/** Name of a network device. */
	readonly device?: string;
	/** Inode number of a network namespace. */
	readonly netns?: number;
	/** Thread group. */
	readonly pid?: number;
}

/** The filter that matches everything. */
export const MATCH_ALL: Expression = {kind: 'and', operands: []};

export const opposite = (expression: Expression): Expression =>
	expression.kind === 'not' ? expression.operand : {kind: 'not', operand: expression};

/** Two expressions joined; a chain of the same operator is one expression. */
export function join(kind: 'and' | 'or', left: Expression, right: Expression): Expression {
	const operands = (side: Expression): readonly Expression[] => (side.kind === kind ? side.operands : [side]);
	return {kind, operands: [...operands(left), ...operands(right)]};
}
