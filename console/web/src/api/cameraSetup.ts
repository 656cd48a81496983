import { address } from "./address";
import { Calls, PATIENT_MS } from "./connection";
import type { CameraTrial, CameraTrialOrder, DeviceAnswer, DiscoveredDevice, Examination, Page, SetupStill } from "./facts";
import type { Outcome } from "./outcome";

/** Where a picture is that this user took while setting a camera up. */
export function setupStill(id: string): string {
  return address(`/camera-setup/stills/${encodeURIComponent(id)}`);
}

/** Setting a camera up: find it, try it, take its picture, try its zones. */
export class CameraSetupCalls extends Calls {
  discover(seconds: number): Promise<Outcome<Page<DiscoveredDevice>>> {
    return this.connection.json("POST", address("/camera-setup/discoveries"), { seconds });
  }

  readDevice(device: string, user: string, password: string): Promise<Outcome<DeviceAnswer>> {
    return this.connection.json("POST", address("/camera-setup/devices"), { address: device, user, password }, false, { limitMs: PATIENT_MS });
  }

  /** Connect to a stream as a recording would, for some seconds. */
  tryCamera(order: CameraTrialOrder): Promise<Outcome<CameraTrial>> {
    return this.connection.json("POST", address("/camera-setup/trials"), order, false, { limitMs: PATIENT_MS });
  }

  /** Take the newest picture of a camera. */
  takeStill(camera: string): Promise<Outcome<SetupStill>> {
    return this.connection.json("POST", address(`/camera-setup/cameras/${encodeURIComponent(camera)}/stills`));
  }

  /** Try zones on a picture that was taken before, with the detector that runs. */
  examineZones(still: string, zones: readonly object[]): Promise<Outcome<Examination>> {
    return this.connection.json("POST", address("/camera-setup/examinations"), { still, zones });
  }
}
