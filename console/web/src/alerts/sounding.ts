/** When a new alert is heard, and as what. Pure, but for what this browser keeps. */
import type { Alert, Severity } from "@/api/facts";

export interface SoundSettings {
  readonly isOn: boolean;
  /** From 0 to 1. */
  readonly volume: number;
  /** The least severity that is heard. */
  readonly from: Severity;
}

export const SILENT: SoundSettings = { isOn: false, volume: 0.5, from: "attention" };
export const SEVERITIES = ["attention", "warning", "serious"] as const satisfies readonly Severity[];

/** How many heard alerts are remembered: more than arise between two visits. */
const REMEMBERED = 500;
const HEARD_AS = "hallwatch.heard";

const keptAs = (officer: string): string => `hallwatch.sound.${officer}`;

/** What an officer has chosen at this browser; silent until somebody chose. */
export function settingsOf(officer: string): SoundSettings {
  try {
    const kept = JSON.parse(localStorage.getItem(keptAs(officer)) ?? "{}") as Partial<SoundSettings>;
    return {
      isOn: kept.isOn === true,
      volume: typeof kept.volume === "number" && kept.volume >= 0 && kept.volume <= 1 ? kept.volume : SILENT.volume,
      from: SEVERITIES.find((one) => one === kept.from) ?? SILENT.from,
    };
  } catch {
    return SILENT;
  }
}

export function keepSettings(officer: string, settings: SoundSettings): void {
  localStorage.setItem(keptAs(officer), JSON.stringify(settings));
}

export function isHeard(alert: Pick<Alert, "severity">, { isOn, from }: SoundSettings): boolean {
  return isOn && SEVERITIES.indexOf(alert.severity) >= SEVERITIES.indexOf(from);
}

/**
 * Whether an alert was not heard at this browser before: each is heard once, in one tab.
 *
 * Neither a connection that comes back, nor a page that is read anew, nor a second tab repeats it.
 */
export function isFirstTime(id: string): boolean {
  const heard = (localStorage.getItem(HEARD_AS) ?? "").split(" ");
  if (heard.includes(id)) return false;
  localStorage.setItem(HEARD_AS, [...heard, id].slice(-REMEMBERED).join(" "));
  return true;
}

/** One tone: pitch in hertz, beginning and length in seconds. */
export interface Tone {
  readonly pitch: number;
  readonly at: number;
  readonly length: number;
}

/** What a severity sounds like: told apart by the number of tones, not by their pitch alone. */
export const TONES: Readonly<Record<Severity, readonly Tone[]>> = {
  attention: [{ pitch: 587, at: 0, length: 0.22 }],
  warning: [
    { pitch: 659, at: 0, length: 0.16 },
    { pitch: 784, at: 0.22, length: 0.22 },
  ],
  serious: [
    { pitch: 880, at: 0, length: 0.16 },
    { pitch: 698, at: 0.2, length: 0.16 },
    { pitch: 880, at: 0.4, length: 0.16 },
    { pitch: 698, at: 0.6, length: 0.3 },
  ],
};

/** The most serious of several. */
export function gravest(severities: readonly Severity[]): Severity | null {
  return [...SEVERITIES].reverse().find((one) => severities.includes(one)) ?? null;
}
