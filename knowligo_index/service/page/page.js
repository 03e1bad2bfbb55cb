// The form for questions, the passages that were found and, if the service generates answers, the answer.

import { readEvents } from "./events.js";
import { add, itemOf } from "./passages.js";
import { changeLanguage, language, sentenceFor, text } from "./texts.js";
import { setToken, withToken } from "./token.js";

const PASSAGES = 5;

const CAN_ANSWER = document.documentElement.dataset.answers === "yes";

const element = (id) => document.getElementById(id);

let shownQuestion = "";
let version = "";
let hits = [];
// False if the documents do not seem to answer the question.
let answered = true;
let answer = null;
// Cancels the requests for a question when another one replaces it.
let requests = new AbortController();

function showTexts() {
  document.documentElement.lang = language;
  document.title = shownQuestion ? `${shownQuestion} · ${text("title")}` : text("title");
  for (const root of [document, element("hit").content]) {
    for (const labelled of root.querySelectorAll("[data-text]")) labelled.textContent = text(labelled.dataset.text);
  }
  element("language").textContent = text("other");
  element("language").lang = language === "es" ? "en" : "es";
}

function setText(id, sentence) {
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

function resultText() {
  return text(answered === false ? "unanswered" : "found", hits.length);
}

function clearResults() {
  requests.abort();
  requests = new AbortController();
  hits = [];
  answer = null;
  element("ask").disabled = false;
  setText("answer-note", "");
  showHits();
  showAnswer();
  return requests.signal;
}

// Show the form for the token, or hide it.
function askForToken(needed) {
  element("token-form").hidden = !needed;
  if (needed) element("token").focus();
}

async function search(question) {
  const signal = clearResults();
  shownQuestion = question;
  showTexts();
  setText("status", text("searching"));
  const query = new URLSearchParams({ q: question, k: PASSAGES, context: "true" });
  try {
    const response = await fetch(`search?${query}`, { headers: withToken({}), signal });
    const body = await response.json();
    askForToken(response.status === 401);
    if (!response.ok) {
      setText("status", sentenceFor(response.status, response.headers.get("Retry-After")));
      return;
    }
    ({ version, hits, answered } = body);
    showHits();
    setText("status", hits.length ? resultText() : text("nothing"));
  } catch (error) {
    if (!signal.aborted) setText("status", text("unreachable"));
  }
}

async function ask() {
  const { signal } = requests;
  element("ask").disabled = true;
  answer = "";
  showAnswer();
  setText("answer-note", text("answering"));
  element("answer-text").setAttribute("aria-busy", "true");
  try {
    const response = await fetch("ask", {
      method: "POST",
      headers: withToken({ "Content-Type": "application/json" }),
      body: JSON.stringify({ question: shownQuestion, k: PASSAGES, context: true }),
      signal,
    });
    askForToken(response.status === 401);
    if (!response.ok) setText("answer-note", sentenceFor(response.status, response.headers.get("Retry-After")));
    else if (!(await readEvents(response, onEvent))) setText("answer-note", text("broken"));
  } catch (error) {
    if (!signal.aborted) setText("answer-note", text("broken"));
  } finally {
    if (!signal.aborted) {
      element("answer-text").removeAttribute("aria-busy");
      element("ask").disabled = false;
    }
  }
}

// True if the event is the last of an answer: its end, or an error.
function onEvent(name, value) {
  if (name === "passages") {
    // If another version went live after the search, the citations refer to its passages.
    if (value.version !== version) {
      ({ version, hits, answered } = value);
      showHits();
    }
  } else if (name === "text") {
    answer += value.text;
    showAnswer();
  } else if (name === "done") {
    setText("answer-note", value.citations.length || answered === false ? "" : text("uncited"));
    return true;
  } else if (name === "error") {
    setText("answer-note", sentenceFor(value.status, value.retry_after));
    return true;
  }
  return false;
}

function searchFromAddress() {
  const question = new URLSearchParams(location.search).get("q") ?? "";
  element("question").value = question;
  if (question.trim()) search(question);
  else {
    shownQuestion = "";
    clearResults();
    setText("status", "");
    showTexts();
  }
}

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = element("question").value;
  if (!question.trim()) return;
  // A search has an address, and the browser's Back button returns to the previous search.
  const query = new URLSearchParams(location.search);
  query.set("q", question);
  history.pushState(null, "", `?${query}`);
  search(question);
});

element("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(element("token").value);
  element("token").value = "";
  search(shownQuestion);
});

element("ask").addEventListener("click", ask);

element("language").addEventListener("click", () => {
  changeLanguage();
  const query = new URLSearchParams(location.search);
  if (query.has("lang")) {
    query.set("lang", language);
    history.replaceState(null, "", `?${query}`);
  }
  showTexts();
  showHits();
  showAnswer();
  setText("status", hits.length ? resultText() : "");
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, textarea")) return;
  event.preventDefault();
  element("question").focus();
});

window.addEventListener("popstate", () => {
  // A link to a passage also causes this event.
  if ((new URLSearchParams(location.search).get("q") ?? "") !== shownQuestion) searchFromAddress();
});

searchFromAddress();
