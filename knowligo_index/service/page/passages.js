// Show passages. Text from documents is inserted as text only, never as HTML.

import { language, text } from "./texts.js";

export function add(parent, tag, content, className) {
  const child = document.createElement(tag);
  child.textContent = content;
  if (className) child.className = className;
  parent.append(child);
  return child;
}

function placeOf(hit) {
  const parts = [hit.source];
  if (hit.page_start !== null) parts.push(text("page", hit.page_start, hit.page_end));
  if (hit.line_start !== null) parts.push(text("line", hit.line_start, hit.line_end));
  const score = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  parts.push(text("score", score.format(hit.score)));
  return parts.join(" · ");
}

// Add the text of a passage unchanged; tables and code in a monospaced font, so that columns are aligned.
function addPassage(parent, passage) {
  let run = null;
  let inCode = false;
  for (const line of passage.split("\n")) {
    const isFence = /^\s*(?:```|~~~)/.test(line);
    const kind = inCode || isFence || /^\s*\|/.test(line) ? "fixed" : "prose";
    if (isFence) inCode = !inCode;
    if (run?.className === kind) run.textContent += `\n${line}`;
    else run = add(parent, "span", line, kind);
  }
}

// The header of the table that a passage begins in: the part of the breadcrumb after title and headings.
function tableHeaderOf(hit) {
  const [first, ...rest] = hit.breadcrumb.split("\n");
  const isPath = [hit.title, ...hit.headings].some((label) => label && first.startsWith(label));
  return isPath ? rest.join("\n") : hit.breadcrumb;
}

export function itemOf(hit, template) {
  const item = template.content.cloneNode(true).firstElementChild;
  item.id = `hit-${hit.rank}`;
  item.querySelector("h3").textContent = `[${hit.rank}] ${hit.title}`;
  item.querySelector(".headings").textContent = hit.headings.filter((heading) => heading !== hit.title).join(" › ");
  item.querySelector(".place").textContent = placeOf(hit);
  item.querySelector(".table-header").textContent = tableHeaderOf(hit);
  addPassage(item.querySelector("blockquote"), hit.text);
  const context = item.querySelector(".context");
  if (hit.previous) addPassage(add(context, "p", ""), hit.previous.text);
  else add(context, "p", text("beginning"), "end");
  addPassage(add(add(context, "p", ""), "mark", ""), hit.text);
  if (hit.next) addPassage(add(context, "p", ""), hit.next.text);
  else add(context, "p", text("ending"), "end");
  return item;
}
