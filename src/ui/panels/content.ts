/** A panel: a title and lines of segments, whatever it is about. */
import type {Segment} from '../chrome/segment.js';
import {wrap} from '../text.js';

export interface Content {
	readonly title: string;
	readonly lines: readonly (readonly Segment[])[];
}

/** Label and value, the value in as many lines as it needs. */
export function field(label: string, value: string, cells: number, indent = 12): Segment[][] {
	if (value === '') return [];
	return wrap(value, Math.max(8, cells - indent)).map((line, index) => [
		{text: (index === 0 ? label : '').padEnd(indent), style: 'faint' as const},
		{text: line},
	]);
}

export function paragraph(text: string, cells: number): Segment[][] {
	return wrap(text, Math.max(8, cells)).map((line) => [{text: line}]);
}
