/** How many records a form's filters would show, told while they are changed and before they are applied. */
import { DOCUMENTS } from "../documents.ts";
import { groupsOf, recordQuestion } from "../filters.ts";
import { ask, Latest } from "../network.ts";
import { counted } from "../words.ts";

const PAUSE = 350;

export function start(element: HTMLElement): void {
  const form = element.closest("form");
  if (!form) return;
  const latest = new Latest(PAUSE);
  const { of, kind } = element.dataset;
  const kinds = JSON.parse(element.dataset["kinds"] ?? "{}") as Record<string, string>;

  const count = async (signal: AbortSignal): Promise<number | undefined> => {
    const given = new FormData(form);
    if (of !== "countries") return (await ask(DOCUMENTS.RecordCount, recordQuestion(given, kinds, kind), signal))?.search.totalCount;
    const [one, two, three] = groupsOf(given);
    if (!one) return undefined;
    return (await ask(DOCUMENTS.CountryCount, { one, two: two ?? one, three: three ?? one }, signal))?.countries.totalCount;
  };
  const look = (): void =>
    latest.run(async (signal) => {
      const n = await count(signal);
      if (signal.aborted) return;
      element.textContent = n === undefined ? "" : counted(element, n);
    });
  form.addEventListener("input", look);
  form.addEventListener("change", look);
  form.addEventListener("submit", () => latest.stop());
}
