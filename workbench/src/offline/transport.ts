import { type Ask, type Reply, readReply } from "../schema/wire";

/** How one request ended. `temporary` may be tried again as it is, `refused` may not. */
export type Sent =
	| { kind: "ok"; reply: Reply }
	| { kind: "temporary"; offline: boolean; wait: number | null }
	| { kind: "refused"; status: number; code: string; detail: string };

const PATIENCE = 30_000;
const PASSING = new Set([408, 425, 429]);

/** Ask the endpoint once. Never throws. */
export async function post(endpoint: string, ask: Ask, fetcher = fetch): Promise<Sent> {
	let response: Response;
	try {
		response = await fetcher(endpoint, {
			method: "POST",
			credentials: "same-origin",
			// A redirect can only lead to the sign-in page: that is an answer, not something to follow.
			redirect: "manual",
			headers: { "Content-Type": "application/json", "X-Fairhand": "1" },
			body: JSON.stringify(ask),
			signal: AbortSignal.timeout(PATIENCE),
		});
	} catch {
		return { kind: "temporary", offline: true, wait: null };
	}
	if (response.type === "opaqueredirect") return refused(401, "signed_out", "");
	if (response.status >= 500 || PASSING.has(response.status)) {
		return { kind: "temporary", offline: false, wait: retryAfter(response) };
	}
	return read(response);
}

async function read(response: Response): Promise<Sent> {
	let body: unknown;
	try {
		body = await response.json();
	} catch {
		// The connection broke in mid-answer, or something between us and the server answered for it.
		return response.ok
			? { kind: "temporary", offline: true, wait: null }
			: refused(response.status, "", "");
	}
	if (!response.ok) return problem(response.status, body);
	try {
		return { kind: "ok", reply: readReply(body) };
	} catch {
		return refused(response.status, "unreadable", "");
	}
}

function problem(status: number, body: unknown): Sent {
	const found = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
	const words = found.detail ?? found.title;
	return refused(
		status,
		typeof found.code === "string" ? found.code : "",
		typeof words === "string" ? words : "",
	);
}

function refused(status: number, code: string, detail: string): Sent {
	return { kind: "refused", status, code, detail };
}

function retryAfter(response: Response): number | null {
	const seconds = Number(response.headers.get("Retry-After") ?? "");
	return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}
