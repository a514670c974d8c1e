/** Attaching to this machine's kernel, and what every live run says and records of it, with lines or on the screen. */
import {LiveCollector, TraceError} from '../collector/live.js';
import type {Addon, Backend} from '../collector/native.js';
import type {BlockBuilder} from '../trace/blocks.js';
import {LOSS_CAUSES} from '../trace/losses.js';
import type {Session} from '../trace/session.js';
import type {Tasks} from '../trace/tasks.js';
import {say} from './exit.js';
import {noNumbers} from './kept.js';
import type {Selection} from './narrow.js';
import type {Options} from './options.js';
import {totalLost} from './printer.js';

/** Names of functions on one line at most. */
const SHOWN = 16;

/** Nothing was attached: files that were made for the output hold nothing. */
export class NothingTraced extends Error {}

/** The last line of every live run. */
export function summary(collector: LiveCollector, builder: BlockBuilder, blocks: number, events: number): string {
	const {session} = collector;
	const counters = collector.counters();
	const causes = LOSS_CAUSES.map(({name}, cause) => `${name} ${counters.lost[cause]}`).join(', ');
	const cut = builder.cuts + builder.evicted;
	const notes =
		(cut > 0 ? `, ${cut} blocks cut because they were too long` : '') +
		(builder.skipped > 0 ? `, ${builder.skipped} events more, skipped: more at once than --buffer holds` : '');
	const attached = `attached ${session.attached} of ${session.wanted} in ${session.attachMs} ms`;
	return `${blocks} blocks, ${events} events, ${totalLost(counters)} lost (${causes}), ${attached}${notes}${ownCost(session)}`;
}

/** What tracing a call costs here. */
function ownCost({ownCost: cost, costUnknown: why}: Session): string {
	if (why !== undefined) return `, what a traced call costs is not known: ${why}`;
	if (cost === undefined) return '';
	const by = cost.backend === undefined ? '' : ` by ${cost.backend}`;
	const what = `, a traced call costs ${cost.total} ns${by}, ${cost.inside} of it in its own time`;
	return cost.corrected ? `${what}: taken off` : what;
}

/** Tries the backends in order; says why a better one was not taken. */
export async function attach(
	options: Options,
	selection: Selection,
	addon: Addon,
	tasks: Tasks,
): Promise<LiveCollector> {
	const {backend} = options;
	// Marks cannot stand in for functions that were named.
	const named = options.functions.length > 0 && options.group === '';
	const candidates: readonly Backend[] = backend === 'auto' && !named ? ['auto', 'tracepoint'] : [backend];
	let refused = '';
	for (const candidate of candidates) {
		try {
			const collector = await LiveCollector.start(
				addon,
				candidate,
				selection.filter,
				options.filter,
				tasks,
				options.points,
				options.identity,
				{measure: true, correct: options.correct},
			);
			checkIdentity(collector, options);
			collector.follow(follows(options));
			if (refused !== '') say(`functions cannot be traced here (${refused}): showing tracepoints and netfilter hooks`);
			if (selection.rest !== undefined) say('the filter is too long for the kernel: the rest of it is applied here');
			for (const [why, names] of byReason(collector.missing)) say(`not traced (${why}): ${some(names)}`);
			return collector;
		} catch (error) {
			if (!(error instanceof TraceError)) throw error;
			refused = error.message;
		}
	}
	throw new NothingTraced(`backend ${candidates.at(-1)}: ${refused} (pkttop doctor tells more)`);
}

/** What needs packets to have numbers cannot be without them. */
function checkIdentity(collector: LiveCollector, {keep, follow}: Options): void {
	const {identity} = collector.session;
	if (identity === '' || (keep === undefined && follow !== true)) return;
	collector.stop();
	throw new NothingTraced(noNumbers(keep === undefined ? '--follow' : '--keep', identity));
}

/** Without a filter every packet is accepted, so to follow one costs nothing; else it is one more question for what is not. */
export function follows({follow, filter, interface: device, netns, pid}: Options): boolean {
	return follow ?? [filter, device ?? '', netns ?? '', pid ?? ''].every((narrows) => narrows === '');
}

/** The names, as many as fit a line or two. */
function some(names: readonly string[]): string {
	const more = names.length - SHOWN;
	return more > 1 ? `${names.slice(0, SHOWN).join(', ')} and ${more} more` : names.join(', ');
}

function byReason(missing: LiveCollector['missing']): Map<string, string[]> {
	const reasons = new Map<string, string[]>();
	for (const {name, why} of missing) reasons.set(why, [...(reasons.get(why) ?? []), name]);
	return reasons;
}

/** What a session file says of the command line that made it. */
export function recordedOptions(options: Options): Record<string, string> {
	const {filter, group, functions, interface: device = '', netns = '', pid = '', backend, keep, correct} = options;
	const narrowing = {interface: device, netns, pid: String(pid)};
	return {
		filter,
		group,
		function: functions.join(' '),
		...narrowing,
		backend,
		keep: keep?.text ?? '',
		correct: correct ? 'yes' : '',
	};
}
