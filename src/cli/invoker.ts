/**
 * The person who typed the command. pkttop starts as root to load and attach; everything else it does as this user, with
 * this user's rights.
 */
import {userInfo} from 'node:os';
import type {Addon} from '../collector/native.js';
import {cannot} from './exit.js';

interface User {
	readonly uid: number;
	readonly gid: number;
	readonly name: string;
}

/** From sudo's variables; root itself where there is no sudo. */
export function invoker(): User {
	const {SUDO_UID: uid = '', SUDO_GID: gid = '', SUDO_USER: name = ''} = process.env;
	if (process.getuid?.() === 0 && /^\d+$/.test(uid) && /^\d+$/.test(gid)) {
		return {uid: Number(uid), gid: Number(gid), name};
	}
	const {uid: own, gid: group, username} = userInfo();
	return {uid: own, gid: group, name: username};
}

/** Runs `action` (opening a file) with the rights of the invoking user. */
export function asInvoker<T>(action: () => T): T {
	const {uid, gid} = invoker();
	if (process.getuid?.() !== 0 || uid === 0) return action();
	process.setegid?.(gid);
	process.seteuid?.(uid);
	try {
		return action();
	} finally {
		process.seteuid?.(0);
		process.setegid?.(0);
	}
}

/** Becomes the invoking user for good, without any capability. Throws ExitError when that does not work. */
export function giveUpRoot(addon: Addon): void {
	const {uid, gid, name} = invoker();
	if (uid !== 0) {
		try {
			(process as {initgroups?: (user: string, group: number) => void}).initgroups?.(name, gid);
		} catch {
			process.setgroups?.([gid]); // no such name: the group that sudo told is what is known
		}
		process.setgid?.(gid);
		process.setuid?.(uid);
	}
	const error = addon.dropCapabilities();
	if (error !== '') throw cannot(error);
}
