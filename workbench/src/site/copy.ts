/** A button that copies what is shown once. Without a clipboard it stays hidden: nothing is lost. */
export function copyOnce(root: Document): void {
	if (!navigator.clipboard) return;
	for (const place of root.querySelectorAll<HTMLElement>("[data-copying]")) place.hidden = false;
	root.addEventListener("click", async (event) => {
		const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
		const text = root.getElementById(button?.dataset.copy ?? "")?.textContent;
		if (!button || !text) return;
		await navigator.clipboard.writeText(text);
		const told = button.parentElement?.querySelector<HTMLElement>("[data-copied]");
		if (told) told.hidden = false;
	});
}
