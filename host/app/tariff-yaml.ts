// The tariff as a person writes it in esme.yaml, and the sections of the meter's state that it becomes.

import { z } from "zod";
import type { Sections } from "../meter/configured.js";

export const tariffSchema = z.strictObject({ name: z.string() });

/** The sections, or the key that breaks a rule. */
export function sectionsOf(
  _tariff: z.infer<typeof tariffSchema>,
): { readonly sections: Sections } | { readonly place: readonly string[]; readonly rule: string } {
  return { sections: {} };
}
