/** Topics read from a need while it is written, as chips that can be taken away. What is left goes along with the form. */
import { DOCUMENTS } from "../documents.ts";
import { ask, Latest, pageLanguage } from "../network.ts";
import { filled } from "../words.ts";

interface Topic {
  id: string;
  name: string;
}

const PAUSE = 700;
const LEAST = 20;

/** The topics that are left, in their order. */
export function left(read: readonly Topic[], removed: ReadonlySet<string>): Topic[] {
  return read.filter((topic) => !removed.has(topic.id));
}

export function start(element: HTMLElement): void {
  const text = document.getElementById(element.dataset["of"] ?? "") as HTMLTextAreaElement | null;
  if (!text) return;
  const words = element.dataset;
  const latest = new Latest(PAUSE);
  const removed = new Set<string>();
  const status = document.createElement("p");
  status.className = "vh";
  status.setAttribute("role", "status");
  const heading = document.createElement("p");
  heading.className = "small quiet";
  heading.textContent = words["label"] ?? "";
  const list = document.createElement("ul");
  list.className = "chips";
  list.setAttribute("aria-label", words["label"] ?? "");
  element.append(heading, list, status);
  let read: Topic[] = [];

  const show = (): void => {
    const shown = left(read, removed);
    list.replaceChildren(...shown.map((topic) => chip(topic, shown.length > 1)));
    // As long as nothing was taken away the text says it all, and the address stays short.
    if (shown.length < read.length) list.append(...shown.map((topic) => carried(topic)));
    element.hidden = shown.length === 0;
  };
  const carried = (topic: Topic): HTMLElement => {
    const item = document.createElement("li");
    const field = document.createElement("input");
    item.hidden = true;
    field.type = "hidden";
    field.name = "topics";
    field.value = topic.id.replace(/^topic:/, "");
    item.append(field);
    return item;
  };
  const chip = (topic: Topic, removable: boolean): HTMLLIElement => {
    const item = document.createElement("li");
    item.className = "chip suggested";
    item.append(topic.name);
    if (removable) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "×";
      button.setAttribute("aria-label", filled(words["remove"] ?? "", { topic: topic.name }));
      button.addEventListener("click", () => remove(topic));
      item.append(" ", button);
    }
    return item;
  };
  const remove = (topic: Topic): void => {
    const place = left(read, removed).indexOf(topic);
    removed.add(topic.id);
    show();
    status.textContent = filled(words["removed"] ?? "", { topic: topic.name });
    const buttons = list.querySelectorAll("button");
    (buttons[Math.min(place, buttons.length - 1)] ?? text).focus();
  };
  const look = (): void => {
    const written = text.value.trim();
    if (written.length < LEAST) {
      latest.stop();
      read = [];
      show();
      return;
    }
    latest.run(async (signal) => {
      const answer = await ask(DOCUMENTS.TopicsOfText, { text: written, language: pageLanguage() }, signal, true);
      if (!answer || signal.aborted) return;
      const before = left(read, removed).map((topic) => topic.id).join();
      read = answer.topicsOf;
      show();
      const shown = left(read, removed);
      if (shown.length && shown.map((topic) => topic.id).join() !== before)
        status.textContent = filled(words["read"] ?? "", { topics: new Intl.ListFormat(document.documentElement.lang).format(shown.map((topic) => topic.name)) });
    });
  };
  text.addEventListener("input", look);
  if (text.value.trim()) look();
}
