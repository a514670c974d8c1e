// Streams between the VM and us.

/**
 * Copies an output of the VM to ours up to the session's last word: the token, the exit code and ';'. Bytes that could
 * be the token's beginning wait until it is clear what they are; all others go on at once.
 * @param {import('node:net').Socket} from
 * @param {NodeJS.WriteStream} to
 * @param {string} token
 * @returns {Promise<number | undefined>} exit code once all before it is written; undefined when the VM ended without
 */
export function relay(from, to, token) {
	const mark = Buffer.from(token);
	let rest = Buffer.alloc(0);
	return new Promise((resolve) => {
		from.on('data', (chunk) => {
			const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
			const found = data.indexOf(mark);
			const end = found >= 0 ? found : data.length - overlap(data, mark);
			rest = data.subarray(end);
			const last = found >= 0 ? /^(\d+);/.exec(rest.toString('latin1', mark.length)) : null;
			const written = end === 0 || to.write(data.subarray(0, end));
			if (last) to.write('', () => resolve(Number(last[1])));
			else if (!written) {
				from.pause();
				to.once('drain', () => from.resume());
			}
		});
		from.on('close', () => resolve(undefined));
		from.on('error', () => resolve(undefined));
	});
}

/** How many bytes at the end of `data` are the beginning of `mark`. */
function overlap(data, mark) {
	for (let n = Math.min(data.length, mark.length - 1); n > 0; n--)
		if (data.subarray(data.length - n).equals(mark.subarray(0, n))) return n;
	return 0;
}
