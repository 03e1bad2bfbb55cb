// The page's one script. What comes from documents is only ever put in as text.
"use strict";

const TEXTS = {
  es: {
    title: "Mesa de ayuda",
    label: "Tu pregunta",
    search: "Buscar",
    ask: "Responder con estos pasajes",
    answer: "Respuesta",
    passages: "Pasajes",
    context: "Leer en su documento",
    other: "English",
    searching: "Buscando…",
    answering: "Redactando…",
    nothing: "No se encontró nada: prueba con otras palabras.",
    unreachable: "El servicio no responde: prueba otra vez.",
    long: "La pregunta es demasiado larga: acórtala.",
    often: (seconds) => `Son muchas preguntas seguidas: espera ${seconds} s.`,
    busy: "El servicio está ocupado: prueba otra vez en un momento.",
    slow: "La respuesta tardó demasiado: prueba otra vez, o lee los pasajes.",
    broken: "La respuesta se interrumpió: prueba otra vez, o lee los pasajes.",
    uncited: "Esta respuesta no cita ningún pasaje: compruébala en los pasajes.",
    beginning: "Aquí empieza el documento.",
    ending: "Aquí termina el documento.",
    found: (count) => (count === 1 ? "1 pasaje" : `${count} pasajes`),
    page: (first, last) => (first === last ? `página ${first}` : `páginas ${first}-${last}`),
    line: (first, last) => (first === last ? `línea ${first}` : `líneas ${first}-${last}`),
    score: (score) => `puntuación ${score}`,
    hit: (number) => `pasaje ${number}`,
  },
  en: {
    title: "Help desk",
    label: "Your question",
    search: "Search",
    ask: "Answer from these passages",
    answer: "Answer",
    passages: "Passages",
    context: "Read it in its document",
    other: "Español",
    searching: "Searching…",
    answering: "Writing…",
    nothing: "Nothing was found: try other words.",
    unreachable: "The service does not answer: try again.",
    long: "The question is too long: shorten it.",
    often: (seconds) => `That is many questions in a row: wait ${seconds} s.`,
    busy: "The service is busy: try again in a moment.",
    slow: "The answer took too long: try again, or read the passages.",
    broken: "The answer broke off: try again, or read the passages.",
    uncited: "This answer cites no passage: check it against the passages.",
    beginning: "The document begins here.",
    ending: "The document ends here.",
    found: (count) => (count === 1 ? "1 passage" : `${count} passages`),
    page: (first, last) => (first === last ? `page ${first}` : `pages ${first}-${last}`),
    line: (first, last) => (first === last ? `line ${first}` : `lines ${first}-${last}`),
    score: (score) => `score ${score}`,
    hit: (number) => `passage ${number}`,
  },
};

const PASSAGES = 5;
const LANGUAGE_KEY = "knowligo-language";

const CAN_ANSWER = document.documentElement.dataset.answers === "yes";

const element = (id) => document.getElementById(id);

let language = firstLanguage();
let asked = "";
let version = "";
let hits = [];
let answer = null;
// Of a search or an answer that another one has replaced, nothing more is to be shown.
let underWay = new AbortController();

function firstLanguage() {
  let kept = null;
  try {
    kept = localStorage.getItem(LANGUAGE_KEY);
  } catch {
    // A browser may keep nothing.
  }
  const wanted = new URLSearchParams(location.search).get("lang") ?? kept ?? navigator.language;
  return wanted.toLowerCase().startsWith("en") ? "en" : "es";
}

function text(name, ...values) {
  const found = TEXTS[language][name];
  return typeof found === "function" ? found(...values) : found;
}

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

// The service's own sentences are in English, for programs.
function sentenceFor(status, seconds) {
  if (status === 400 || status === 413) return text("long");
  if (status === 429) return text("often", seconds);
  if (status === 503) return text("busy");
  return text(status === 504 ? "slow" : "broken");
}

function add(parent, tag, content, className) {
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

// The text of a passage, word for word; tables and code in letters of one width, so that columns stay columns.
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

// Where a passage begins within a table, the header of it: what is in the breadcrumb besides title and headings.
function tableHeaderOf(hit) {
  const [first, ...rest] = hit.breadcrumb.split("\n");
  const isPath = [hit.title, ...hit.headings].some((label) => label && first.startsWith(label));
  return isPath ? rest.join("\n") : hit.breadcrumb;
}

function itemOf(hit) {
  const item = element("hit").content.cloneNode(true).firstElementChild;
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

function showHits() {
  element("hits").replaceChildren(...hits.map(itemOf));
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
    ({ version, hits } = body);
    showHits();
    say("status", hits.length ? text("found", hits.length) : text("nothing"));
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
      ({ version, hits } = value);
      showHits();
    }
  } else if (name === "text") {
    answer += value.text;
    showAnswer();
  } else if (name === "done") {
    say("answer-note", value.citations.length ? "" : text("uncited"));
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
  language = language === "es" ? "en" : "es";
  try {
    localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    // Then it is chosen again next time.
  }
  const query = new URLSearchParams(location.search);
  if (query.has("lang")) {
    query.set("lang", language);
    history.replaceState(null, "", `?${query}`);
  }
  speak();
  showHits();
  showAnswer();
  say("status", hits.length ? text("found", hits.length) : "");
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
