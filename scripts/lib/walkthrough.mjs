// walkthrough.mjs FILE: puts the log lines that stdin has by their IDs (JSON) into FILE, behind `<!-- log: ID -->`.
import {readFileSync, writeFileSync} from 'node:fs';

const [, , file] = process.argv;
const excerpts = JSON.parse(readFileSync(0, 'utf8'));
const missing = [];
const text = readFileSync(file, 'utf8').replace(
	/(<!-- log: ([\w-]+) -->\n```\n)[\s\S]*?(```\n)/g,
	(_, head, id, tail) => {
		const lines = excerpts[id] ?? [];
		if (lines.length === 0) missing.push(id);
		return `${head}${lines.map((line) => `${line}\n`).join('')}${tail}`;
	},
);
if (missing.length > 0) {
	process.stderr.write(`no block shows ${missing.join(', ')}\n`);
	process.exit(1);
}
writeFileSync(file, text.replace(/(<!-- kernel -->)[^\n]*/, `$1 ${excerpts.kernel}`));
