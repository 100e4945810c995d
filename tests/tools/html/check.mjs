// Reads [{"address", "html"}] from standard input and writes what is wrong as [{"address", "place", "rule", "message"}].
import { readFileSync } from "node:fs";
import { HtmlValidate } from "html-validate";

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:standard"],
  elements: ["html5"],
  rules: {
    // Jinja leaves blanks at the end of lines: no browser sees them.
    "no-trailing-whitespace": "off",
  },
});
const found = [];
for (const { address, html } of JSON.parse(readFileSync(0, "utf8"))) {
  const report = await validator.validateString(html);
  for (const result of report.results) {
    for (const { line, column, ruleId, message } of result.messages) {
      found.push({ address, place: `${line}:${column}`, rule: ruleId, message });
    }
  }
}
process.stdout.write(JSON.stringify(found));
