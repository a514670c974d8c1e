/**
 * The frame around the pane, drawn by Ink: header, filter bar, panel, footer. Ink makes an object of every cell, so the rows
 * of the pane are not among its own, unless the panel stands beside them.
 */
import {Box, Text, type TextProps} from 'ink';
import type {ReactElement} from 'react';
import type {Content} from '../panels/content.js';
import type {StyleName} from '../theme.js';
import {cut, type Segment} from './segment.js';

export interface PanelView {
	readonly content: Content;
	/** First line that is shown. */
	readonly top: number;
	/** Cells and lines, frame included. */
	readonly width: number;
	readonly height: number;
	readonly side: 'right' | 'bottom';
}

export interface AppProps {
	readonly columns: number;
	/** Of header, panel and footer. */
	readonly rows: number;
	/** Lines at the top and at the bottom. */
	readonly head: readonly (readonly Segment[])[];
	readonly foot: readonly (readonly Segment[])[];
	readonly panel: PanelView | undefined;
	readonly color: boolean;
	readonly ascii: boolean;
}

const STYLES: Readonly<Record<StyleName, TextProps>> = {
	plain: {},
	strong: {bold: true},
	faint: {dimColor: true},
	title: {bold: true},
	heading: {bold: true, underline: true},
	drop: {bold: true, color: 'red'},
	lost: {bold: true, color: 'red'},
	warn: {color: 'yellow'},
	good: {color: 'green'},
	hot: {color: 'yellow'},
	time: {color: 'cyan'},
	accent: {color: 'cyan'},
	softirq: {color: 'magenta'},
	selected: {inverse: true},
	typed: {underline: true},
	wrong: {underline: true, color: 'red'},
};

export function App({columns, rows, head, foot, panel, color, ascii}: AppProps): ReactElement {
	const lines = (list: readonly (readonly Segment[])[]) =>
		list.map((segments, index) => (
			// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
			<Row key={index} segments={segments} color={color} />
		));
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			<Box flexDirection="column" flexShrink={0}>
				{lines(head)}
			</Box>
			<Box flexGrow={1} justifyContent="flex-end" overflow="hidden">
				{panel === undefined ? null : <Panel panel={panel} color={color} ascii={ascii} />}
			</Box>
			<Box flexDirection="column" flexShrink={0}>
				{lines(foot)}
			</Box>
		</Box>
	);
}

export function Row({segments, color}: {segments: readonly Segment[]; color: boolean}): ReactElement {
	return (
		<Text wrap="truncate">
			{segments.length === 0 ? ' ' : null}
			{segments.map(({text, style = 'plain'}, index) => {
				const {color: name, ...attributes} = STYLES[style];
				return (
					// biome-ignore lint/suspicious/noArrayIndexKey: a segment is its place
					<Text key={index} {...attributes} {...(color && name !== undefined ? {color: name} : {})}>
						{text}
					</Text>
				);
			})}
		</Text>
	);
}

export function Panel({panel, color, ascii}: {panel: PanelView; color: boolean; ascii: boolean}): ReactElement {
	const {content, top, width, height, side} = panel;
	const inside = Math.max(0, width - 4);
	const room = Math.max(0, height - 3);
	const shown = content.lines.slice(top, top + room);
	const more = content.lines.length - top - shown.length;
	const title: Segment[] = [
		{text: content.title, style: 'title'},
		...(more > 0 ? [{text: `  ${more} more lines`, style: 'faint' as const}] : []),
	];
	return (
		<Box
			flexDirection="column"
			flexShrink={0}
			width={side === 'right' ? width : '100%'}
			height={height}
			borderStyle={ascii ? 'classic' : 'round'}
			borderDimColor
			paddingX={1}
			overflow="hidden"
		>
			<Row segments={cut(title, inside)} color={color} />
			{shown.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
				<Row key={index} segments={cut(line, inside)} color={color} />
			))}
		</Box>
	);
}
