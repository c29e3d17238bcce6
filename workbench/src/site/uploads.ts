/**
 * Many files, one after the other: each is sent by itself, so that one that is refused stops no
 * other, none is too much for one form, and it is seen how far they are. What the server says about
 * a file it says on the page that is loaded at the end. Without scripts the form goes as it is.
 */
export function sendOneByOne(root: Document): void {
	// Before the listener that drops what is sent twice.
	root.addEventListener(
		"submit",
		(event) => {
			const form = event.target as HTMLFormElement;
			const files = filesOf(form);
			if (!("uploads" in form.dataset) || files.length < 2) return;
			event.preventDefault();
			event.stopImmediatePropagation();
			if (form.getAttribute("aria-busy") === "true") return;
			form.setAttribute("aria-busy", "true");
			void sendAll(form, files);
		},
		{ capture: true },
	);
}

function filesOf(form: HTMLFormElement): File[] {
	return [...(form.querySelector<HTMLInputElement>("input[type=file]")?.files ?? [])];
}

async function sendAll(form: HTMLFormElement, files: File[]): Promise<void> {
	const box = form.querySelector<HTMLElement>("[data-uploads-progress]");
	if (box) box.hidden = false;
	show(box, 0, files.length);
	for (const [n, file] of files.entries()) {
		if (!(await send(form, file))) {
			const stopped = document.createElement("p");
			stopped.textContent = `${file.name}: ${form.dataset.uploadsStopped ?? ""}`;
			box?.append(stopped);
			return;
		}
		show(box, n + 1, files.length);
	}
	location.assign(location.pathname);
}

/** Send one file; false when it did not arrive. */
export async function send(form: HTMLFormElement, file: File, fetcher = fetch): Promise<boolean> {
	const body = new FormData(form);
	const name = form.querySelector<HTMLInputElement>("input[type=file]")?.name ?? "";
	body.delete(name);
	body.append(name, file, file.name);
	body.append("quiet", "1");
	try {
		// The redirect is not followed: its page would tell, to nobody, what came of this file.
		const answer = await fetcher(form.action, { method: "POST", body, redirect: "manual" });
		return answer.type === "opaqueredirect";
	} catch {
		return false;
	}
}

function show(box: HTMLElement | null, done: number, all: number): void {
	const bar = box?.querySelector("progress");
	const text = box?.querySelector(".progress-text");
	bar?.setAttribute("max", String(all));
	bar?.setAttribute("value", String(done));
	bar?.setAttribute("aria-valuetext", `${done} / ${all}`);
	if (text) text.textContent = `${done} / ${all}`;
}
