/** Type-ahead of a list of countries, or of who else `data-kinds` names: any part of the name, with accents or without, else the name in another language. */
import { Combobox, type Choice } from "../combobox.ts";
import { DOCUMENTS, type SuggestionsQueryVariables } from "../documents.ts";
import { fitting, folded } from "../matching.ts";
import { ask, Latest, pageLanguage } from "../network.ts";
import { counted } from "../words.ts";

interface Country extends Choice {
  option: HTMLOptionElement;
}

const PAUSE = 250;
const LEAST = 3;
const MOST = 12;

/** The heading above a choice, where the list has headings. */
function headingOf(option: HTMLOptionElement): string | undefined {
  return option.parentElement instanceof HTMLOptGroupElement ? option.parentElement.label : undefined;
}

export function start(element: HTMLElement): void {
  // The list that a phone brings is made for a thumb: it stays.
  if (matchMedia("(pointer: coarse)").matches) return;
  const select = element as HTMLSelectElement;
  // Somebody is choosing: the list is replaced when they leave it.
  if (document.activeElement === select) {
    select.addEventListener("blur", () => start(select), { once: true });
    return;
  }
  const countries = [...select.options].filter((option) => option.value).map((option): Country => ({ name: option.text, note: headingOf(option), option }));
  const none = [...select.options].find((option) => !option.value);
  const kinds = (select.dataset["kinds"] ?? "COUNTRY").split(" ") as SuggestionsQueryVariables["kinds"];
  const input = document.createElement("input");
  input.type = "text";
  input.placeholder = none?.text ?? "";
  for (const name of ["aria-describedby", "aria-invalid"]) {
    const value = select.getAttribute(name);
    if (value !== null) input.setAttribute(name, value);
  }
  // Labels and links to the field lead to what is seen.
  input.id = select.id;
  select.removeAttribute("id");
  const holder = document.createElement("div");
  holder.className = "combobox";
  holder.append(input);
  select.before(holder);
  select.hidden = true;

  const written = (): string => (select.value ? (select.selectedOptions[0]?.text ?? "") : "");
  const choose = (option: HTMLOptionElement | undefined): void => {
    const before = select.value;
    select.value = option?.value ?? "";
    input.value = written();
    if (select.value !== before) select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const latest = new Latest(PAUSE);
  const box = new Combobox<Country>(input, select.dataset["label"] ?? "", {
    take: (country) => choose(country.option),
    told: (count) => counted(select, count),
  });
  const local = (): Country[] => fitting(countries.map((country) => country.name), input.value).map((place) => countries[place]).filter((found) => found !== undefined);

  input.value = written();
  input.addEventListener("focus", () => input.select());
  input.addEventListener("input", () => {
    latest.stop();
    const found = input.value.trim() ? local() : [];
    box.show(found.slice(0, MOST), true);
    if (found.length || input.value.trim().length < LEAST) return;
    const query = input.value.trim();
    latest.run(async (signal) => {
      const variables: SuggestionsQueryVariables = { query, kinds, language: pageLanguage() };
      const answer = await ask(DOCUMENTS.Suggestions, variables, signal);
      if (!answer || document.activeElement !== input) return;
      // A list of countries has their codes as values, a list of several kinds has ids.
      const found = answer.search.nodes.flatMap(({ id }) => countries.filter(({ option }) => option.value === id || option.value === id.split(":")[1]));
      box.show(found.slice(0, MOST));
    });
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !box.open) {
      event.preventDefault();
      box.show(input.value === written() ? countries : local(), false);
    }
  });
  // Leaving the field takes what was meant: nothing where that is a choice, a name, or what begins so; else what was chosen before stands again.
  const settle = (): void => {
    latest.stop();
    if (!input.value.trim()) choose(none ?? select.selectedOptions[0]);
    else if (input.value !== written()) {
      const found = local();
      const begun = found.find((country) => folded(country.name).startsWith(folded(input.value)));
      choose((begun ?? (found.length === 1 ? found[0] : undefined))?.option ?? select.selectedOptions[0]);
    }
  };
  input.addEventListener("blur", settle);
  select.form?.addEventListener("submit", settle);
}
