/**
 * The frame around the pane, drawn by Ink: header, filter bar, panel, footer. Ink makes an object of every cell, so the rows
 * of the pane are not among its own, unless the panel stands beside them.
 */
import chalk, {type ChalkInstance} from 'chalk';
import {Box, Text, Transform} from 'ink';
import type {ReactElement} from 'react';
import type {Content} from '../panels/content.js';
import type {StyleName} from '../theme.js';
import {cut, type Segment, width as widthOf} from './segment.js';

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

interface Look {
	readonly attributes?: ChalkInstance;
	readonly color?: ChalkInstance;
}

const STYLES: Readonly<Record<StyleName, Look>> = {
	plain: {},
	strong: {attributes: chalk.bold},
	faint: {attributes: chalk.dim},
	title: {attributes: chalk.bold},
	heading: {attributes: chalk.bold.underline},
	drop: {attributes: chalk.bold, color: chalk.red},
	lost: {attributes: chalk.bold, color: chalk.red},
	warn: {color: chalk.yellow},
	good: {color: chalk.green},
	hot: {color: chalk.yellow},
	time: {color: chalk.cyan},
	accent: {color: chalk.cyan},
	softirq: {color: chalk.magenta},
	selected: {attributes: chalk.inverse},
	typed: {attributes: chalk.underline},
	wrong: {attributes: chalk.underline, color: chalk.red},
};

export function App({columns, rows, head, foot, panel, color, ascii}: AppProps): ReactElement {
	const lines = (list: readonly (readonly Segment[])[]) =>
		list.map((segments, index) => (
			// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
			<Row key={index} segments={segments} cells={columns} color={color} />
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

/**
 * A line, cut to its cells. Ink keeps every text that it has measured until the program ends, and figures make a new one each
 * time: so it measures blanks, and what stands there comes in when it draws.
 */
export function Row({
	segments,
	cells,
	color,
}: {
	segments: readonly Segment[];
	cells: number;
	color: boolean;
}): ReactElement {
	const blanks = ' '.repeat(Math.max(1, Math.min(cells, widthOf(segments))));
	return (
		<Transform transform={(line) => styled(cut(segments, line.length), color) || line}>
			<Text>{blanks}</Text>
		</Transform>
	);
}

function styled(segments: readonly Segment[], color: boolean): string {
	return segments
		.map(({text, style = 'plain'}) => {
			const {attributes, color: paint} = STYLES[style];
			const painted = color && paint !== undefined ? paint(text) : text;
			return attributes === undefined ? painted : attributes(painted);
		})
		.join('');
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
			<Row segments={title} cells={inside} color={color} />
			{shown.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
				<Row key={index} segments={line} cells={inside} color={color} />
			))}
		</Box>
	);
}
