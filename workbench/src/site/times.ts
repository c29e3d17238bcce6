/** Show moments in the reader's own time zone; the server's text (in UTC, and saying so) stays as title. */
export function localTimes(root: Document): void {
	for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
		const moment = new Date(element.dateTime);
		if (Number.isNaN(moment.getTime())) continue;
		element.title = element.textContent?.trim() ?? "";
		element.textContent = localTime(moment, element.dataset.local ?? "", root.documentElement.lang);
	}
}

/** One moment as text: `time` gives the clock alone, `date` the day alone, anything else both. */
export function localTime(moment: Date, shape: string, lang: string): string {
	const options: Intl.DateTimeFormatOptions = {};
	if (shape !== "time") options.dateStyle = "medium";
	if (shape !== "date") options.timeStyle = "short";
	return new Intl.DateTimeFormat(lang || undefined, options).format(moment);
}
