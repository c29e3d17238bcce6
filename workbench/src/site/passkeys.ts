/** A passkey that was cancelled, or that this device has not got, is told on the page. */
export function tellOfPasskeys(root: Document): void {
	const say = (hidden: boolean): void => {
		for (const place of root.querySelectorAll<HTMLElement>("[data-passkey-problem]")) {
			place.hidden = hidden;
		}
	};
	root.addEventListener("allauth.error", (event) => {
		event.preventDefault(); // else the console is told, which nobody reads
		say(false);
	});
	root.addEventListener("click", () => say(true));
}
