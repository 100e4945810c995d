/** The drawing of a record's surroundings: what surrounds a neighbour is added in place, and relationships are shown or left out. */
import { DOCUMENTS } from "../documents.ts";
import { BOX, frameOf, type Line, remaining, type Spot, spread } from "../graph.ts";
import { keeping } from "../links.ts";
import { ask, pageLanguage } from "../network.ts";
import { filled } from "../words.ts";

const SVG = "http://www.w3.org/2000/svg";
const LETTERS = 21;

function clipped(text: string): string {
  return text.length <= LETTERS ? text : `${text.slice(0, LETTERS).replace(/\s+\S*$/, "")} …`;
}

function svgElement(name: string, attributes: Record<string, string | number>, ...inside: (Node | string)[]): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...inside);
  return made;
}

/** What the server drew, as spots and lines. */
function drawn(svg: SVGSVGElement, middle: string): { spots: Spot[]; lines: Line[] } {
  const at = (box: Element | null, name: string): number => Number(box?.getAttribute(name) ?? 0);
  const spots: Spot[] = [{ id: middle, title: svg.querySelector(".self text")?.textContent ?? "", x: 480, y: 280, fixed: true }];
  const lines: Line[] = [];
  for (const link of svg.querySelectorAll<SVGAElement>("a[data-id]")) {
    const box = link.querySelector("rect");
    const { id = "", field = "" } = link.dataset;
    const title = link.querySelector("title")?.textContent?.split(/[:：]\s*/).slice(1).join(": ") ?? "";
    spots.push({ id, title, x: at(box, "x") + BOX.width / 2, y: at(box, "y") + BOX.height / 2, fixed: true });
    lines.push({ from: middle, to: id, field });
  }
  return { spots, lines };
}

