/** What travels with the pointer: a choice from the list, or the pane whose picture is moved. */

const CHOICE = "application/x-hallwatch-choice";
const PANE = "application/x-hallwatch-pane";

export type Dragged = { readonly kind: "choice"; readonly key: string } | { readonly kind: "pane"; readonly pane: number };

export function take(event: DragEvent, dragged: Dragged): void {
  if (!event.dataTransfer) return;
  event.dataTransfer.effectAllowed = "move";
  if (dragged.kind === "choice") event.dataTransfer.setData(CHOICE, dragged.key);
  else event.dataTransfer.setData(PANE, String(dragged.pane));
}

/** Whether what is over a pane can be dropped there. What it is, only the drop tells. */
export function isOurs(event: DragEvent): boolean {
  const types = event.dataTransfer?.types ?? [];
  return types.includes(CHOICE) || types.includes(PANE);
}

export function dropped(event: DragEvent): Dragged | null {
  const key = event.dataTransfer?.getData(CHOICE);
  if (key) return { kind: "choice", key };
  const pane = event.dataTransfer?.getData(PANE);
  return pane ? { kind: "pane", pane: Number(pane) } : null;
}
