import { describe, expect, it } from "vitest";

import { addressOf, MARK, partsOf } from "./address";

describe("a camera's address in a form", () => {
  it("is taken apart and put together again", () => {
    const parts = partsOf("rtsp://view%40er:p%40ss%2Fw@10.0.0.1:554/a@b?x=1");
    expect(parts).toEqual({ stream: "rtsp://10.0.0.1:554/a@b?x=1", user: "view@er", password: "p@ss/w", isKept: false });
    expect(addressOf(parts.stream, parts.user, parts.password)).toBe("rtsp://view%40er:p%40ss%2Fw@10.0.0.1:554/a@b?x=1");
    expect(partsOf("rtsp://10.0.0.1/a")).toEqual({ stream: "rtsp://10.0.0.1/a", user: "", password: "", isKept: false });
  });

  it("never shows a kept password, and means it until another is typed", () => {
    const kept = `rtsp://viewer:${MARK}@10.0.0.1/a`;
    expect(partsOf(kept)).toEqual({ stream: "rtsp://10.0.0.1/a", user: "viewer", password: "", isKept: true });
    expect(addressOf("rtsp://10.0.0.1/b", "viewer", "", kept)).toBe(`rtsp://viewer:${MARK}@10.0.0.1/b`);
    expect(addressOf("rtsp://10.0.0.1/b", "viewer", "new", kept)).toBe("rtsp://viewer:new@10.0.0.1/b");
    expect(addressOf("rtsp://h/a", "${USER}", "", "rtsp://${USER}:${PASSWORD}@h/a")).toBe("rtsp://${USER}:${PASSWORD}@h/a");
  });

  it("puts a typed password where a device wants it in the path", () => {
    expect(addressOf(`rtsp://h/user=a&password=${MARK}`, "", "p&w")).toBe("rtsp://h/user=a&password=p%26w");
  });

  it("leaves paths and devices as they are", () => {
    expect(addressOf("/media/a.mp4", "", "")).toBe("/media/a.mp4");
  });
});
