/**
 * Charts, drawn from the table of numbers that stands beside each of them. The table is the truth:
 * it is there without scripts and for screen readers, and nothing can differ from it.
 */
import { BarChart, LineChart } from "echarts/charts";
import {
	AriaComponent,
	GridComponent,
	LegendComponent,
	TooltipComponent,
} from "echarts/components";
import { type EChartsType, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { palette } from "./charts/colours";
import { option } from "./charts/option";
import { readTable } from "./charts/table";

use([
	AriaComponent,
	BarChart,
	GridComponent,
	LegendComponent,
	LineChart,
	SVGRenderer,
	TooltipComponent,
]);

/** Draw every figure, and again whenever its size or the theme changes. */
export function drawAll(figures: HTMLElement[]): void {
	const redraws = figures.map(draw).filter((redraw) => redraw !== null);
	const again = (): void => {
		for (const redraw of redraws) redraw();
	};
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
	new MutationObserver(again).observe(document.documentElement, {
		attributeFilter: ["data-theme"],
	});
}

function draw(figure: HTMLElement): (() => void) | null {
	const plot = figure.querySelector<HTMLElement>(".chart-plot");
	const table = figure.querySelector("table");
	if (!plot || !table) return null;
	const data = readTable(table);
	if (data.rows.length === 0 || data.series.length === 0) return null;
	const chart: EChartsType = init(plot, null, { renderer: "svg" });
	const paint = (): void => {
		const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
		const shape = {
			kind: figure.dataset.chart === "bar" ? ("bar" as const) : ("line" as const),
			unit: figure.dataset.unit ?? "",
			lang: document.documentElement.lang || "en",
			still,
		};
		chart.setOption(option(data, shape, palette(figure)), true);
	};
	paint();
	new ResizeObserver(() => chart.resize()).observe(plot);
	return paint;
}
