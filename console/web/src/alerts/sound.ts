/** The sound of new alerts: several at once sound as the gravest of them, and each alert once. */
import { computed, type Ref, ref, watch } from "vue";

import type { Severity } from "@/api/facts";
import { useBoard } from "@/board/store";
import { useSession } from "@/session/session";

import { gravest, isFirstTime, isHeard, keepSettings, settingsOf, SILENT, type SoundSettings, TONES } from "./sounding";

/** What arises within so many milliseconds sounds once. */
const TOGETHER_MS = 400;

const settings = ref<SoundSettings>(SILENT);
/** Whether the browser lets the page sound: not before somebody has pressed something. */
const isHeld = ref(false);
let speaker: AudioContext | null = null;

function open(): AudioContext {
  speaker ??= new AudioContext();
  return speaker;
}

async function wake(): Promise<void> {
  if (!settings.value.isOn) return;
  const context = open();
  if (context.state === "suspended") await context.resume();
  isHeld.value = context.state === "suspended";
}

/** Let a severity sound now. */
export function sound(severity: Severity, volume: number): void {
  const context = open();
  isHeld.value = context.state === "suspended";
  for (const { pitch, at, length } of TONES[severity]) {
    const from = context.currentTime + at;
    const tone = new OscillatorNode(context, { frequency: pitch, type: "triangle" });
    const gain = new GainNode(context, { gain: 0 });
    // Without a soft beginning and end each tone would crack.
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(volume, from + 0.015);
    gain.gain.setValueAtTime(volume, from + length - 0.03);
    gain.gain.linearRampToValueAtTime(0, from + length);
    tone.connect(gain).connect(context.destination);
    tone.start(from);
    tone.stop(from + length);
  }
}

/** The switch of this officer at this browser, for the screen. */
export function useSoundSwitch(): { readonly settings: Readonly<Ref<SoundSettings>>; readonly isHeld: Readonly<Ref<boolean>>; readonly change: (changed: Partial<SoundSettings>) => void } {
  const session = useSession();
  return {
    settings,
    isHeld: computed(() => settings.value.isOn && isHeld.value),
    change: (changed) => {
      settings.value = { ...settings.value, ...changed };
      keepSettings(session.user?.name ?? "", settings.value);
      if (settings.value.isOn) void wake().then(() => { sound("warning", settings.value.volume); });
    },
  };
}

/** Let new alerts be heard. Used once, by the app. */
export function useSoundNotices(play: typeof sound = sound): void {
  const board = useBoard();
  const session = useSession();
  let waiting: Severity[] = [];

  function soon(severity: Severity): void {
    waiting.push(severity);
    if (waiting.length > 1) return;
    setTimeout(() => {
      const loudest = gravest(waiting);
      waiting = [];
      if (loudest !== null && settings.value.isOn) play(loudest, settings.value.volume);
    }, TOGETHER_MS);
  }

  watch(
    () => session.user?.name ?? "",
    (officer) => {
      settings.value = settingsOf(officer);
      isHeld.value = true;
    },
    { immediate: true },
  );
  for (const pressed of ["pointerdown", "keydown"]) addEventListener(pressed, () => void wake(), { passive: true });
  watch(
    () => board.news,
    (news) => {
      // Heard or not, an alert that was there is not new when somebody turns the sound on later.
      if (news?.kind === "new" && isFirstTime(news.alert.id) && isHeard(news.alert, settings.value)) soon(news.alert.severity);
    },
    { flush: "sync" },
  );
}
