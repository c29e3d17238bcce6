/**
 * A form is sent once, however often its button is pressed. The button is not disabled, since a
 * disabled button loses its focus and its value; the second submission is simply dropped.
 */
export function sendOnce(root: Document): void {
	const sent = new WeakSet<HTMLFormElement>();
	root.addEventListener("submit", (event) => {
		const form = event.target as HTMLFormElement;
		if (form.method !== "post") return;
		if (sent.has(form)) {
			event.preventDefault();
			return;
		}
		sent.add(form);
		(event as SubmitEvent).submitter?.setAttribute("aria-busy", "true");
	});
	// Coming back with the browser's own button shows the page as it was left: make it usable again.
	addEventListener("pageshow", (event) => {
		if (!event.persisted) return;
		for (const form of root.querySelectorAll("form")) sent.delete(form);
		for (const button of root.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
	});
}
