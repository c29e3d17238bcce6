/** The service worker: shows what our server sends, and opens the page that it is about. */
import { type Told, targetOf, toldBy } from "./site/told";

/** As much of a service worker's world as is used; its library would clash with that of pages. */
interface Pushed extends Event {
	data: { text(): string } | null;
	waitUntil(work: Promise<unknown>): void;
}
interface Clicked extends Event {
	notification: Notification;
	waitUntil(work: Promise<unknown>): void;
}
interface Page {
	url: string;
	focus(): Promise<Page>;
	navigate(url: string): Promise<Page | null>;
}
interface Worker {
	registration: ServiceWorkerRegistration;
	location: Location;
	clients: {
		matchAll(what: { type: "window"; includeUncontrolled: boolean }): Promise<Page[]>;
		openWindow(url: string): Promise<Page | null>;
	};
	addEventListener(kind: "push", listener: (event: Pushed) => void): void;
	addEventListener(kind: "notificationclick", listener: (event: Clicked) => void): void;
}
const worker = self as unknown as Worker;

worker.addEventListener("push", (event) => {
	event.waitUntil(show(toldBy(event.data?.text() ?? "")));
});

worker.addEventListener("notificationclick", (event) => {
	event.notification.close();
	event.waitUntil(open(targetOf(event.notification.data, worker.location.origin)));
});

/** Browsers demand that each message is shown, so one that cannot be read is shown as a hint. */
function show(told: Told): Promise<void> {
	return worker.registration.showNotification(told.title, {
		body: told.body,
		tag: told.tag,
		data: told.url,
		icon: "/static/build/icon-192.png",
	});
}

/** In the page that is open, if there is one that shows no task: nobody's work is interrupted. */
async function open(url: string): Promise<unknown> {
	const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
	const free = pages.find((page) => !/\/work\/[^/]+\/task/.test(new URL(page.url).pathname));
	if (!free) return worker.clients.openWindow(url);
	try {
		return await (await free.focus()).navigate(url);
	} catch {
		return worker.clients.openWindow(url);
	}
}
