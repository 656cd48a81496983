/** Asks once more before something that hurts. */
import { ElMessageBox } from "element-plus";

import "element-plus/theme-chalk/el-message-box.css";

/** True when it was confirmed. `act` is the title, and the word on the button. */
export async function confirmed(act: string, lead: string, cancel: string): Promise<boolean> {
  try {
    await ElMessageBox.confirm(lead, act, { confirmButtonText: act, cancelButtonText: cancel });
    return true;
  } catch {
    return false;
  }
}
