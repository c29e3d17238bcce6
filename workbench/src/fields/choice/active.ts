import type { Value } from "../../schema/answer";
import type { Field } from "../../schema/interface";

/** The most options that have a number key. */
export const KEYED = 9;

/**
 * The field that number keys answer: the one that has the focus, else the first without an answer,
 * else the last.
 */
export function activeField(fields: Field[], value: Value, focused: string | null): Field {
	const held = fields.find((field) => field.name === focused);
	const open = fields.find((field) => value[field.name] === undefined);
	const found = held ?? open ?? fields.at(-1);
	if (!found) throw new Error("a task interface has at least one field");
	return found;
}
