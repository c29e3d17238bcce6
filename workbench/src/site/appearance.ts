const COOKIE = "fairhand_theme";
const YEAR = 31_536_000;

/**
 * Let the reader fix light or dark. The choice is a cookie and not local storage, so that the
 * server writes it into the page and no wrong theme flashes up first.
 */
export function chooseTheme(root: Document): void {
	root.addEventListener("click", (event) => {
		const button = (event.target as Element).closest<HTMLButtonElement>("[data-choose-theme]");
		if (!button) return;
		const theme = button.dataset.chooseTheme ?? "";
		const secure = location.protocol === "https:" ? "; secure" : "";
		root.cookie = `${COOKIE}=${theme}; path=/; max-age=${theme ? YEAR : 0}; samesite=lax${secure}`;
		if (theme) root.documentElement.dataset.theme = theme;
		else delete root.documentElement.dataset.theme;
		for (const other of root.querySelectorAll<HTMLButtonElement>("[data-choose-theme]")) {
			other.setAttribute("aria-pressed", String(other === button));
		}
	});
}
