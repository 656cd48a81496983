/** The shapes of states, severities and controls, drawn in a square of 24. */
interface Shape {
  readonly solid?: string;
  readonly line?: string;
}

const CIRCLE = "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18z";
const TRIANGLE = "M12 3.500L22 20.500H2z";

const shapes = {
  serving: { solid: `${CIRCLE}M10 7.800v8.400l6.800-4.200z` },
  open: { line: CIRCLE },
  paused: { line: "M4 4h16v16H4zM9.500 8.500v7M14.500 8.500v7" },
  closed: { line: `${CIRCLE}M7.500 12h9` },
  absent: { solid: `${TRIANGLE}M11 9h2v6h-2zM11 16.500h2v2h-2z` },
  unknown: { line: "M2.500 12c2.400-4 5.600-6 9.500-6s7.100 2 9.500 6c-2.400 4-5.600 6-9.500 6s-7.100-2-9.500-6zM4 20L20 4" },

  attention: { line: `${CIRCLE}M12 11v5.500M12 7.600v.1` },
  warning: { line: `${TRIANGLE}M12 10v4.500M12 17.400v.1` },
  serious: { solid: "M8 2h8l6 6v8l-6 6H8l-6-6V8zM11 6.500h2v7.500h-2zM11 15.500h2v2h-2z" },

  absence: { line: "M12 4a3.500 3.500 0 1 0 0 7a3.500 3.500 0 1 0 0-7zM5 20.500c.6-4 3.200-6 7-6s6.400 2 7 6M3 3l18 18" },
  unattended_customer: { line: "M8 5a2.800 2.800 0 1 0 0 5.600a2.800 2.800 0 1 0 0-5.600zM2.500 20c.5-4 2.500-6 5.500-6s5 2 5.500 6M15 20h6.500V9.500H15z" },
  overlong_wait: { line: `${CIRCLE}M12 7v5l3.500 2.500` },
  crowding: { line: "M6 5a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5zM18 5a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5zM12 10a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5zM2 18c.4-3 1.800-4.500 4-4.500M22 18c-.4-3-1.800-4.500-4-4.500M7.500 21.500c.5-3 2-4.300 4.500-4.300s4 1.300 4.500 4.300" },
  camera_fault: { line: "M3 7h12v10H3zM15 11l6-3v8l-6-3M3 3l18 18" },
  called_not_served: { line: "M4 10v4h3l6 4V6L7 10zM17 9l4 6M21 9l-4 6" },
  overdue_step: { line: "M3 17h6v-5h6V7h6M16 15v3.500l2 1.500" },
  overdue_transaction: { line: "M4 5h16v15H4zM4 9.500h16M8.500 3v4M15.500 3v4M12 12v3.500M12 17.600v.1" },
  overlong_pause: { line: `${CIRCLE}M9.500 8.500v5M13 8.500v5M17 15.500v.1M15.500 12v.1` },
  long_queue: { line: "M5 6a2 2 0 1 0 0 4a2 2 0 1 0 0-4zM12 6a2 2 0 1 0 0 4a2 2 0 1 0 0-4zM19 6a2 2 0 1 0 0 4a2 2 0 1 0 0-4zM2.500 18c.2-3.500 1-5 2.500-5s2.300 1.500 2.500 5M9.500 18c.2-3.500 1-5 2.500-5s2.300 1.500 2.500 5M16.500 18c.2-3.500 1-5 2.500-5s2.300 1.500 2.500 5" },
  dispute: { line: "M3 9v6h3l5 4V5L6 9zM15 8l5-3M15.500 12H22M15 16l5 3" },
  audio_fault: { line: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21M3 3l18 18" },
  recording_gap: { line: "M3 7h6v10H3zM15 7h6v10h-6M11 12h.1M13 12h.1" },
  detector_stale: { line: "M2.500 12c2.400-4 5.600-6 9.500-6s7.100 2 9.500 6c-2.400 4-5.600 6-9.500 6s-7.100-2-9.500-6zM12 9.500v3l2 1.200" },
  disk: { line: "M3 13l3-8h12l3 8v6H3zM3 13h18M16 16h2" },

  live: { solid: "M12 8.500a3.500 3.500 0 1 0 0 7a3.500 3.500 0 1 0 0-7z", line: "M6.500 17.500a8 8 0 0 1 0-11M17.500 6.500a8 8 0 0 1 0 11" },
  connecting: { line: "M12 3a9 9 0 0 1 9 9M12 21a9 9 0 0 1-9-9" },
  waiting: { line: "M4 4l16 16M20 4L4 20" },
  stopped: { line: "M5 12h14" },

  play: { solid: "M6 3.500v17L21 12z" },
  pause: { solid: "M5 4h5v16H5zM14 4h5v16h-5z" },
  sound: { solid: "M3 9v6h4l6 5V4L7 9z", line: "M16.500 8.500a5 5 0 0 1 0 7M19 6a8.500 8.500 0 0 1 0 12" },
  muted: { solid: "M3 9v6h4l6 5V4L7 9z", line: "M16.500 9.500l5 5M21.500 9.500l-5 5" },
  close: { line: "M5 5l14 14M19 5L5 19" },
  larger: { line: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7" },
  check: { line: "M4 12.500l5.500 5.500L20 6.500" },
  theme: { solid: "M12 3a9 9 0 0 0 0 18z", line: CIRCLE },
  keys: { line: "M2.500 6h19v12h-19zM6 10h.1M10 10h.1M14 10h.1M18 10h.1M7 14.500h10" },
  search: { line: "M10.500 4a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13zM15.300 15.300L20.500 20.500" },
  snoozed: { line: `${CIRCLE}M9 8.500h6L9 15.500h6` },
  silenced: { line: "M6 16.500V11a6 6 0 0 1 12 0v5.500l2 2H4zM10 21h4M3 3l18 18" },
  announced: { line: "M4 10v4h3l8 4V6L7 10zM18 9.500c1 1.500 1 3.500 0 5M7.500 14.500l1 5h2.500" },
  locked: { line: "M5 11h14v10H5zM8 11V7.500a4 4 0 0 1 8 0V11M12 15v2.500" },
  unlocked: { line: "M5 11h14v10H5zM8 11V7a4 4 0 0 1 7.500-2M12 15v2.500" },
  level: { line: "M12 20V5M6 11l6-6l6 6" },
  assignee: { line: "M12 4a3.500 3.500 0 1 0 0 7a3.500 3.500 0 1 0 0-7zM5 20.500c.6-4 3.200-6 7-6s6.400 2 7 6" },
  resolved: { line: "M4 12.500l5.500 5.500L20 6.500" },
  acknowledged: { line: `${CIRCLE}M8 12.300l3 3l5-6` },
  added: { line: "M12 5v14M5 12h14" },
  changed: { line: "M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19zM13.500 7l3.500 3.500" },
  removed: { line: "M5 12h14" },
  dismissed: { line: `${CIRCLE}M8.500 8.500l7 7M15.500 8.500l-7 7` },
} satisfies Record<string, Shape>;

export type SymbolName = keyof typeof shapes;

export const SHAPES: Readonly<Record<SymbolName, Shape>> = shapes;
