/** Addresses of the console's interface. */
export const API = "/api/v1";

export type Parameters = Readonly<Record<string, string | undefined>>;

/** A path with those parameters that have a value. */
export function address(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  return `${API}${path}${query.size > 0 ? `?${query.toString()}` : ""}`;
}
