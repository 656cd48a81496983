/** The form of a camera: what people type, and the camera of the configuration that it means. */
import type { CameraTrialOrder, ConfiguredCamera } from "@/api/facts";

import { addressOf, MARK, partsOf } from "./address";

export interface CameraForm {
  id: string;
  zh: string;
  en: string;
  stream: string;
  user: string;
  password: string;
  /** The second, smaller stream; empty for none. */
  substream: string;
  transport: "tcp" | "udp";
  certificate: string;
  record: boolean;
  sampleEvery: number;
  pictureDays: number | null;
  soundDays: number | null;
}

export const EMPTY: Readonly<CameraForm> = {
  id: "", zh: "", en: "", stream: "", user: "", password: "", substream: "", transport: "tcp", certificate: "any",
  record: true, sampleEvery: 2, pictureDays: null, soundDays: null,
};

export function formOf(camera: ConfiguredCamera): CameraForm {
  const main = partsOf(camera.url);
  return {
    id: camera.id,
    zh: camera.name.zh,
    en: camera.name.en,
    stream: main.stream,
    user: main.user,
    password: "",
    substream: partsOf(camera.substream ?? "").stream,
    transport: camera.transport ?? "tcp",
    certificate: camera.certificate ?? "any",
    record: camera.record ?? true,
    sampleEvery: camera.sample_every ?? 2,
    pictureDays: camera.keep?.picture_days ?? null,
    soundDays: camera.keep?.sound_days ?? null,
  };
}

/** Whether the server keeps a password for the camera's stream. */
export function isPasswordKept(camera: ConfiguredCamera | null): boolean {
  return camera !== null && (partsOf(camera.url).isKept || camera.url.includes(MARK));
}

/** The camera that a form means; of `before` stays what the form does not show. */
export function cameraOf(form: CameraForm, before: ConfiguredCamera | null): ConfiguredCamera {
  const keep = { ...before?.keep, picture_days: form.pictureDays, sound_days: form.soundDays };
  const hasKeep = Object.values(keep).some((value) => typeof value === "number");
  const substream = form.substream.trim() === "" ? null : addressOf(form.substream, form.user, form.password, before?.substream ?? "");
  return {
    ...before,
    id: form.id,
    name: { zh: form.zh.trim(), en: form.en.trim() },
    url: addressOf(form.stream, form.user, form.password, before?.url ?? ""),
    substream,
    transport: form.transport,
    certificate: form.certificate.trim(),
    record: form.record,
    sample_every: form.sampleEvery,
    keep: hasKeep ? keep : null,
  };
}

export function trialOf(form: CameraForm, before: ConfiguredCamera | null): CameraTrialOrder {
  const { url } = cameraOf(form, before);
  return { url, transport: form.transport, certificate: form.certificate.trim(), camera: before?.id ?? null };
}

/** Whether an address is one that can be tried: files and devices of the server are not. */
export function canBeTried(form: CameraForm): boolean {
  return /^rtsps?:\/\/\S/iu.test(form.stream.trim());
}
