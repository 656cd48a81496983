/** What a field for the words of an act offers to the dialog around it. */
export interface ReasonTaker {
  /** The words, or null when there are none: the field says so then. */
  readonly take: () => string | null;
  readonly clear: () => void;
  readonly focus: () => void;
}
