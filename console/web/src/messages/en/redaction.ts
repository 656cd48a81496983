/** What of an evidence package is made unrecognisable. */
export const redaction = {
  redaction: {
    title: "Redacted",
    none: "No: picture and sound are those that were recorded",
    heads: "Heads",
    windows: "Stay visible: staff and customers of",
    noZones: "The chosen cameras have no staff or customer zone: cover all heads, or draw zones first.",
    needWindow: "Choose whose people stay visible, or cover all heads",
    hint: "The pictures are encoded anew, which takes longer than the footage lasts. No detector finds every head: look at the clips before you hand them out.",
    mute: "Leave the sound out",
    tag: "Redaction: {what}",
    butAt: "heads covered except at {windows}",
    allHeads: "all heads covered",
    muted: "without sound",
    notOriginal: "not the picture that was recorded",
    coveredWhole: "{n} pictures are covered whole: nothing told where heads are",
  },
  redactHeads: {
    kept: "As they were recorded",
    by_standers: "Cover those of by-standers",
    all: "Cover all",
  },
};
