/** The world as the reducer sees it: the model through the panes, at the size of the screen. */
import {FilterError} from '../trace/filter/error.js';
import type {Narrowing} from '../trace/filter/expression.js';
import {parsePacketFilter} from '../trace/packets/packet-filter.js';
import type {Trail} from '../trace/packets/trail.js';
import {compileFields, completion, type Field, type Fields} from './filter.js';
import type {Geometry} from './geometry.js';
import type {Model} from './model.js';
import type {Panes} from './panes.js';
import type {PacketsWorld, World} from './reduce/world.js';
import type {State} from './state.js';
import {flowKey} from './tables/flows.js';
import type {Spot} from './trace/position.js';

/** @param base what the command line narrowed for good; @param panelLines of the panel that is open. */
export function worldOf(
	state: State,
	model: Model,
	panes: Panes,
	geometry: Geometry,
	base: Narrowing,
	panelLines: number,
): World {
	return {
		rows: panes.rows(state, geometry),
		panel: {lines: panelLines, rows: Math.max(0, (geometry.panel?.height ?? 0) - 3)},
		trace: panes.way(state),
		list: (pane) => panes.list(state, pane),
		flowFilter: (key) => {
			const rows = model.flowRows;
			const known = rows.find((row) => flowKey(row) === key);
			const first = panes.list(state, 'flows').keyAt(0);
			return (known ?? rows.find((row) => flowKey(row) === first))?.filter;
		},
		packets: packetsWorld(state, model, panes, geometry),
		groupRow: (key) => panes.groupRow(state, key),
		find: (pane, text, after) => {
			const names = panes.names(state, pane);
			const at = names.findIndex(({key}) => key === after);
			return [...names.slice(Math.max(0, at)), ...names].find(({name}) => name.includes(text))?.key;
		},
		compile: (fields: Fields) => compileFields(fields, base),
		completion: (field: Field, text: string, at: number) =>
			completion(field, text, at, model.source.names.deviceNames()),
	};
}

function packetsWorld(state: State, model: Model, panes: Panes, {height}: Geometry): PacketsWorld {
	const {table} = model.packets;
	const {views} = panes;
	const {lines, rows} = views.size(state, height);
	const way = panes.way(state);
	return {
		at: (position) => way.packetOf(position),
		spot: (position) => way.spotOf(position),
		block: (packet, from, direction) => {
			const slot = table.slot(packet);
			if (slot === undefined) return undefined;
			const spots = blocksOf(table.trailOf(slot));
			const {entry} = way.spotOf(from);
			const at = spots.findIndex((spot) => spot.entry === entry);
			if (at >= 0) return spots[at + direction];
			// From a block that the packet is not in: the nearest in the order of the trace.
			return direction > 0 ? spots.find((spot) => spot.entry > entry) : spots.findLast((spot) => spot.entry < entry);
		},
		flow: (packet) => {
			const row = model.packets.row(packet);
			if (row === undefined) return '';
			const {proto, a, b} = row;
			return a === '' ? '' : [proto, ...[a, b].sort()].join(' ');
		},
		check: (text) => {
			try {
				if (text !== '') parsePacketFilter(text);
				return '';
			} catch (error) {
				if (!(error instanceof FilterError)) throw error;
				return `column ${error.column}: ${error.message}`;
			}
		},
		lines,
		rows,
		line: (index) => views.spot(state, index),
	};
}

/** Where the first record of a packet is in each of its blocks, in the order in which it came through them. */
function blocksOf({count, entry, offset}: Trail): Spot[] {
	const spots = new Map<number, Spot>();
	for (let i = 0; i < count; i++) {
		const id = entry[i] as number;
		if (!spots.has(id)) spots.set(id, {entry: id, offset: offset[i] as number});
	}
	return [...spots.values()];
}
