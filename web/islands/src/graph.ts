/** The layout of a drawing of records and what joins them. */
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";

export interface Spot {
  id: string;
  title: string;
  x: number;
  y: number;
  lang?: string | undefined;
  /** Stays where it is. */
  fixed: boolean;
}

export interface Line {
  from: string;
  to: string;
  field: string;
}

/** A record's box, in units of the drawing: as the server draws it. */
export const BOX = { width: 188, height: 34 };

const ROUNDS = 160;
const MARGIN = 24;

/** The spots moved apart so that no box covers another; the fixed ones stay. The same input gives the same places. */
export function spread(spots: readonly Spot[], lines: readonly Line[]): Spot[] {
  const nodes = spots.map((spot) => ({ ...spot, ...(spot.fixed ? { fx: spot.x, fy: spot.y } : {}) }));
  const links = lines.map((line) => ({ source: line.from, target: line.to }));
  const simulation = forceSimulation(nodes)
    .force("line", forceLink<(typeof nodes)[number], (typeof links)[number]>(links).id((node) => node.id).distance(190))
    .force("apart", forceManyBody().strength(-260))
    .force("room", forceCollide(BOX.width / 2 + 6))
    .force("x", forceX(480).strength(0.02))
    .force("y", forceY(280).strength(0.05))
    .stop();
  simulation.tick(ROUNDS);
  return nodes.map(({ id, title, x, y, lang, fixed }) => ({ id, title, x: Math.round(x), y: Math.round(y), lang, fixed }));
}

/** The `viewBox` that holds every box. */
export function frameOf(spots: readonly Spot[]): string {
  const left = Math.min(0, ...spots.map((spot) => spot.x - BOX.width / 2 - MARGIN));
  const top = Math.min(0, ...spots.map((spot) => spot.y - BOX.height / 2 - MARGIN));
  const right = Math.max(960, ...spots.map((spot) => spot.x + BOX.width / 2 + MARGIN));
  const bottom = Math.max(560, ...spots.map((spot) => spot.y + BOX.height / 2 + MARGIN));
  return [left, top, right - left, bottom - top].join(" ");
}

/** The lines of the relationships that are shown, and the spots that still hang on the middle by them. */
export function remaining(middle: string, spots: readonly Spot[], lines: readonly Line[], left: ReadonlySet<string>): { spots: Spot[]; lines: Line[] } {
  const shown = lines.filter((line) => !left.has(line.field));
  const reached = new Set([middle]);
  for (let before = 0; before !== reached.size; ) {
    before = reached.size;
    for (const line of shown) if (reached.has(line.from)) reached.add(line.to);
  }
  return { spots: spots.filter((spot) => reached.has(spot.id)), lines: shown.filter((line) => reached.has(line.from) && reached.has(line.to)) };
}
