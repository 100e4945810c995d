/** What a form of filters asks for. */
import type { RecordCountQueryVariables } from "./documents.ts";

const GROUPS = ["region", "income", "group"];

/** The question about records that a form asks; `kind` is that of a list with one kind. `kinds` are kinds by their names in the address. */
export function recordQuestion(form: FormData, kinds: Record<string, string>, kind?: string): RecordCountQueryVariables {
  const chosen = kind ? [kind] : form.getAll("kind").flatMap((slug) => kinds[String(slug)] ?? []);
  const topics = form.getAll("topic").map(String);
  const country = String(form.get("country") ?? "");
  return {
    query: String(form.get("q") ?? "").trim(),
    kinds: (chosen.length ? chosen : null) as RecordCountQueryVariables["kinds"],
    topics: topics.length ? topics : null,
    country: country || null,
  };
}

/** The groups that a form narrows countries down to, as ids. */
export function groupsOf(form: FormData): string[] {
  return GROUPS.flatMap((name) => form.get(name) || []).map((key) => `group:${String(key)}`);
}
