/** Whether `promise` settles within `limit` ms. No timer is left when it does. */
export async function settles(promise: Promise<unknown>, limit: number): Promise<boolean> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<boolean>((resolve) => {
		timer = setTimeout(() => resolve(false), limit);
	});
	const settled = promise.then(
		() => true,
		() => true,
	);
	try {
		return await Promise.race([settled, late]);
	} finally {
		clearTimeout(timer);
	}
}
