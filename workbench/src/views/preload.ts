import type { TaskInterface } from "../schema/interface";
import type { Item } from "../schema/wire";

/** The addresses of the pictures that these tasks will show. */
export function picturesOf(what: TaskInterface, items: Item[]): string[] {
	const keys = what.views.filter((view) => view.kind === "image").map((view) => view.from);
	return items.flatMap((item) =>
		keys.map((key) => item.data[key]).filter((url): url is string => typeof url === "string"),
	);
}

/** Have the browser fetch pictures before they are looked at. */
export function preload(urls: string[]): void {
	for (const url of urls) new Image().src = url;
}
