/** What somebody types against the names of choices. */

/** Lower case, without accents, without the Arabic article: `Égypte` and `egypte` are one. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/^ال/u, "").replace(/['’]/g, "'").trim();
}

/** Places of the names that fit: those that begin so first, then those with a word that does, then those that have it inside. */
export function fitting(names: readonly string[], typed: string): number[] {
  const sought = folded(typed);
  if (!sought) return names.map((_, place) => place);
  const classes: number[][] = [[], [], []];
  names.forEach((name, place) => {
    const at = folded(name);
    if (at.startsWith(sought)) classes[0]?.push(place);
    else if (at.split(/[\s(),.-]+/).some((word) => word.startsWith(sought))) classes[1]?.push(place);
    else if (at.includes(sought)) classes[2]?.push(place);
  });
  return classes.flat();
}
