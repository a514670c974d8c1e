#!/usr/bin/env node
// The Node version and NODE_ENV have to be settled before anything else is loaded: React keeps every frame of a
// development build, and an older Node fails on syntax or APIs with a stack trace instead of a sentence.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
	process.stderr.write(`pkttop: needs Node 20.17 or newer, this is ${process.versions.node}\n`);
	process.exit(1);
}
process.env.NODE_ENV ??= 'production';
const {main} = await import('./cli/main.js');
// Not by itself: what the screen is still loading would keep the process, seconds on a slow machine. Nothing that was
// written is lost: lines are written at once (output.ts), which process.stdout does not do for a full pipe.
process.exit(await main(process.argv.slice(2)));

export {};
