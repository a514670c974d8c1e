/** The two lines at the top: what is traced and how it goes, and the panes. */
import type {OwnCost} from '../../trace/session.js';
import {PANES, type Pane} from '../keys.js';
import {bytes, count, duration, percent, rate} from '../numbers.js';
import type {State} from '../state.js';
import {cells} from '../text.js';
import type {Theme} from '../theme.js';
import type {Item, Segment} from './segment.js';

export interface Status {
	readonly live: boolean;
	/** Of a recording that is played: all of it is here. */
	readonly done: boolean;
	readonly paused: boolean;
	readonly news: number;
	readonly kernel: string;
	readonly backend: string;
	readonly attached: number;
	readonly wanted: number;
	/** Functions that are switched off. */
	readonly off: number;
	/** A second. */
	readonly packets: number;
	readonly calls: number;
	/** 0 to 1. */
	readonly ring: number;
	readonly lost: number;
	/** Blocks that left the memory, and those that were cut. */
	readonly dropped: number;
	/** Events that were never looked at. */
	readonly skipped: number;
	readonly cut: number;
	readonly file: string;
	readonly problem: string;
	/** What tracing a call costs, ns. */
	readonly ownCost: OwnCost | undefined;
	readonly blocks: number;
	/** Blocks that the filter shows, and whether all have been judged. */
	readonly matching: number;
	readonly judged: boolean;
	readonly filtered: boolean;
	readonly memory: number;
	/** Packets that are known, and those that the packets pane shows. */
	readonly packetsKnown: number;
	readonly packetsShown: number;
}

/** What the top line says, the most important last to go. */
export function statusItems(status: Status, theme: Theme): Item[] {
	const {glyphs, ascii} = theme;
	const item = (rank: number, ...segments: Segment[]): Item => ({rank, segments});
	const items = [
		item(0, {text: 'pkttop', style: 'title'}),
		item(1, ...mode(status, theme)),
		...(status.done
			? []
			: [item(3, {text: `${rate(status.packets)} packets/s`}), item(4, {text: `${rate(status.calls)} calls/s`})]),
		item(2, status.lost > 0 ? {text: `LOST ${count(status.lost)}`, style: 'lost'} : {text: 'lost 0', style: 'faint'}),
	];
	if (status.live)
		items.push(item(7, {text: `ring ${percent(status.ring)}`, style: status.ring > 0.5 ? 'warn' : 'faint'}));
	if (status.dropped > 0) items.push(item(5, {text: `${count(status.dropped)} old blocks gone`, style: 'warn'}));
	if (status.skipped > 0) items.push(item(5, {text: `${count(status.skipped)} events skipped`, style: 'warn'}));
	if (status.cut > 0) items.push(item(6, {text: `${count(status.cut)} blocks cut`, style: 'warn'}));
	if (status.problem !== '') items.push(item(2, {text: cells(status.problem, ascii), style: 'lost'}));
	if (status.file !== '') {
		const sign = status.live ? {text: `${glyphs.record} `, style: 'drop' as const} : {text: ''};
		items.push(item(8, sign, {text: cells(status.file, ascii)}));
	}
	if (status.off > 0) items.push(item(5, {text: `${count(status.off)} switched off`, style: 'warn'}));
	const all = status.attached === status.wanted;
	const attached = `attached ${status.attached} of ${status.wanted} by ${cells(status.backend, ascii)}`;
	// A log does not say how it was traced.
	if (status.kernel !== '') {
		items.push(item(9, {text: attached, style: all ? 'faint' : 'warn'}));
		items.push(item(10, {text: cells(status.kernel, ascii), style: 'faint'}));
	}
	if (status.ownCost !== undefined) {
		const {total, corrected} = status.ownCost;
		const text = `a call costs ${duration(total, ascii)}`;
		items.push(corrected ? item(4, {text: `corrected, ${text}`, style: 'accent'}) : item(11, {text, style: 'faint'}));
	}
	items.push(item(12, {text: bytes(status.memory), style: 'faint'}));
	return items;
}

function mode({live, done, paused, news}: Status, {glyphs}: Theme): Segment[] {
	if (paused) return [{text: `PAUSED${news > 0 ? ` (${count(news)} new)` : ''}`, style: 'warn'}];
	if (live) return [{text: `${glyphs.live} LIVE`, style: 'good'}];
	return done ? [{text: 'RECORDED', style: 'accent'}] : [{text: `${glyphs.live} PLAYING`, style: 'good'}];
}

const TITLES: Readonly<Record<Pane, string>> = {
	trace: 'Trace',
	functions: 'Functions',
	packets: 'Packets',
	groups: 'Groups',
	flows: 'Flows',
};

/** The panes, what is followed, and how much of all is shown. Behind the groups how much is attached, if that is not all. */
export function paneItems({pane, trace, packets}: State, status: Status): Item[] {
	const {open} = trace;
	const lacking = status.attached < status.wanted;
	const items: Item[] = PANES.map((name, index) => {
		const here = name === pane;
		const segments: Segment[] = [
			{text: `${index + 1}`, style: here ? 'title' : 'accent'},
			{text: ' '},
			{text: name === 'trace' && open ? 'Open calls' : TITLES[name], style: here ? 'heading' : 'faint'},
		];
		if (name !== 'groups' || !lacking) return {rank: here ? 0 : 2 + index, segments};
		segments.push({text: ` ${status.attached}/${status.wanted}`, style: 'warn'});
		return {rank: here ? 0 : 1, segments};
	});
	const following = pane === 'trace' && trace.packet !== 0;
	if (following) {
		items.push({rank: 1, segments: [{text: `following packet ${trace.packet}`, style: 'accent'}]});
	}
	if (pane === 'packets') {
		const some = status.packetsShown < status.packetsKnown;
		const text = `${some ? `${count(status.packetsShown)} of ` : ''}${count(status.packetsKnown)} packets`;
		items.push({rank: 1, segments: [{text, style: some ? 'accent' : 'faint'}]});
		if (packets.only !== '') items.push({rank: 2, segments: [{text: packets.only, style: 'accent'}]});
		return items;
	}
	const part = status.filtered ? `${count(status.matching)}${status.judged ? '' : '…'} of ` : '';
	items.push({
		rank: following ? items.length : 1,
		segments: [{text: `${part}${count(status.blocks)} blocks`, style: status.filtered ? 'accent' : 'faint'}],
	});
	return items;
}
