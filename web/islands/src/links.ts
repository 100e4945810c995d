/** An address on this site that keeps the language which the visitor chose. */
export function keeping(url: string, language: string | null): string {
  return language ? `${url}${url.includes("?") ? "&" : "?"}lang=${encodeURIComponent(language)}` : url;
}
