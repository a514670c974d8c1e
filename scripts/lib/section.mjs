// section.mjs FILE NAME: puts what stdin has into FILE, between `<!-- NAME -->` and `<!-- end of NAME -->`.
import {readFileSync, writeFileSync} from 'node:fs';

const [, , file, name] = process.argv;
const [before, rest] = readFileSync(file, 'utf8').split(`<!-- ${name} -->\n`);
const after = rest?.split(`<!-- end of ${name} -->\n`)[1];
if (after === undefined) {
	process.stderr.write(`${file} has no section ${name}\n`);
	process.exit(1);
}
writeFileSync(
	file,
	`${before}<!-- ${name} -->\n\n${readFileSync(0, 'utf8').trim()}\n\n<!-- end of ${name} -->\n${after}`,
);
