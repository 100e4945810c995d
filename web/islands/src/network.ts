/** Questions to the network: trusted documents by their hash. */
import type { Asked, Language } from "./documents.ts";

const ENDPOINT = "/graphql";

/** The language of the page as GraphQL names it. */
export function pageLanguage(): Language {
  return document.documentElement.lang.toUpperCase() as Language;
}

/** Where a document is asked. */
export function addressOf<Answer, Variables>(asked: Asked<Answer, Variables>, variables: Variables): string {
  return `${ENDPOINT}?${new URLSearchParams({ documentId: asked.id, variables: JSON.stringify(variables) })}`;
}

/**
 * The answer; undefined where there is none: it was called off, the network is away, or it refused. An island then does nothing.
 * Asked with GET, so that a browser keeps what it may keep; `unseen` keeps the variables out of the address, and so out of every log.
 */
export async function ask<Answer, Variables>(
  asked: Asked<Answer, Variables>,
  variables: Variables,
  signal: AbortSignal,
  unseen = false,
): Promise<Answer | undefined> {
  const headers = { accept: "application/graphql-response+json", "accept-language": document.documentElement.lang };
  const body = JSON.stringify({ documentId: asked.id, variables });
  const posted = { method: "POST", body, headers: { ...headers, "content-type": "application/json" }, signal };
  try {
    const response = await (unseen ? fetch(ENDPOINT, posted) : fetch(addressOf(asked, variables), { headers, signal }));
    const answer = (await response.json()) as { data?: Answer | null };
    return answer.data ?? undefined;
  } catch {
    return undefined;
  }
}

/** Calls the last question off when the next one comes, and waits until somebody stops typing. */
export class Latest {
  private controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly wait: number;

  /** `wait` in milliseconds. */
  constructor(wait: number) {
    this.wait = wait;
  }

  run(work: (signal: AbortSignal) => Promise<void>): void {
    this.stop();
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.timer = setTimeout(() => void work(signal), this.wait);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.controller.abort();
  }
}
