/** The cameras of a hall as its configuration has them, and how one is saved: upon what was read, or not at all. */
import { computed, type ComputedRef, type Ref, ref, shallowRef, watch } from "vue";

import { client, type Failure } from "@/api/client";
import type { ConfiguredCamera, ConfiguredCameras, ProblemDocument } from "@/api/facts";
import { type Load, useLoad } from "@/shell/load";

/** Why something was not saved: faults by their field, or somebody who was faster. */
export interface Refusal {
  readonly failure: Failure;
  /** True when the camera was changed by somebody else meanwhile: nothing of theirs was overwritten. */
  readonly isConflict: boolean;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Configured {
  readonly load: Load<ConfiguredCameras>;
  readonly cameras: ComputedRef<readonly ConfiguredCamera[]>;
  readonly isSaving: Ref<boolean>;
  readonly refusal: Ref<Refusal | null>;
  /** Save a camera; what stands then, or null when it was refused. */
  readonly save: (camera: ConfiguredCamera) => Promise<ConfiguredCamera | null>;
  readonly remove: (camera: string) => Promise<boolean>;
}

export function useConfigured(hall: Ref<string>): Configured {
  const load = useLoad<ConfiguredCameras>(() => client.configuredCameras(hall.value));
  const isSaving = ref(false);
  const refusal = shallowRef<Refusal | null>(null);
  const cameras = computed(() => load.value.value?.value ?? []);

  watch(hall, () => {
    if (hall.value !== "") void load.read();
  }, { immediate: true });

  async function save(camera: ConfiguredCamera): Promise<ConfiguredCamera | null> {
    isSaving.value = true;
    refusal.value = null;
    const told = await client.putCamera(hall.value, camera, load.value.value?.etag ?? "");
    isSaving.value = false;
    if (told.status !== "ok") {
      refusal.value = refused(told);
      return null;
    }
    const { etag, value } = told.value;
    const others = cameras.value.filter((one) => one.id !== value.id);
    load.value.value = { etag, value: [...others, value] };
    return value;
  }

  async function remove(camera: string): Promise<boolean> {
    isSaving.value = true;
    refusal.value = null;
    const told = await client.removeCamera(hall.value, camera, load.value.value?.etag ?? "");
    isSaving.value = false;
    if (told.status !== "ok") refusal.value = refused(told);
    await load.read();
    return told.status === "ok";
  }

  return { load, cameras, isSaving, refusal, save, remove };
}

function refused(failure: Failure): Refusal {
  if (failure.status !== "problem") return { failure, isConflict: false, fields: {} };
  return { failure, isConflict: failure.problem.status === 412, fields: fieldsOf(failure.problem) };
}

function fieldsOf(problem: ProblemDocument): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const { field, message } of problem.errors) fields[field] = fields[field] ? `${fields[field]}; ${message}` : message;
  return fields;
}
