/** What our server tells a device, read without trusting it. */
export interface Told {
	title: string;
	body: string;
	url: string;
	tag: string;
}

const HINT: Told = { title: "Fairhand", body: "", url: "/notices", tag: "notices" };

/** Read a message; what is no message of ours is a hint that there is something to read. */
export function toldBy(text: string): Told {
	let found: Partial<Record<keyof Told, unknown>>;
	try {
		const read: unknown = JSON.parse(text);
		found = typeof read === "object" && read !== null ? read : {};
	} catch {
		return HINT;
	}
	const words = (name: keyof Told): string => {
		const value = found[name];
		return typeof value === "string" && value ? value : HINT[name];
	};
	return { title: words("title"), body: words("body"), url: words("url"), tag: words("tag") };
}

/** The address to open: always a page of this site. */
export function targetOf(data: unknown, origin: string): string {
	const fallback = new URL(HINT.url, origin).href;
	if (typeof data !== "string") return fallback;
	try {
		const url = new URL(data, origin);
		return url.origin === origin ? url.href : fallback;
	} catch {
		return fallback;
	}
}
