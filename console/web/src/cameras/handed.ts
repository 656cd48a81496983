/** The picture of a trial, handed over to whoever draws on it next: a camera that was just saved has no other yet. */
import { shallowRef } from "vue";

import type { SetupStill } from "@/api/facts";

export const handed = shallowRef<{ readonly camera: string; readonly still: SetupStill } | null>(null);
