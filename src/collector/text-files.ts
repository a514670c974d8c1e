/** Files of /proc and /sys, any of which may be missing or closed to us. */
import {existsSync, readdirSync, readFileSync} from 'node:fs';

/** The whole text; undefined when it cannot be read. */
export function textOf(path: string): string | undefined {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return undefined;
	}
}

/** The text without blanks at its ends; undefined when it is empty or cannot be read. */
export function wordOf(path: string): string | undefined {
	return textOf(path)?.trim() || undefined;
}

/** What is in a folder; nothing when it cannot be read. */
export function entriesOf(path: string): string[] {
	try {
		return readdirSync(path);
	} catch {
		return [];
	}
}

/** Whether it is there for us to see. */
export const exists = (path: string): boolean => existsSync(path);
