/** How packets end. Every packet of a session has one fate. */
import {Kind, Life} from '../record.js';
import {queueAt, Role, type Roles} from './queues.js';
import type {Trail} from './trail.js';

/** In the order of what matters most to somebody who looks for trouble. */
export const FATES = ['dropped', 'alive', 'delivered', 'forwarded', 'consumed'] as const;
export type Fate = (typeof FATES)[number];

export const FateCode = {DROPPED: 0, ALIVE: 1, DELIVERED: 2, FORWARDED: 3, CONSUMED: 4} as const;

/** @param counts by code. */
export function fateCounts(counts: readonly number[]): Record<Fate, number> {
	return Object.fromEntries(FATES.map((fate, code) => [fate, counts[code] ?? 0])) as Record<Fate, number>;
}

/** What a fate is about: `fn` and `entry` of the record that tells it, -1 where none does; `dev` that it left by, or 0. */
export interface Verdict {
	readonly fate: number;
	readonly fn: number;
	readonly entry: number;
	readonly dev: number;
}

/**
 * @param trail of the packet; @param what how it ended (Life), 0 while it is alive.
 * Delivered: a task has its bytes, or it was taken out of a queue that only a task reads. Forwarded: it was freed after a
 * device had it that it was forwarded to.
 */
export function fateOf(trail: Trail, roles: Roles, what: number): Verdict {
	const fn = trail.count === 0 ? -1 : innermost(trail, roles);
	if (what === Life.DROPPED) return {fate: FateCode.DROPPED, fn, entry: -1, dev: 0};
	let read = -1;
	let forwarded = false;
	let sent = -1;
	for (let i = 0; i < trail.count; i++) {
		const marks = roles.marks[trail.fn[i] as number] ?? 0;
		if ((marks & Role.READ) !== 0) read = i;
		if ((marks & Role.RECEIVE) !== 0) sent = -1;
		if ((marks & Role.SEND) !== 0 && trail.dev[i] !== 0) sent = i;
		if ((marks & Role.FORWARD) !== 0) forwarded = true;
	}
	if (read >= 0) {
		return {fate: FateCode.DELIVERED, fn: trail.fn[read] as number, entry: trail.entry[read] as number, dev: 0};
	}
	if (what === 0) return {fate: FateCode.ALIVE, fn, entry: -1, dev: 0};
	const wait = trail.waits[trail.waits.length - 1];
	const taken = wait !== undefined && wait.to < 0 && queueAt(wait.queue).reader === true;
	// TCP frees what nobody has read in the same way, so there only a reader tells.
	if (taken && what === Life.CONSUMED) return {fate: FateCode.DELIVERED, fn: wait.from, entry: -1, dev: 0};
	if (forwarded && sent >= 0) return {fate: FateCode.FORWARDED, fn, entry: -1, dev: trail.dev[sent] as number};
	return {fate: FateCode.CONSUMED, fn, entry: -1, dev: sent >= 0 ? (trail.dev[sent] as number) : 0};
}

/** The call that had it last: the innermost that was open when it ended, and not the one that frees packets. */
function innermost(trail: Trail, roles: Roles): number {
	for (let i = trail.count - 1; i >= 0; i--) {
		if (trail.kind[i] === Kind.MARK || trail.kind[i] === Kind.DROP) continue;
		if (((roles.marks[trail.fn[i] as number] ?? 0) & Role.FREE) !== 0) continue;
		if ((trail.end[i] as number) >= trail.last) return trail.fn[i] as number;
	}
	return trail.fn[trail.count - 1] as number;
}
