// Runs Redocly and Spectral on the OpenAPI documents and prints what they find: errors, warnings, hints and information.
// exceptions.json lists the findings that are passed over, each with a reason. An exception without a reason, and one
// that nothing needs, is a finding too.
//
// node lint.mjs FOLDER-OF-THE-DOCUMENTS

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const folder = process.argv[2];
const documents = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => join(folder, name));
const exceptions = JSON.parse(readFileSync("exceptions.json", "utf8"));

/** Runs a linter and returns the JSON that it prints. A linter that prints none has failed. */
function run(program, ...words) {
  const environment = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  const ran = spawnSync(join("node_modules/.bin", program), words, {
    encoding: "utf8",
    env: environment,
    maxBuffer: 2 ** 30,
  });
  try {
    return JSON.parse(ran.stdout);
  } catch {
    console.error(`${program} did not run:\n${ran.stderr}${ran.stdout}`);
    process.exit(2);
  }
}

const contents = new Map();

/** Returns the content of a document. */
function read(document) {
  if (!contents.has(document)) contents.set(document, JSON.parse(readFileSync(join(folder, document), "utf8")));
  return contents.get(document);
}

const escaped = (part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1");

/** Returns what Redocly finds: the rule, the document, the JSON pointer and the message of each finding. */
function redocly(document) {
  const words = ["lint", "--config", "redocly.yaml", "--format", "json", "--max-problems", "100000", document];
  return run("redocly", ...words).problems.map((problem) => ({
    rule: `redocly:${problem.ruleId}`,
    document: basename(document),
    pointer: problem.location[0].pointer ?? "",
    message: problem.message,
  }));
}

/** Returns what Spectral finds in all documents. */
function spectral() {
  const words = ["lint", "--ruleset", "spectral.yaml", "--format", "json", "--fail-severity", "hint", ...documents];
  return run("spectral", ...words).map((found) => ({
    rule: found.code,
    document: basename(found.source ?? ""),
    pointer: `#${found.path.map((part) => `/${escaped(part)}`).join("")}`,
    message: found.message,
  }));
}

/** Whether a pointer is one of an exception's places, in which `*` stands for one part and `**` for any number. */
function isAt(pointer, place) {
  const parts = place.split("/").map((part) => {
    if (part === "**") return ".*";
    return part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
  });
  return new RegExp(`^${parts.join("/")}$`).test(pointer);
}

/** The conditions that an exception may have besides its places, each of the operation in which something was found. */
const CONDITIONS = {
  "nothing to validate": ({ requestBody, parameters = [] }) =>
    requestBody === undefined && parameters.every((parameter) => parameter.in !== "query"),
};

/** Whether an exception's condition holds. */
function holds(condition, { document, pointer }) {
  if (condition === undefined) return true;
  const [, , path, method] = pointer.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return CONDITIONS[condition](read(document).paths[path][method]);
}

const used = new Set();
const findings = [...documents.flatMap(redocly), ...spectral()].filter((found) => {
  const covers = ({ rule, at, if: condition }) =>
    rule === found.rule && at.some((place) => isAt(found.pointer, place)) && holds(condition, found);
  const exception = exceptions.find(covers);
  if (!exception) return true;
  exception.at.filter((place) => isAt(found.pointer, place)).forEach((place) => used.add(`${found.rule} ${place}`));
  return false;
});
for (const { rule, at, reason } of exceptions) {
  const finding = (message) => findings.push({ rule, document: "exceptions.json", pointer: "", message });
  if (!(reason?.trim().length >= 20)) finding("an exception needs a reason");
  for (const place of at) {
    if (!used.has(`${rule} ${place}`)) finding(`nothing is found at ${place} any longer: remove the exception`);
  }
}
for (const { rule, document, pointer, message } of findings) console.log(`${document} ${rule} ${pointer}: ${message}`);
console.log(`${documents.length} documents, ${exceptions.length} exceptions, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
