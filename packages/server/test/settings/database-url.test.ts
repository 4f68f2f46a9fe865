import { describe, expect, test } from "vitest";
import { readPostgresUrl } from "../../src/settings/database-url.ts";

describe("several hosts in a PostgreSQL URL", () => {
  test.each([
    ["u:p@h1:1,h2:2/a", ["u:p@h1:1/a", "u:p@h2:2/a"]],
    ["u:p@h1:1,h2/a?target_session_attrs=read-write", ["u:p@h1:1/a", "u:p@h2/a"]],
    [
      "h1,h2,[::1]:5433/a?target_session_attrs=primary&application_name=x",
      ["h1", "h2", "[::1]:5433"].map((host) => `${host}/a?application_name=x`),
    ],
    ["u:p%2C@h1,h2", ["u:p%2C@h1", "u:p%2C@h2"]],
    ["u:p,q@h1,h2/a,b", ["u:p,q@h1/a,b", "u:p,q@h2/a,b"]],
    ["/a?host=h1,h2&port=1,2", ["/a?host=h1&port=1", "/a?host=h2&port=2"]],
    [
      "/a?host=/run/one,/run/two&port=5433",
      ["/a?host=%2Frun%2Fone&port=5433", "/a?host=%2Frun%2Ftwo&port=5433"],
    ],
    ["h1/a?target_session_attrs=any", ["h1/a"]],
  ])("%s", (written, ways) => {
    expect(readPostgresUrl(`postgres://${written}`).connectionStrings).toEqual(
      ways.map((way) => `postgres://${way}`),
    );
  });

  test.each([
    ["h1,h2/a?target_session_attrs=standby", "must be read-write, primary, any"],
    ["h1,,h2/a", "an empty host"],
    ["h1:1,h2:x/a", "cannot be read"],
    ["/a?host=h1,h2,h3&port=1,2", "one port for all of its hosts, or one for each"],
  ])("%s is a mistake, told without the password", (written, message) => {
    const read = (): unknown => readPostgresUrl(`postgres://${written}`);
    expect(read).toThrow(TypeError);
    expect(read).toThrow(message);
  });

  test("all of them on this machine need no TLS; one elsewhere, and all have it", () => {
    expect(readPostgresUrl("postgres://localhost:1,127.0.0.1:2/a").protection).toBe("none");
    expect(readPostgresUrl("postgres://localhost:1,db.example.com/a").protection).toBe("verify_full");
    expect(readPostgresUrl("postgres:///a?host=/run/postgresql,db.example.com").protection).toBe(
      "verify_full",
    );
  });
});
