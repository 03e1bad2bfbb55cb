// The texts of the page, in both languages.

const TEXTS = {
  es: {
    title: "Mesa de ayuda",
    label: "Tu pregunta",
    search: "Buscar",
    ask: "Responder con estos pasajes",
    answer: "Respuesta",
    passages: "Pasajes",
    context: "Ver en el documento",
    other: "English",
    searching: "Buscando…",
    answering: "Redactando…",
    nothing: "No se encontró nada: prueba con otras palabras.",
    unreachable: "El servicio no responde: prueba otra vez.",
    long: "La pregunta es demasiado larga: acórtala.",
    often: (seconds) => `Demasiadas preguntas en poco tiempo: espera ${seconds} s.`,
    token: "Clave de acceso",
    enter: "Entrar",
    refused: "Este servicio pide una clave de acceso.",
    busy: "El servicio está ocupado: prueba otra vez en un momento.",
    slow: "La respuesta tardó demasiado: prueba otra vez, o lee los pasajes.",
    broken: "La respuesta se interrumpió: prueba otra vez, o lee los pasajes.",
    uncited: "Esta respuesta no cita ningún pasaje: compruébala en los pasajes.",
    beginning: "Aquí empieza el documento.",
    ending: "Aquí termina el documento.",
    found: (count) => (count === 1 ? "1 pasaje" : `${count} pasajes`),
    unanswered: () => "Los documentos no parecen responder a esta pregunta; esto es lo más cercano.",
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
    context: "Show in the document",
    other: "Español",
    searching: "Searching…",
    answering: "Writing…",
    nothing: "Nothing was found: try other words.",
    unreachable: "The service does not answer: try again.",
    long: "The question is too long: shorten it.",
    often: (seconds) => `Too many questions in a short time: wait ${seconds} s.`,
    token: "Access token",
    enter: "Enter",
    refused: "This service asks for an access token.",
    busy: "The service is busy: try again in a moment.",
    slow: "The answer took too long: try again, or read the passages.",
    broken: "The answer was interrupted: try again, or read the passages.",
    uncited: "This answer cites no passage: check it against the passages.",
    beginning: "The document begins here.",
    ending: "The document ends here.",
    found: (count) => (count === 1 ? "1 passage" : `${count} passages`),
    unanswered: () => "The documents do not seem to answer this question; these come closest.",
    page: (first, last) => (first === last ? `page ${first}` : `pages ${first}-${last}`),
    line: (first, last) => (first === last ? `line ${first}` : `lines ${first}-${last}`),
    score: (score) => `score ${score}`,
    hit: (number) => `passage ${number}`,
  },
};

const LANGUAGE_KEY = "knowligo-language";

export let language = firstLanguage();

function firstLanguage() {
  let stored = null;
  try {
    stored = localStorage.getItem(LANGUAGE_KEY);
  } catch {
    // The browser does not allow storage.
  }
  const tag = new URLSearchParams(location.search).get("lang") ?? stored ?? navigator.language;
  return tag.toLowerCase().startsWith("en") ? "en" : "es";
}

export function changeLanguage() {
  language = language === "es" ? "en" : "es";
  try {
    localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    // The browser does not allow storage: the choice is not remembered.
  }
}

export function text(name, ...values) {
  const entry = TEXTS[language][name];
  return typeof entry === "function" ? entry(...values) : entry;
}

// The error messages of the service are in English, for programs; the page shows its own.
export function sentenceFor(status, seconds) {
  if (status === 401) return text("refused");
  if (status === 400 || status === 413) return text("long");
  if (status === 429) return text("often", seconds);
  if (status === 503) return text("busy");
  return text(status === 504 ? "slow" : "broken");
}
