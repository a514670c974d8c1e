/** The journey of a packet as one JSON object: what its line has, its path, and its steps in the order of time. */
import type {BranchStep, CallStep, Journey, Step} from '../trace/packets/journey.js';
import type {PacketWorld} from '../trace/packets/packet-row.js';
import {placeOf} from './journey-place.js';
import {CONTEXTS} from './json.js';
import {jsonObject, PacketJson, type Value} from './packet-json.js';

/** One line. */
export function journeyJson(world: PacketWorld, journey: Journey): string {
	return `${object(new PacketJson(world), journey)}\n`;
}

function object(json: PacketJson, {packet, steps}: Journey): string {
	const path = JSON.stringify(packet.stations());
	const texts = steps.map((step) => stepText(json, step, packet));
	return jsonObject('journey', json.fields(packet), `,"path":${path},"steps":[${texts.join(',')}]`);
}

function stepText(json: PacketJson, step: Step, packet: Journey['packet']): string {
	switch (step.type) {
		case 'wait':
			return json.wait(step, packet.number).trimEnd();
		case 'branch':
			return branch(json, step);
		case 'end':
			return jsonObject('end', [...moment(json, step.begin), 'fate', packet.fate, ...json.end(packet)]);
		default:
			return call(json, step);
	}
}

function branch(json: PacketJson, {begin, journey}: BranchStep): string {
	const {number, birth} = journey.packet;
	const inner = `,"journey":${object(json, journey)}`;
	return jsonObject('clone', ['packet', number, 'how', birth, ...moment(json, begin)], inner);
}

/** As in the lines of calls; one that is only around calls of the packet has no self time. */
function call(json: PacketJson, step: CallStep): string {
	const place = placeOf(json.world, step);
	const over = step.end < Number.POSITIVE_INFINITY && place?.unknown !== true;
	const fields: Value[] = ['fn', json.fn(step.fn)];
	if (step.type === 'call') {
		fields.push(...json.span(step.begin, over ? step.end : undefined));
		if (over) fields.push('duration', step.end - step.begin);
		if (step.around) fields.push('around', true);
		else fields.push('self', step.self);
	} else fields.push(...moment(json, step.begin));
	fields.push('depth', step.depth);
	if (place !== undefined) {
		const context = CONTEXTS[place.context];
		if (place.block !== 0) fields.push('block', place.block);
		if (context !== undefined) fields.push('cpu', place.cpu, 'context', context);
		if (place.task !== undefined) fields.push('pid', place.task.pid, 'comm', place.task.comm);
		if (place.device !== undefined) fields.push('ifname', place.device.name, 'netns', place.device.netns);
		if (place.reason !== undefined) fields.push('reason', place.reason, 'location', place.location ?? '');
	}
	return jsonObject(step.type, fields);
}

function moment({moments}: PacketJson, time: number): Value[] {
	return ['at', moments.monotonic(time), 'wall', moments.wall(time)];
}
