// A person asks; passages and, where it can be had, an answer are shown.

import { add, itemOf } from "./passages.js";
import { changeLanguage, language, sentenceFor, text } from "./texts.js";

const PASSAGES = 5;

const CAN_ANSWER = document.documentElement.dataset.answers === "yes";

const element = (id) => document.getElementById(id);

let asked = "";
let version = "";
let hits = [];
// False where the documents do not seem to answer.
let answered = true;
let answer = null;
// Of a search or an answer that another one has replaced, nothing more is to be shown.
let underWay = new AbortController();

function speak() {
  document.documentElement.lang = language;
  document.title = asked ? `${asked} · ${text("title")}` : text("title");
  for (const each of document.querySelectorAll("[data-text]")) each.textContent = text(each.dataset.text);
  for (const each of element("hit").content.querySelectorAll("[data-text]")) each.textContent = text(each.dataset.text);
  element("language").textContent = text("other");
  element("language").lang = language === "es" ? "en" : "es";
}

function say(id, sentence) {
  element(id).textContent = sentence;
}

function showHits() {
  element("hits").replaceChildren(...hits.map((hit) => itemOf(hit, element("hit"))));
  element("found").hidden = hits.length === 0;
  element("ask").hidden = !CAN_ANSWER || hits.length === 0;
}

// The answer's text with its citations, [2] or [1, 3], as links to the passages.
function showAnswer() {
  element("answer").hidden = answer === null;
  const target = element("answer-text");
  target.replaceChildren();
  if (answer === null) return;
  for (const part of answer.split(/(\[\d+(?:, \d+)*\])/)) {
    if (!/^\[\d+(?:, \d+)*\]$/.test(part)) {
      target.append(part);
      continue;
    }
    target.append("[");
    part.slice(1, -1).split(", ").forEach((number, place) => {
      if (place) target.append(", ");
      const link = add(target, "a", number);
      link.href = `#hit-${number}`;
      link.setAttribute("aria-label", text("hit", number));
    });
    target.append("]");
  }
}

function found() {
  return text(answered === false ? "unanswered" : "found", hits.length);
}

function forget() {
  underWay.abort();
  underWay = new AbortController();
  hits = [];
  answer = null;
  element("ask").disabled = false;
  say("answer-note", "");
  showHits();
  showAnswer();
  return underWay.signal;
}

async function search(question) {
  const signal = forget();
  asked = question;
  speak();
  say("status", text("searching"));
  const query = new URLSearchParams({ q: question, k: PASSAGES, context: "true" });
  try {
    const response = await fetch(`search?${query}`, { signal });
    const body = await response.json();
    if (!response.ok) {
      say("status", sentenceFor(response.status, response.headers.get("Retry-After")));
      return;
    }
    ({ version, hits, answered } = body);
    showHits();
    say("status", hits.length ? found() : text("nothing"));
  } catch (error) {
    if (!signal.aborted) say("status", text("unreachable"));
  }
}

async function ask() {
  const { signal } = underWay;
  element("ask").disabled = true;
  answer = "";
  showAnswer();
  say("answer-note", text("answering"));
  element("answer-text").setAttribute("aria-busy", "true");
  try {
    const response = await fetch("ask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question: asked, k: PASSAGES, context: true }),
      signal,
    });
    if (!response.ok) say("answer-note", sentenceFor(response.status, response.headers.get("Retry-After")));
    else if (!(await readEvents(response))) say("answer-note", text("broken"));
  } catch (error) {
    if (!signal.aborted) say("answer-note", text("broken"));
  } finally {
    if (!signal.aborted) {
      element("answer-text").removeAttribute("aria-busy");
      element("ask").disabled = false;
    }
  }
}

// True where the answer came to its end, or was told to have failed.
async function readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  let ended = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return ended;
    buffer += value;
    const events = buffer.split("\n\n");
    buffer = events.pop();
    for (const event of events) ended = onEvent(event) || ended;
  }
}

function onEvent(event) {
  const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event);
  const value = JSON.parse(data);
  if (name === "passages") {
    // Where another version answers by now, the citations are of its passages.
    if (value.version !== version) {
      ({ version, hits, answered } = value);
      showHits();
    }
  } else if (name === "text") {
    answer += value.text;
    showAnswer();
  } else if (name === "done") {
    say("answer-note", value.citations.length || answered === false ? "" : text("uncited"));
    return true;
  } else if (name === "error") {
    say("answer-note", sentenceFor(value.status, value.retry_after));
    return true;
  }
  return false;
}

function fromAddress() {
  const question = new URLSearchParams(location.search).get("q") ?? "";
  element("question").value = question;
  if (question.trim()) search(question);
  else {
    asked = "";
    forget();
    say("status", "");
    speak();
  }
}

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = element("question").value;
  if (!question.trim()) return;
  // So that a search has an address, and going back leads to the one before.
  const query = new URLSearchParams(location.search);
  query.set("q", question);
  history.pushState(null, "", `?${query}`);
  search(question);
});

element("ask").addEventListener("click", ask);

element("language").addEventListener("click", () => {
  changeLanguage();
  const query = new URLSearchParams(location.search);
  if (query.has("lang")) {
    query.set("lang", language);
    history.replaceState(null, "", `?${query}`);
  }
  speak();
  showHits();
  showAnswer();
  say("status", hits.length ? found() : "");
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, textarea")) return;
  event.preventDefault();
  element("question").focus();
});

window.addEventListener("popstate", () => {
  // A link to a passage comes here, too.
  if ((new URLSearchParams(location.search).get("q") ?? "") !== asked) fromAddress();
});

fromAddress();
