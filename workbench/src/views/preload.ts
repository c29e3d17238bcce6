import type { Config } from "../schema/interface";
import type { Item } from "../schema/wire";
import { addressOf } from "./image/address";

/** So many pictures are kept ready: what the browser may not store it keeps only while in use. */
const READY = 8;
const ready = new Map<string, HTMLImageElement>();

/** The addresses of the pictures that these tasks of a page will show. */
export function picturesOf(config: Config, page: number, items: Item[]): string[] {
	const views = config.interface.views.map((view, place) => ({ ...view, place }));
	const shown = views.filter((view) => view.kind === "image");
	return items.flatMap(({ item, data }) =>
		shown
			.map((view) => addressOf(config.media, { page, item, view: view.place }, data[view.from]))
			.filter((url) => url !== ""),
	);
}

/** Have the browser fetch pictures before they are looked at. */
export function preload(urls: string[]): void {
	for (const url of urls) {
		const image = ready.get(url) ?? new Image();
		if (image.src === "") image.src = url;
		ready.delete(url);
		ready.set(url, image);
	}
	for (const url of [...ready.keys()].slice(0, -READY)) ready.delete(url);
}
