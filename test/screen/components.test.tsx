/** The parts that Ink draws, one by one. */
import chalk from 'chalk';
import {render} from 'ink-testing-library';
import {beforeAll, expect, test} from 'vitest';
import {App, type AppProps, Row} from '../../src/ui/chrome/app.js';
import {filterBar} from '../../src/ui/chrome/filter-bar.js';
import {footer} from '../../src/ui/chrome/footer.js';
import {cut, fitting, type Segment, width} from '../../src/ui/chrome/segment.js';
import {paneItems, type Status, statusItems} from '../../src/ui/chrome/status.js';
import {edit} from '../../src/ui/edit.js';
import {FIELDS, NO_FIELDS} from '../../src/ui/filter.js';
import {initialState, type State} from '../../src/ui/state.js';
import {makeTheme} from '../../src/ui/theme.js';

const theme = makeTheme(true, false);
const words = (segments: readonly Segment[]): string => segments.map(({text}) => text).join('');

beforeAll(() => {
	chalk.level = 1;
});

const status: Status = {
	live: true,
	done: false,
	paused: false,
	news: 0,
	kernel: '6.12.0',
	backend: 'fentry',
	attached: 61,
	wanted: 61,
	off: 0,
	packets: 12_345,
	calls: 98_765,
	ring: 0.034,
	lost: 0,
	dropped: 0,
	cut: 0,
	skipped: 0,
	file: '',
	problem: '',
	ownCost: undefined,
	blocks: 1_234_567,
	matching: 0,
	judged: true,
	filtered: false,
	memory: 64e6,
	packetsKnown: 0,
	packetsShown: 0,
};
const inTrace = initialState();
/** The state with a pane open; of the trace perhaps the calls that are open now. */
const at = (pane: State['pane'], open = false): State => ({...inTrace, pane, trace: {...inTrace.trace, open}});
const top = (more: Partial<Status>, cells = 200): string =>
	words(fitting(statusItems({...status, ...more}, theme), cells));

test('the top line', () => {
	expect(top({})).toBe(
		'pkttop  ● LIVE  12.3k packets/s  98.8k calls/s  lost 0  ring 3.4%  attached 61 of 61 by fentry  6.12.0  64.0MB',
	);
	expect(top({paused: true, news: 42})).toContain('PAUSED (42 new)');
	expect(top({lost: 12_000})).toContain('LOST 12.0k');
	expect(top({dropped: 5, cut: 2})).toContain('5 old blocks gone  2 blocks cut');
	expect(top({file: 'a.ptt'})).toContain('◉ a.ptt');
	expect(top({ownCost: {inside: 20, total: 48, corrected: false}})).toContain('a call costs 48ns');
	expect(top({ownCost: {inside: 20, total: 48, corrected: true}})).toContain('corrected, a call costs 48ns');
	expect(top({off: 3})).toContain('3 switched off');
	expect(top({attached: 55, backend: 'fentry+kprobe-multi'})).toContain('attached 55 of 61 by fentry+kprobe-multi');
	expect(top({live: false})).toContain('PLAYING');
	expect(top({live: false, done: true, problem: 'the recording was cut off'})).toContain('the recording was cut off');
	expect(top({kernel: 'a\x1b[2Jb'})).toContain('a?[2Jb');
});

test('what does not fit goes, the least important first, and losses stay', () => {
	for (let cells = 0; cells < 120; cells++) expect(top({lost: 3}, cells).length).toBeLessThanOrEqual(cells);
	expect(top({lost: 3}, 24)).toBe('pkttop  ● LIVE  LOST 3');
	expect(top({}, 6)).toBe('pkttop');
});

test('lost events are red, and a word', () => {
	const item = statusItems({...status, lost: 1}, theme).find(({segments}) => words(segments).includes('LOST'));
	expect(item?.segments[0]?.style).toBe('lost');
	const {lastFrame} = render(<Row segments={item?.segments ?? []} cells={20} color />);
	expect(lastFrame()).toContain('\x1b[31m');
	expect(render(<Row segments={item?.segments ?? []} cells={20} color={false} />).lastFrame()).not.toContain(
		'\x1b[31m',
	);
});

test('panes', () => {
	expect(words(fitting(paneItems(at('trace'), status), 80, '   '))).toBe(
		'1 Trace   2 Functions   3 Packets   4 Groups   5 Flows   1.23M blocks',
	);
	const filtered = {...status, filtered: true, matching: 99, judged: false};
	expect(words(fitting(paneItems(at('groups', true), filtered), 80, '   '))).toContain(
		'1 Open calls   2 Functions   3 Packets   4 Groups   99… of',
	);
});

