const MICROS = 1_000_000;

/**
 * An amount of micro-units in the reader's way of writing it, with as many decimals as it needs and
 * no fewer than its currency has. The amount becomes text digit by digit: no binary fraction is made.
 */
export function formatMicros(micros: number, currency: string, lang: string): string {
	const sign = micros < 0 ? "-" : "";
	const whole = Math.trunc(Math.abs(micros) / MICROS);
	const rest = String(Math.abs(micros) % MICROS).padStart(6, "0");
	const usual = new Intl.NumberFormat(lang, { style: "currency", currency }).resolvedOptions();
	const needed = rest.replace(/0+$/, "").length;
	const decimals = Math.max(needed, usual.maximumFractionDigits ?? 2);
	const format = new Intl.NumberFormat(lang, {
		style: "currency",
		currency,
		minimumFractionDigits: decimals,
		maximumFractionDigits: decimals,
	});
	return format.format(`${sign}${whole}.${rest}` as Intl.StringNumericLiteral);
}
