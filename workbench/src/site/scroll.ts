/** A table that fits needs no stop for the keyboard; one that scrolls does. */
export function focusOnlyWhatScrolls(root: Document): void {
	const watcher = new ResizeObserver((entries) => {
		for (const { target } of entries) {
			const scrolls =
				target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
			if (scrolls) target.setAttribute("tabindex", "0");
			else target.removeAttribute("tabindex");
		}
	});
	for (const region of root.querySelectorAll(".table-scroll")) watcher.observe(region);
}
