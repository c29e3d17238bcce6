/** What a task's value begins with that names a picture of its project. */
const MARK = "media:";

/** Which picture is meant: the page and item as the server named them, and the view's place. */
export interface Place {
	page: number;
	item: number;
	view: number;
}

/**
 * Where the browser finds a picture, or "" where there is none. Those of the project are found by
 * the place where they are shown, below `media`, for as long as this worker holds the page.
 */
export function addressOf(media: string | null, place: Place, value: unknown): string {
	if (typeof value !== "string") return "";
	if (!value.startsWith(MARK)) return value;
	return media === null ? "" : `${media}/${place.page}/${place.item}/${place.view}`;
}
