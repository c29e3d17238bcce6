/** The colours of a chart as plain rgb(), because the chart library does its own sums with them. */
export interface Palette {
	series: string[];
	ink: string;
	soft: string;
	line: string;
	surface: string;
	face: string;
}

/** The tokens as they hold at this element, in its theme. */
export function palette(at: HTMLElement): Palette {
	const probe = document.createElement("span");
	at.append(probe);
	const colour = (token: string): string => {
		// Mixing a colour with itself makes the browser state it in sRGB, whatever it was written in.
		probe.style.color = `color-mix(in srgb, var(--${token}), var(--${token}))`;
		return asRgb(getComputedStyle(probe).color);
	};
	const found = {
		series: [1, 2, 3, 4].map((number) => colour(`chart-${number}`)),
		ink: colour("ink"),
		soft: colour("ink-soft"),
		line: colour("line"),
		surface: colour("surface"),
		face: getComputedStyle(at).fontFamily,
	};
	probe.remove();
	return found;
}

/** `color(srgb 0.1 0.2 0.3)` as `rgb(26, 51, 77)`; anything else is left as it is. */
export function asRgb(text: string): string {
	const parts = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)/.exec(text);
	if (!parts) return text;
	const channels = parts
		.slice(1, 4)
		.map((part) => Math.round(Math.min(1, Math.max(0, Number(part))) * 255));
	return `rgb(${channels.join(", ")})`;
}