test('what is not attached is seen at 80 cells, behind the pane that tells why', () => {
	const most: Status = {...status, attached: 3456, wanted: 4096, filtered: true, matching: 1_234_567, judged: false};
	for (const [pane, open] of [
		['trace', true],
		['functions', false],
		['groups', false],
	] as const) {
		const segments = fitting(paneItems(at(pane, open), most), 80, '   ');
		expect(words(segments)).toContain('4 Groups 3456/4096');
		expect(segments.find(({text}) => text.includes('/'))?.style).toBe('warn');
	}
});

function typing(field: State['filter']['field'], texts: Partial<Record<(typeof FIELDS)[number], string>>): State {
	const state = initialState(NO_FIELDS);
	const lines = {
		...state.filter.lines,
		...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, edit(text)])),
	};
	return {...state, filter: {...state.filter, field, lines}};
}

test('the filter bar keeps the cursor in sight at any width', () => {
	const long = 'host 10.0.0.1 and port 30091 and not icmp '.repeat(5);
	for (let columns = 1; columns < 200; columns++) {
		for (const field of FIELDS) {
			const {filter} = typing(field, {expression: long, address: '2001:db8::1', port: '30091'});
			const bar = filterBar(filter, '', '', columns, theme);
			expect(width(bar.segments)).toBeLessThanOrEqual(columns);
			expect(bar.cursor).toBeLessThan(columns);
		}
	}
});

test('the filter bar: fields, completion, the place of an error', () => {
	const {filter} = typing('expression', {expression: 'udp po'});
	const bar = filterBar(filter, '', 'rt', 80, theme);
	expect(words(bar.segments)).toMatch(/^filter udp port +proto any {2}addr any {2}port any {2}on any +$/);
	expect(bar.cursor).toBe('filter udp po'.length);
	const wrong = {...filter, error: {field: 'expression' as const, column: 5, message: 'x'}};
	const marked = filterBar(wrong, '', '', 80, theme).segments.find(({style}) => style === 'wrong');
	expect(marked?.text).toBe('po');
	expect(words(filterBar(initialState().filter, 'udp', '', 80, theme).segments)).toBe('filter udp');
});

test('what comes from outside is made safe', () => {
	const {filter} = typing('expression', {expression: '\x1b[31m界\u202e'});
	expect(words(filterBar(filter, '', '', 80, theme).segments)).toContain('filter ?[31m??');
	const state: State = {...initialState(), message: {text: 'a\x07b', bad: true}};
	expect(words(footer(state, 80, theme).segments)).toBe('a?b');
});

test('the footer has what is to say, or the keys', () => {
	expect(words(footer(initialState(), 80, theme).segments)).toBe(
		'q quit  ? help  / filter  : port  f follow  J journey  p pause  s save  Tab pane',
	);
	const error = {field: 'port' as const, column: 2, message: 'no'};
	const state = typing('port', {port: '8x'});
	const wrong = {...state, filter: {...state.filter, error}};
	expect(words(footer(wrong, 80, theme).segments)).toBe('port, column 2: no');
	const asking: State = {...initialState(), prompt: {kind: 'find', line: edit('udp'), error: ''}};
	expect(footer(asking, 80, theme)).toMatchObject({cursor: 'find function: udp'.length});
});

const stripped = (frame = ''): string => frame.replace(/\x1b\[[0-9;]*m/g, '');

const props: AppProps = {
	columns: 40,
	rows: 8,
	head: [[{text: 'head'}]],
	foot: [[{text: 'foot'}]],
	panel: undefined,
	color: false,
	ascii: false,
};

test('the frame: head, panel, foot, whatever the size', () => {
	const content = {title: 'Title', lines: Array.from({length: 9}, (_, i) => [{text: `line ${i}`}])};
	const panel = {content, top: 2, width: 40, height: 6, side: 'bottom' as const};
	expect(stripped(render(<App {...props} panel={panel} />).lastFrame())).toBe(
		[
			'head',
			'╭──────────────────────────────────────╮',
			'│ Title  4 more lines                  │',
			'│ line 2                               │',
			'│ line 3                               │',
			'│ line 4                               │',
			'╰──────────────────────────────────────╯',
			'foot',
		].join('\n'),
	);
	for (let size = 1; size < 30; size++) {
		const small = {...props, columns: size, rows: size + 2, panel: {...panel, width: size, height: size}};
		const lines = stripped(render(<App {...small} ascii />).lastFrame()).split('\n');
		expect(lines.length).toBe(size + 2);
		expect(lines.at(-1)?.trimEnd()).toBe('foot'.slice(0, size));
	}
});

test('pieces of a line', () => {
	expect(cut([{text: 'abc'}, {text: 'def'}], 4)).toEqual([{text: 'abc'}, {text: 'd'}]);
	expect(cut([{text: 'abc'}], 0)).toEqual([]);
	expect(fitting([{rank: 0, segments: []}], 10)).toEqual([]);
});
