/** Sentences that the server wrote into the page, in its language: islands have none of their own. */

/** Numbers for which the server writes a sentence: together they have every plural form of the pages' languages. */
const SAMPLES = [0, 1, 2, 3, 11, 100];

/** The sample whose plural form is that of `n`. */
export function sampleFor(n: number, language: string): number {
  const rules = new Intl.PluralRules(language);
  if (SAMPLES.includes(n)) return n;
  return SAMPLES.slice(1).find((sample) => rules.select(sample) === rules.select(n)) ?? 100;
}

/** `{names}` filled in. */
export function filled(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The sentence for a number, from the `data-n…` of an element. */
export function counted(element: HTMLElement, n: number, language = document.documentElement.lang): string {
  const sentence = element.dataset[`n${sampleFor(n, language)}`] ?? "";
  return filled(sentence, { n: new Intl.NumberFormat(language).format(n) });
}
