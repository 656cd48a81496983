/** Asks once more before something that hurts. */
import { ElMessageBox } from "element-plus";

import "element-plus/theme-chalk/el-message-box.css";

/** True when it was confirmed. `act` is the title and the word on the button, without the dots that promise a question. */
export async function confirmed(act: string, lead: string, cancel: string): Promise<boolean> {
  const title = act.replace(/…$/, "");
  try {
    await ElMessageBox.confirm(lead, title, { confirmButtonText: title, cancelButtonText: cancel });
    return true;
  } catch {
    return false;
  }
}
