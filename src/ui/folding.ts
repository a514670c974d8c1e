/** What is folded of a list of blocks or groups. */

export interface Folding<Id> {
	readonly foldAll: boolean;
	/** What is folded although all is open, or open although all is folded. */
	readonly exceptions: ReadonlySet<Id>;
}

/** Whether that one is folded. */
export function isFolded<Id>({foldAll, exceptions}: Folding<Id>, id: Id): boolean {
	return foldAll !== exceptions.has(id);
}

/** The same with that one folded, or open. */
export function withFolded<Id, F extends Folding<Id>>(folding: F, id: Id, folded: boolean): F {
	if (isFolded(folding, id) === folded) return folding;
	const exceptions = new Set(folding.exceptions);
	if (!exceptions.delete(id)) exceptions.add(id);
	return {...folding, exceptions};
}

/** The same with all folded that was open, or all open. */
export function turned<Id, F extends Folding<Id>>(folding: F): F {
	return {...folding, foldAll: !folding.foldAll, exceptions: new Set<Id>()};
}
