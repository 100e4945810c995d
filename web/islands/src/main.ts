/** The loader: finds what a page marks with `data-island` and brings each island once the page is at rest. */

interface Island {
  start(element: HTMLElement): void;
}

const ISLANDS = import.meta.glob<Island>("./islands/*.ts");

/** Readers who save data get the page as it is: everything works without islands. */
const saving = (navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData === true;

async function bring(element: HTMLElement): Promise<void> {
  for (const name of element.dataset["island"]?.split(" ") ?? []) {
    const load = ISLANDS[`./islands/${name}.ts`];
    if (load) (await load()).start(element);
  }
}

/** Brings them all. The page then says that they are there: for its styles, and for tests. */
async function all(): Promise<void> {
  await Promise.all([...document.querySelectorAll<HTMLElement>("[data-island]")].map(bring));
  document.documentElement.dataset["islands"] = "here";
}

if (!saving) {
  if ("requestIdleCallback" in window) requestIdleCallback(() => void all(), { timeout: 2000 });
  else setTimeout(() => void all(), 200);
}
