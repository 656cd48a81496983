// @vitest-environment node
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Client, clientOf } from "./client";
import { cameraPlaylist, transactionPlaylist } from "./records";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly csrf: string;
  readonly body: string;
}

const SESSION = { user: { id: "u1", name: "officer", role: "officer" }, csrf: "secret" };

describe("the client", () => {
  let server: Server;
  let client: Client;
  let asked: Asked[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    asked = [];
    answer = (_request, response) => response.end("{}");
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        asked.push({ method: request.method ?? "", url: request.url ?? "", csrf: String(request.headers["x-csrf-token"] ?? ""), body });
        answer(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  function says(status: number, body: string, headers: Record<string, string> = {}): void {
    answer = (_request, response) => response.writeHead(status, headers).end(body);
  }

  it("answers with the value", async () => {
    says(200, JSON.stringify({ items: [{ id: "h1" }], next: null }));
    expect(await client.halls.all()).toEqual({ status: "ok", value: { items: [{ id: "h1" }], next: null } });
  });

  it("answers with the problem that the server names", async () => {
    says(422, JSON.stringify({ type: "about:blank", title: "Wrong", status: 422, detail: "no", errors: [{ field: "to", message: "late" }] }));
    const outcome = await client.halls.observations({ kind: "presence" });
    expect(outcome).toMatchObject({ status: "problem", problem: { status: 422, errors: [{ field: "to", message: "late" }] } });
  });

  it("makes a problem of an answer that is none", async () => {
    says(500, "<html>oops</html>");
    expect(await client.halls.all()).toMatchObject({ status: "problem", problem: { status: 500, errors: [] } });
  });

  it("says that the server cannot be reached when nobody or only a proxy answers", async () => {
    says(502, "bad gateway");
    expect(await client.halls.all()).toEqual({ status: "unreachable" });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await client.halls.all()).toEqual({ status: "unreachable" });
  });

  it("says that the server cannot be reached when the answer is cut short", async () => {
    says(200, '{"items": [');
    expect(await client.halls.all()).toEqual({ status: "unreachable" });
  });

  it("sends the token of its session with what changes something, and only with that", async () => {
    says(200, JSON.stringify(SESSION));
    await client.account.logIn("officer", "password");
    await client.halls.all();
    await client.alerts.act("a/1", "dismiss", 3, { reason: "seen on the picture" });
    expect(asked.map(({ method, url, csrf }) => [method, url, csrf])).toEqual([
      ["POST", "/api/v1/session", ""],
      ["GET", "/api/v1/halls", ""],
      ["POST", "/api/v1/alerts/a%2F1/actions", "secret"],
    ]);
    expect(asked[2]?.body).toBe('{"action":"dismiss","revision":3,"reason":"seen on the picture"}');
  });

  it("tells once the server no longer knows who asks, but not while logging in", async () => {
    let told = 0;
    client.connection.onLoggedOut = () => (told += 1);
    says(401, "{}");
    await client.account.logIn("officer", "wrong");
    await client.account.session();
    expect(told).toBe(0);
    await client.halls.all();
    expect(told).toBe(1);
  });

  it("leaves out what is not asked for", async () => {
    await client.alerts.all({ status: "open" });
    await client.records.transactions({ ticket: "A012" });
    expect(asked.map(({ url }) => url)).toEqual(["/api/v1/alerts?status=open", "/api/v1/transactions?ticket=A012"]);
  });

  it("carries a live offer and says where its session is", async () => {
    says(201, "v=0", { Location: "/api/v1/live/c1/whep/s1" });
    expect(await client.live.offer("c1", "offer")).toEqual({ status: "ok", value: { sdp: "v=0", session: "/api/v1/live/c1/whep/s1" } });
    expect(asked[0]?.body).toBe("offer");
  });
});

describe("the addresses of playlists", () => {
  it("name the transaction or the camera and its time", () => {
    expect(transactionPlaylist("x 1", "c1")).toBe("/api/v1/transactions/x%201/playlist.m3u8?camera=c1");
    expect(cameraPlaylist("c1", "2026-03-02T01:00:00Z", "2026-03-02T02:00:00Z")).toBe(
      "/api/v1/cameras/c1/playlist.m3u8?from=2026-03-02T01%3A00%3A00Z&to=2026-03-02T02%3A00%3A00Z",
    );
  });
});
