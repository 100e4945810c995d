/** GraphiQL in place of the plain editor. Nothing is kept: its memory ends with the page. */
import "graphiql/setup-workers/vite";
import "graphiql/style.css";

import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

interface Asked {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string | null;
}

/** What GraphiQL would put into the browser's store. */
function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    key: (place) => [...kept.keys()][place] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, String(value)),
    removeItem: (name) => void kept.delete(name),
  };
}

async function fetcher(asked: Asked, options?: { headers?: Record<string, string> }): Promise<unknown> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json", "accept-language": document.documentElement.lang, ...options?.headers },
    body: JSON.stringify(asked),
  });
  return response.json();
}

export function start(element: HTMLElement): void {
  const written = (name: string): string => element.querySelector<HTMLTextAreaElement>(`[name="${name}"]`)?.value ?? "";
  const initialQuery = written("query");
  const initialVariables = written("variables");
  const room = document.createElement("div");
  room.className = "graphiql-room";
  // GraphiQL speaks English and is drawn from the left.
  room.lang = "en";
  room.dir = "ltr";
  element.replaceChildren(room);
  createRoot(room).render(
    createElement(GraphiQL, { fetcher: fetcher as never, initialQuery, initialVariables, storage: memory(), defaultEditorToolsVisibility: "variables", shouldPersistHeaders: false, showPersistHeadersSettings: false }),
  );
}
