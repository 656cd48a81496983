/** Whether the sheet of keys is shown. */
import { ref } from "vue";

export const isKeySheetOpen = ref(false);
