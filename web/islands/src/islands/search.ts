/** Type-ahead of a search field: records that fit what is typed. Choosing one opens it, or leads on from the page that `data-onto` names; Enter without a choice searches, as ever. */
import { Combobox, type Choice } from "../combobox.ts";
import { DOCUMENTS, type SuggestionsQueryVariables } from "../documents.ts";
import { keeping } from "../links.ts";
import { ask, Latest, pageLanguage } from "../network.ts";
import { counted } from "../words.ts";

interface Found extends Choice {
  url: string;
}

const LEAST = 2;
const PAUSE = 250;

export function start(element: HTMLElement): void {
  const input = element as HTMLInputElement;
  const latest = new Latest(PAUSE);
  const kinds = JSON.parse(input.dataset["kinds"] ?? "{}") as Record<string, string>;
  const only = input.dataset["kind"];
  const onto = input.dataset["onto"];
  const box = new Combobox<Found>(input, input.dataset["label"] ?? "", {
    take: (choice) => location.assign(keeping(choice.url, new URLSearchParams(location.search).get("lang"))),
    told: (count) => counted(input, count),
  });
  input.addEventListener("blur", () => latest.stop());
  input.addEventListener("input", () => {
    const query = input.value.trim();
    if (query.length < LEAST) {
      latest.stop();
      box.close();
      return;
    }
    latest.run(async (signal) => {
      const variables = { query, language: pageLanguage(), ...(only ? { kinds: [only] } : {}) };
      const answer = await ask(DOCUMENTS.Suggestions, variables as SuggestionsQueryVariables, signal);
      if (!answer || document.activeElement !== input) return;
      box.show(
        answer.search.nodes.map((node) => {
          const lang = "lang" in node && node.lang !== document.documentElement.lang ? node.lang : undefined;
          return { name: node.title, note: kinds[node.__typename], lang, url: onto ? `${onto}?to=${encodeURIComponent(node.id)}` : node.url };
        }),
      );
    });
  });
}
