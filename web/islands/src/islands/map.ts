/** The world map closer: buttons, keys, the wheel with Control, two fingers; and arrow keys from country to country. */
import { type Box, boxOf, closeness, isDirection, moved, nextPlace, type Place, showing, zoomed } from "../view.ts";

const STEP = 1.6;
const EASE = 160;

export function start(element: HTMLElement): void {
  const svg = element.querySelector("svg");
  if (!svg) return;
  const words = element.dataset;
  const whole = boxOf(svg.getAttribute("viewBox") ?? "");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let view: Box = whole;
  let frame = 0;

  const draw = (box: Box): void => svg.setAttribute("viewBox", [box.x, box.y, box.width, box.height].map((n) => n.toFixed(2)).join(" "));
  const go = (target: Box, smooth = true): void => {
    const from = view;
    view = target;
    closer.disabled = closeness(view, whole) >= 11.99;
    farther.disabled = all.disabled = closeness(view, whole) <= 1.001;
    element.classList.toggle("zoomed", !farther.disabled);
    cancelAnimationFrame(frame);
    if (!smooth || still.matches) {
      draw(view);
      return;
    }
    const begun = performance.now();
    const step = (now: number): void => {
      const part = Math.min((now - begun) / EASE, 1);
      const between = (a: number, b: number): number => a + (b - a) * part;
      draw({ x: between(from.x, target.x), y: between(from.y, target.y), width: between(from.width, target.width), height: between(from.height, target.height) });
      if (part < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  };

  const button = (text: string, label: string, act: () => void): HTMLButtonElement => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };
  const closer = button("+", words["closer"] ?? "", () => go(zoomed(view, whole, STEP)));
  const farther = button("−", words["farther"] ?? "", () => go(zoomed(view, whole, 1 / STEP)));
  const all = button(words["whole"] ?? "", words["whole"] ?? "", () => go(whole));
  const tools = document.createElement("p");
  tools.className = "map-tools row no-print";
  const hint = document.createElement("span");
  hint.className = "hint";
  hint.textContent = words["keys"] ?? "";
  tools.append(closer, farther, all, hint);
  element.prepend(tools);
  go(whole, false);

  const links = [...svg.querySelectorAll<SVGAElement>("a")];
  let places: Place[] | undefined;
  /** Middles of the countries' largest parts, in the drawing's units. */
  const middles = (): Place[] =>
    (places ??= links.map((link) => {
      const box = link.getBBox();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    }));

  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const link = (event.target as Element).closest<SVGAElement>("a");
    const at = link ? links.indexOf(link) : -1;
    const here = middles()[at];
    if (event.key === "+" || event.key === "=") go(zoomed(view, whole, STEP, here?.x, here?.y));
    else if (event.key === "-" || event.key === "−") go(zoomed(view, whole, 1 / STEP, here?.x, here?.y));
    else if (event.key === "0") go(whole);
    else if (isDirection(event.key) && here) {
      if (event.shiftKey) {
        const by = { ArrowUp: [0, -0.2], ArrowDown: [0, 0.2], ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0] }[event.key] as [number, number];
        go(moved(view, whole, by[0] * view.width, by[1] * view.height));
      } else links[nextPlace(middles(), here, event.key)]?.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  });
  svg.addEventListener("focusin", (event) => {
    const link = (event.target as Element).closest<SVGAElement>("a");
    const here = link && middles()[links.indexOf(link)];
    if (here && closeness(view, whole) > 1) go(showing(view, whole, here.x, here.y));
  });

  const point = (event: { clientX: number; clientY: number }): Place => {
    const box = svg.getBoundingClientRect();
    return { x: view.x + ((event.clientX - box.left) / box.width) * view.width, y: view.y + ((event.clientY - box.top) / box.height) * view.height };
  };
  svg.addEventListener(
    "wheel",
    (event) => {
      // Without Control the page scrolls, as everywhere. A pinch on a touchpad comes as a wheel with Control.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const at = point(event);
      go(zoomed(view, whole, Math.exp(-event.deltaY / 200), at.x, at.y), false);
    },
    { passive: false },
  );

  const fingers = new Map<number, { clientX: number; clientY: number }>();
  let travelled = 0;
  svg.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, { clientX: event.clientX, clientY: event.clientY });
    travelled = 0;
  });
  svg.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before || (fingers.size === 1 && closeness(view, whole) <= 1.001)) return;
    const box = svg.getBoundingClientRect();
    const after = { clientX: event.clientX, clientY: event.clientY };
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (finger: typeof after): number => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY);
      const middle = point({ clientX: (after.clientX + other.clientX) / 2, clientY: (after.clientY + other.clientY) / 2 });
      go(zoomed(view, whole, apart(after) / Math.max(apart(before), 1), middle.x, middle.y), false);
    } else {
      go(moved(view, whole, ((before.clientX - after.clientX) / box.width) * view.width, ((before.clientY - after.clientY) / box.height) * view.height), false);
    }
    travelled += Math.hypot(after.clientX - before.clientX, after.clientY - before.clientY);
    fingers.set(event.pointerId, after);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"] as const) svg.addEventListener(end, (event) => fingers.delete(event.pointerId));
  // A drag that ends on a country was no wish to go there.
  svg.addEventListener("click", (event) => travelled > 6 && event.preventDefault(), true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
}
