export type Action =
	| { do: "choose"; index: number }
	| { do: "next" }
	| { do: "back" }
	| { do: "forward" }
	| { do: "help" };

/** What is read of a keyboard event. */
export interface Stroke {
	key: string;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
	repeat: boolean;
}

/** What has the focus: text takes every key, a control takes the keys that press it. */
export type Focus = "text" | "control" | "elsewhere";

/**
 * What a key means on the task page, or null when it is the browser's. A held key does nothing: it
 * would answer tasks that nobody has seen.
 */
export function actionFor(stroke: Stroke, focus: Focus, rightToLeft: boolean): Action | null {
	if (stroke.ctrlKey || stroke.metaKey || stroke.altKey) return null;
	if (stroke.repeat || focus === "text") return null;
	if (/^[1-9]$/.test(stroke.key)) return { do: "choose", index: Number(stroke.key) - 1 };
	if (stroke.key === "?") return { do: "help" };
	if (stroke.key === "Enter") return focus === "control" ? null : { do: "next" };
	if (stroke.key === "Backspace") return { do: "back" };
	if (stroke.key === "ArrowLeft") return rightToLeft ? { do: "forward" } : { do: "back" };
	if (stroke.key === "ArrowRight") return rightToLeft ? { do: "back" } : { do: "forward" };
	return null;
}

/** How an element that has the focus treats keys. */
export function focusOf(element: Element | null): Focus {
	if (!element) return "elsewhere";
	if (element.matches("textarea, select, [contenteditable]")) return "text";
	if (element.matches("input:not([type=radio], [type=checkbox])")) return "text";
	if (element.matches("button, a[href], summary, input[type=checkbox]")) return "control";
	return "elsewhere";
}
