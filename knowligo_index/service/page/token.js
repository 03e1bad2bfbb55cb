// The token of the service, if it needs one. The browser keeps it until its tab is closed.

const TOKEN_KEY = "knowligo-token";

let token = storedToken();

function storedToken() {
  try {
    return sessionStorage.getItem(TOKEN_KEY) ?? "";
  } catch {
    // The browser does not allow storage.
    return "";
  }
}

// Use this token from now on. Characters that no token has are left out, because a header cannot hold them.
export function setToken(value) {
  token = value.replace(/[^!-~]/g, "");
  try {
    sessionStorage.setItem(TOKEN_KEY, token);
  } catch {
    // The browser does not allow storage: the token is asked for again when the page is loaded again.
  }
}

// The headers, and the one with the token.
export function withToken(headers) {
  return token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
}
