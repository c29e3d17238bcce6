import type { EChartsCoreOption } from "echarts/core";
import type { Palette } from "./colours";
import type { Numbers } from "./table";

export interface Shape {
	kind: "line" | "bar";
	unit: string;
	lang: string;
	still: boolean;
}

/** A number as the axis and the hint write it: grouped by the reader's language, with its unit. */
export function withUnit(value: number, unit: string, lang: string): string {
	const text = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 }).format(value);
	return unit ? `${text} ${unit}` : text;
}

/** The chart's description for ECharts: thin lines, no ornament, one accent. */
export function option(data: Numbers, shape: Shape, colours: Palette): EChartsCoreOption {
	const text = { color: colours.soft, fontFamily: colours.face, fontSize: 12 };
	const many = data.series.length > 1;
	return {
		animation: !shape.still,
		animationDuration: 200,
		aria: { enabled: true },
		color: colours.series,
		textStyle: { fontFamily: colours.face },
		grid: { left: 4, right: 12, top: many ? 36 : 12, bottom: 4, containLabel: true },
		legend: many
			? { left: 0, top: 0, icon: "roundRect", itemWidth: 12, itemHeight: 4, textStyle: text }
			: undefined,
		tooltip: tooltip(shape, colours),
		xAxis: {
			type: "category",
			data: data.rows,
			boundaryGap: shape.kind === "bar",
			axisLine: { lineStyle: { color: colours.line } },
			axisTick: { show: false },
			axisLabel: { ...text, hideOverlap: true },
		},
		yAxis: {
			type: "value",
			splitNumber: 4,
			splitLine: { lineStyle: { color: colours.line } },
			axisLabel: { ...text, formatter: (value: number) => withUnit(value, shape.unit, shape.lang) },
		},
		series: data.series.map((series, index) =>
			drawn(series, shape, many ? undefined : colours.series[index]),
		),
	};
}

function drawn(series: Numbers["series"][number], shape: Shape, tint: string | undefined): object {
	const base = { name: series.name, data: series.values, type: shape.kind };
	if (shape.kind === "bar") {
		return { ...base, barMaxWidth: 36, itemStyle: { borderRadius: [3, 3, 0, 0] } };
	}
	return {
		...base,
		lineStyle: { width: 2 },
		symbol: "circle",
		symbolSize: 5,
		showSymbol: series.values.length <= 20,
		// A tint below a single line; below several, tints would only mix into mud.
		areaStyle: tint ? { color: tint, opacity: 0.07 } : undefined,
	};
}

function tooltip(shape: Shape, colours: Palette): object {
	return {
		trigger: "axis",
		axisPointer: {
			type: shape.kind === "bar" ? "shadow" : "line",
			lineStyle: { color: colours.line },
		},
		backgroundColor: colours.surface,
		borderColor: colours.line,
		textStyle: { color: colours.ink, fontFamily: colours.face, fontSize: 13 },
		valueFormatter: (value: number | null) =>
			value === null ? "–" : withUnit(value, shape.unit, shape.lang),
	};
}
