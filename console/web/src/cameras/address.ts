/** A camera's address in the parts of a form: the stream, who opens it, and the password apart. */

/** Stands for a password that the server keeps; it never leaves the server. */
export const MARK = "•••";

export interface AddressParts {
  /** The address without user and password. */
  readonly stream: string;
  readonly user: string;
  /** What is typed; empty when none is, or the kept one is meant. */
  readonly password: string;
  /** Whether the server keeps a password for it. */
  readonly isKept: boolean;
}

const CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/iu;

export function partsOf(address: string): AddressParts {
  const match = CREDENTIALS.exec(address);
  if (match === null) return { stream: address, user: "", password: "", isKept: false };
  const [whole, scheme = "", credentials = ""] = match;
  const colon = credentials.indexOf(":");
  const user = colon < 0 ? credentials : credentials.slice(0, colon);
  const secret = colon < 0 ? "" : credentials.slice(colon + 1);
  const isKept = secret === MARK || secret.includes("${");
  return { stream: scheme + address.slice(whole.length), user: decoded(user), password: isKept ? "" : decoded(secret), isKept };
}

/** The whole address. Without a typed password the one that stands in `kept` is meant, whatever it looks like. */
export function addressOf(stream: string, user: string, password: string, kept = ""): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/isu.exec(stream.trim());
  if (match === null) return stream.trim();
  const [, scheme = "", rest = ""] = match;
  const secret = password === "" ? keptSecret(kept) : encoded(password);
  const path = password === "" ? rest : rest.replaceAll(MARK, encoded(password));
  if (user === "" && (secret === "" || rest.includes(MARK))) return scheme + path;
  return `${scheme}${user.includes("${") ? user : encoded(user)}${secret === "" ? "" : `:${secret}`}@${path}`;
}

function keptSecret(address: string): string {
  const credentials = CREDENTIALS.exec(address)?.[2] ?? "";
  const colon = credentials.indexOf(":");
  const secret = colon < 0 ? "" : credentials.slice(colon + 1);
  return secret === MARK || secret.includes("${") ? secret : "";
}

function decoded(text: string): string {
  try {
    return text.includes("${") ? text : decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** As encodeURIComponent, and of the rest what could end a part of an address. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
