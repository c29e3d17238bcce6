/** A question opened in place closes with Escape or its own "Cancel", and focus returns to its button. */
export function closeOnEscape(root: Document): void {
	const close = (from: EventTarget | null): boolean => {
		const details = (from as Element | null)?.closest<HTMLDetailsElement>("details.confirm[open]");
		if (!details) return false;
		details.open = false;
		details.querySelector("summary")?.focus();
		return true;
	};
	root.addEventListener("keydown", (event) => {
		if (event.key === "Escape" && close(event.target)) event.preventDefault();
	});
	root.addEventListener("click", (event) => {
		if ((event.target as Element).closest("[data-confirm-no]")) close(event.target);
	});
}