export function start(element: HTMLElement): void {
  const svg = element.querySelector<SVGSVGElement>("svg.graph");
  const middle = element.dataset["record"];
  if (!svg || !middle) return;
  const words = element.dataset;
  const relations = JSON.parse(words["relations"] ?? "{}") as Record<string, string>;
  const self = svg.querySelector(".self");
  const language = new URLSearchParams(location.search).get("lang");
  let { spots, lines } = drawn(svg, middle);
  const left = new Set<string>();
  /** The records that were opened, each with those that came with it. */
  const opened = new Map<string, string[]>();

  const status = document.createElement("p");
  status.className = "vh";
  status.setAttribute("role", "status");
  const filter = document.createElement("fieldset");
  filter.className = "relations row no-print";
  const told = document.createElement("div");
  told.className = "stack-s small";
  element.prepend(filter);
  element.append(status, told);

  const draw = (focus?: string): void => {
    const shown = remaining(middle, spots, lines, left);
    const byId = new Map(shown.spots.map((spot) => [spot.id, spot]));
    svg.setAttribute("viewBox", frameOf(shown.spots));
    const parts: SVGElement[] = [];
    const labels: SVGElement[] = [];
    for (const line of shown.lines) {
      const from = byId.get(line.from);
      const to = byId.get(line.to);
      if (!from || !to) continue;
      parts.push(svgElement("path", { d: `M${from.x} ${from.y}L${to.x} ${to.y}` }));
      labels.push(svgElement("text", { class: "rel", x: from.x + (to.x - from.x) * 0.56, y: from.y + (to.y - from.y) * 0.56 }, relations[line.field] ?? ""));
    }
    const boxes = shown.spots.filter((spot) => spot.id !== middle).flatMap((spot) => [boxFor(spot), openerFor(spot)]);
    svg.replaceChildren(...parts, ...labels, ...(self ? [self] : []), ...boxes);
    if (focus) svg.querySelector<SVGElement>(`[data-opens="${CSS.escape(focus)}"]`)?.focus();
  };
  const boxFor = (spot: Spot): SVGElement => {
    const link = svgElement(
      "a",
      { href: keeping(`/graph/${spot.id}`, language), "data-id": spot.id },
      svgElement("title", {}, spot.title),
      svgElement("rect", { x: spot.x - BOX.width / 2, y: spot.y - BOX.height / 2, width: BOX.width, height: BOX.height, rx: 2 }),
      svgElement("text", { x: spot.x, y: spot.y + 4 }, clipped(spot.title)),
    );
    if (spot.lang) link.setAttribute("lang", spot.lang);
    return link;
  };
  const openerFor = (spot: Spot): SVGElement => {
    const open = opened.has(spot.id);
    // Below the box, so that it covers no letter of the name.
    const y = spot.y + BOX.height / 2 + 7;
    const made = svgElement(
      "g",
      {
        class: "opener",
        role: "button",
        tabindex: 0,
        "data-opens": spot.id,
        "aria-expanded": String(open),
        "aria-label": filled((open ? words["fold"] : words["expand"]) ?? "", { record: spot.title }),
      },
      svgElement("circle", { cx: spot.x, cy: y, r: 12 }),
      svgElement("path", { d: open ? `M${spot.x - 6} ${y}h12` : `M${spot.x - 6} ${y}h12M${spot.x} ${y - 6}v12` }),
    );
    made.addEventListener("click", () => void toggle(spot));
    made.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      void toggle(spot);
    });
    return made;
  };
  const toggle = async (spot: Spot): Promise<void> => {
    if (opened.has(spot.id)) fold(spot.id);
    else if (!(await unfold(spot))) return;
    list();
    filters();
    draw(spot.id);
  };
  /** Takes away what came with a record, and what came with that. */
  const fold = (id: string): void => {
    for (const inner of opened.get(id) ?? []) {
      if (opened.has(inner)) fold(inner);
      spots = spots.filter((spot) => spot.id !== inner);
      lines = lines.filter((line) => line.from !== inner && line.to !== inner);
    }
    lines = lines.filter((line) => line.from !== id || line.to === middle);
    opened.delete(id);
    status.textContent = "";
  };
  const unfold = async (spot: Spot): Promise<boolean> => {
    const answer = await ask(DOCUMENTS.Around, { id: spot.id, language: pageLanguage() }, AbortSignal.timeout(15_000));
    if (!answer) return false;
    const known = new Set(spots.map((found) => found.id));
    const came: string[] = [];
    const names: string[] = [];
    for (const group of answer.surroundings) {
      for (const node of group.records.nodes.slice(0, 3)) {
        if (node.id === middle || lines.some((line) => line.from === spot.id && line.to === node.id)) continue;
        if (!known.has(node.id) && came.length >= 8) continue;
        lines.push({ from: spot.id, to: node.id, field: group.field });
        names.push(node.title);
        if (known.has(node.id)) continue;
        known.add(node.id);
        came.push(node.id);
        const lang = "lang" in node && node.lang !== document.documentElement.lang ? node.lang : undefined;
        const turn = (2 * Math.PI * came.length) / 8;
        // Outwards from the middle, so that what comes has room.
        const out = Math.atan2(spot.y - 280, spot.x - 480) + (turn - Math.PI) / 3;
        spots.push({ id: node.id, title: node.title, x: spot.x + 220 * Math.cos(out), y: spot.y + 220 * Math.sin(out), lang, fixed: false });
      }
    }
    opened.set(spot.id, came);
    spots = spread(spots, lines);
    const told = names.length ? words["expanded"] : words["alone"];
    status.textContent = filled(told ?? "", { record: spot.title, names: new Intl.ListFormat(document.documentElement.lang).format(names) });
    return true;
  };
  /** The opened records as a list: what the drawing has more than the page's own list. */
  const list = (): void => {
    told.replaceChildren(
      ...[...opened.keys()].map((id) => {
        const line = document.createElement("p");
        const around = lines.filter((found) => found.from === id).flatMap((found) => spots.find((spot) => spot.id === found.to)?.title ?? []);
        const record = spots.find((spot) => spot.id === id)?.title ?? "";
        line.dir = "auto";
        line.textContent = filled((around.length ? words["expanded"] : words["alone"]) ?? "", { record, names: new Intl.ListFormat(document.documentElement.lang).format(around) });
        return line;
      }),
    );
  };
  const filters = (): void => {
    const legend = document.createElement("legend");
    legend.textContent = words["shown"] ?? "";
    const fields = [...new Set(lines.map((line) => line.field))];
    filter.replaceChildren(
      legend,
      ...fields.map((field) => {
        const label = document.createElement("label");
        label.className = "check";
        const box = document.createElement("input");
        box.type = "checkbox";
        box.checked = !left.has(field);
        box.addEventListener("change", () => {
          if (box.checked) left.delete(field);
          else left.add(field);
          draw();
        });
        label.append(box, ` ${relations[field] ?? field}`);
        return label;
      }),
    );
  };
  filters();
  draw();
}
