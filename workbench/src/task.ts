/** The task page: mounts the workbench where the server left room for it. */
import { mount } from "svelte";
import { translator } from "./i18n";
import { Courier } from "./offline/courier";
import { browserStore, Drafts } from "./offline/drafts";
import { Settings } from "./offline/settings";
import { post } from "./offline/transport";
import Broken from "./player/Broken.svelte";
import Player from "./player/Player.svelte";
import { Session } from "./player/session.svelte";
import { type Config, readConfig } from "./schema/interface";
import { picturesOf, preload } from "./views/preload";

const TICK = 5_000;

function here(): boolean {
	return document.visibilityState === "visible" && document.hasFocus();
}

function watchPresence(session: Session): void {
	const look = (): void => {
		if (here()) session.clock.arrive(Date.now());
		else session.clock.leave(Date.now());
	};
	for (const event of ["focus", "blur", "pageshow", "pagehide"]) addEventListener(event, look);
	document.addEventListener("visibilitychange", look);
}

function start(target: HTMLElement, config: Config): void {
	const store = browserStore();
	const drafts = new Drafts(store, config.worker, config.endpoint);
	const courier = new Courier(
		(ask) => post(config.endpoint, ask),
		(connection) => {
			session.connection = connection;
		},
	);
	const session = new Session(config, courier, drafts, Date.now, here, (page) => {
		preload(picturesOf(config, page.no, page.items.slice(0, 1)));
	});
	addEventListener("online", () => courier.wake());
	addEventListener("offline", () => {
		session.connection = "offline";
	});
	watchPresence(session);
	setInterval(() => session.tick(), TICK);
	const t = translator(config.lang);
	mount(Player, {
		target,
		props: { session, config, settings: new Settings(store), lasting: drafts.lasting, t },
	});
	void session.start();
}

const target = document.getElementById("workbench");
const source = document.getElementById("workbench-config");
if (target && source) {
	target.replaceChildren();
	try {
		start(target, readConfig(JSON.parse(source.textContent ?? "")));
	} catch (error) {
		console.error(error);
		const t = translator(document.documentElement.lang || "en");
		mount(Broken, { target, props: { t } });
	}
}
