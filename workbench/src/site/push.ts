/**
 * Asks the browser for an address to which our server may send, and hands it in with the form.
 *
 * All words stand in the page, hidden; this chooses which of them is true here.
 */
type State = "unsupported" | "denied" | "off" | "on" | "failed";

const WORKER = "/sw.js";

export async function offer(root: Document): Promise<void> {
	const form = root.querySelector<HTMLFormElement>("form[data-push]");
	if (!form) return;
	if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
		say(form, "unsupported");
		return;
	}
	form.addEventListener("submit", (event) => {
		if (field(form, "endpoint").value) return;
		event.preventDefault();
		// The later listeners would take the form for sent.
		event.stopImmediatePropagation();
		void subscribe(form);
	});
	say(form, await state(root));
}

/** What is true for this browser: also whether the server still knows it. */
async function state(root: Document): Promise<State> {
	if (Notification.permission === "denied") return "denied";
	const registration = await navigator.serviceWorker.getRegistration("/");
	const held = await registration?.pushManager.getSubscription();
	if (!held) return "off";
	const digest = await digestOf(held.endpoint);
	const line = root.querySelector(`[data-push-device="${digest}"]`);
	line?.querySelector("[data-push-here]")?.removeAttribute("hidden");
	return line ? "on" : "off";
}

async function subscribe(form: HTMLFormElement): Promise<void> {
	if ((await Notification.requestPermission()) !== "granted") {
		say(form, Notification.permission === "denied" ? "denied" : "off");
		return;
	}
	try {
		await navigator.serviceWorker.register(WORKER, { scope: "/" });
		const registration = await navigator.serviceWorker.ready;
		const key = bytesOf(form.dataset.push ?? "");
		// An address made for another key of ours would be refused by its server.
		await (await registration.pushManager.getSubscription())?.unsubscribe();
		const made = await registration.pushManager.subscribe({
			userVisibleOnly: true,
			applicationServerKey: key,
		});
		const told = made.toJSON();
		field(form, "endpoint").value = told.endpoint ?? "";
		field(form, "p256dh").value = told.keys?.p256dh ?? "";
		field(form, "auth").value = told.keys?.auth ?? "";
		form.submit();
	} catch {
		say(form, "failed");
	}
}

function say(form: HTMLFormElement, state: State): void {
	for (const words of form.querySelectorAll<HTMLElement>("[data-push-state]")) {
		words.hidden = words.dataset.pushState !== state;
	}
	const ask = form.querySelector<HTMLElement>("[data-push-ask]");
	if (ask) ask.hidden = state !== "off" && state !== "failed";
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
	return form.elements.namedItem(name) as HTMLInputElement;
}

/** Base64url, as keys are written, into bytes. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
	const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
	return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

/** SHA-256 in hexadecimal digits, by which the page names a device without telling its address. */
export async function digestOf(text: string): Promise<string> {
	const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
	return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
