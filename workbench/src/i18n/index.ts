import de from "./de.json";
import en from "./en.json";
import es from "./es.json";
import it from "./it.json";

export const catalogues = { en, de, it, es } satisfies Record<
	string,
	Record<keyof typeof en, string>
>;

/** A message that depends on a count is written twice, as `…_one` and `…_other`. */
type Raw = keyof typeof en;
type Counted = Raw extends infer K ? (K extends `${infer Stem}_other` ? Stem : never) : never;
export type Key = Exclude<Raw, `${Counted}_${"one" | "other"}`> | Counted;
type Filling = Record<string, string | number>;

export interface Translator {
	(key: Key, filling?: Filling): string;
	lang: string;
}

/** The words of one language, English where it is unknown. */
export function translator(lang: string): Translator {
	const base = lang.toLowerCase().split("-")[0] ?? "en";
	const words: Record<string, string> =
		base in catalogues ? catalogues[base as keyof typeof catalogues] : en;
	const plural = new Intl.PluralRules(lang);
	const number = new Intl.NumberFormat(lang);
	const translate = (key: Key, filling: Filling = {}): string => {
		const count = filling.count;
		const form = typeof count === "number" && plural.select(count) === "one" ? "one" : "other";
		const text = words[key] ?? words[`${key}_${form}`] ?? key;
		return text.replace(/\{(\w+)\}/g, (_, name: string) => {
			const value = filling[name] ?? "";
			return typeof value === "number" ? number.format(value) : value;
		});
	};
	return Object.assign(translate, { lang });
}
