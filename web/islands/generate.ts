/** Writes `src/documents.ts`: the types of what the islands ask, from `schema.graphql`, and the hash by which each document is asked. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { codegen } from "@graphql-codegen/core";
import * as operations from "@graphql-codegen/typescript-operations";
import { concatAST, type DocumentNode, Kind, parse, visit } from "graphql";

const ROOT = join(import.meta.dirname, "..", "..");
const DOCUMENTS = join(ROOT, "web", "documents");
const OWN = "islands.graphql";
const HEAD = "// Written by `npm run generate` from schema.graphql and web/documents/islands.graphql.\n";

const read = (path: string): string => readFileSync(path, "utf8");

/** The islands' operations with those fragments that they spread, wherever these are defined. */
function documents(): DocumentNode {
  const all = concatAST(readdirSync(DOCUMENTS).filter((name) => name.endsWith(".graphql")).map((name) => parse(read(join(DOCUMENTS, name)))));
  const chosen = [...parse(read(join(DOCUMENTS, OWN))).definitions];
  for (const definition of chosen) {
    visit(definition, {
      FragmentSpread(spread) {
        const name = spread.name.value;
        const fragment = all.definitions.find((found) => found.kind === Kind.FRAGMENT_DEFINITION && found.name.value === name);
        if (fragment && !chosen.some((known) => known.kind === Kind.FRAGMENT_DEFINITION && known.name.value === name)) chosen.push(fragment);
      },
    });
  }
  return { kind: Kind.DOCUMENT, definitions: chosen };
}

const asked = documents();
const names = asked.definitions.flatMap((found) => (found.kind === Kind.OPERATION_DEFINITION && found.name ? [found.name.value] : []));
const manifest = JSON.parse(read(join(ROOT, "api", "trusted_documents.json"))) as { operations: { id: string; name: string }[] };
const types = await codegen({
  filename: "documents.ts",
  schema: parse(read(join(ROOT, "schema.graphql"))),
  documents: [{ location: OWN, document: asked }],
  config: { useTypeImports: true, scalars: { Date: "string", DateTime: "string" }, mergeFragmentTypes: true, skipTypename: true, enumsAsTypes: true, enumType: "string-literal" },
  pluginMap: { operations },
  plugins: [{ operations: {} }],
});
const entries = names.map((name) => {
  const known = manifest.operations.find((operation) => operation.name === name);
  if (!known) throw new Error(`${name} is no trusted document yet: run \`gcio documents build\` first.`);
  return `  ${name}: { id: "${known.id}" } as Asked<${name}Query, ${name}QueryVariables>,`;
});
const typed = [
  "/** A document by its hash, with the types of its answer and of its variables. */",
  "export interface Asked<Answer, Variables> {\n  id: string;\n  types?: (variables: Variables) => Answer;\n}",
  `export const DOCUMENTS = {\n${entries.join("\n")}\n};`,
];
const target = process.argv[2] ?? join(import.meta.dirname, "src", "documents.ts");
writeFileSync(target, `${HEAD}${types.trim()}\n\n${typed.join("\n\n")}\n`);
