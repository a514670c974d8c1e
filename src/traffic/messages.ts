/** What pkttop and a host of the demo say to each other over the IPC channel between them. */
import type {Exchange} from './scenarios.js';

/** The user who invoked pkttop, by numbers. */
export interface User {
	readonly uid: number;
	readonly gid: number;
}

export type Step =
	/** Move into a network namespace of your own. */
	| {readonly do: 'namespace'}
	| {readonly do: 'veth'; readonly name: string; readonly peer: string; readonly pid: number}
	/** ADDRESS/PREFIX. */
	| {readonly do: 'address'; readonly link: string; readonly address: string}
	/** NETWORK/PREFIX. */
	| {readonly do: 'route'; readonly network: string; readonly gateway: string}
	/** A file below /proc/sys/net of this namespace. */
	| {readonly do: 'set'; readonly file: string; readonly value: string}
	/** Drop what is forwarded to this port. */
	| {readonly do: 'firewall'; readonly port: number}
	/** With packets of at most `mtu` bytes; 0: as it is. */
	| {readonly do: 'up'; readonly link: string; readonly mtu: number}
	/** Answer when the links carry packets. */
	| {readonly do: 'ready'; readonly links: readonly string[]}
	/** Become this user, without any capability; it may be root. */
	| {readonly do: 'unprivileged'; readonly user: User}
	| {readonly do: 'serve'; readonly exchanges: readonly Exchange[]}
	/** Answered when all rounds are done or stopped, with the number of exchanges that succeeded. */
	| {readonly do: 'run'; readonly exchanges: readonly Exchange[]; readonly rounds: number}
	| {readonly do: 'stop'};

export interface Request {
	readonly id: number;
	readonly step: Step;
}

export type Message =
	/** The answer to a request: '' or what failed. */
	| {readonly id: number; readonly error: string; readonly succeeded: number}
	/** For the person at the terminal, at any time. */
	| {readonly warning: string};
