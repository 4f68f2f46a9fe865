import { describe, expect, test } from "vitest";
import { countQuotes, freezeJson, maxJsonDepth, parseJsonObject, writeJsonObject } from "../src/json.ts";

const parse = (text: string): unknown => parseJsonObject(Buffer.from(text));

/** An object in which objects and arrays are nested this deep. */
function nested(depth: number, kind: "arrays" | "objects"): string {
  return kind === "arrays"
    ? `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`
    : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
}

describe("strict JSON objects", () => {
  test("are read whatever their white space, order and escapes", () => {
    expect(parse(' {\n"b" :\t[ 1 , {"c":null} ] , "a":"\\u00fc\\n" } ')).toEqual({
      b: [1, { c: null }],
      a: "ü\n",
    });
    expect(parse("{}")).toEqual({});
    expect(parse('{"1":1,"0":0}')).toEqual({ "0": 0, "1": 1 });
  });

  test("may have a name of the prototype, as a member of their own", () => {
    const value = parse('{"__proto__":{"admin":true},"constructor":1}');
    expect(Object.keys(value ?? {})).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test("TV-05: are not arrays, nor any other value (RFC 7519 §7.2)", () => {
    for (const text of ["[]", '[{"a":1}]', "null", "1", '"a"', "true", ""])
      expect(parse(text), text).toBeUndefined();
  });

  test("TV-05: end where the object ends (RFC 7515 §10.12)", () => {
    for (const text of ["{}{}", "{},", "{}]", "{} x", "{", '{"a":1', '{"a":1,}', "\ufeff{}"]) {
      expect(parse(text), text).toBeUndefined();
    }
  });

  test("TV-05: have no name twice, at any depth and however it is spelt (RFC 7515 §4)", () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":1,"b":2,"a":3}',
      '{"a":1,"\\u0061":2}',
      '{"x":{"a":1,"a":1}}',
      '{"x":[[{"a":1,"a":1}]]}',
      '{"x":{"a":1,"b":2},"x":1}',
      '{"a":":","a":1}',
      '{"a" : 1 , "a" : 1}',
      '{"__proto__":1,"__proto__":1}',
      '{"":1,"":1}',
    ]) {
      expect(parse(text), text).toBeUndefined();
    }
  });

  test("may have one name in different objects, and colons and quotes in strings", () => {
    for (const text of [
      '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
      '{"a":":","b":"a:b::"}',
      '{":":1,"::":2}',
      '{"a":"\\":\\"","b":"\\\\","c":"\\\\\\":"}',
    ]) {
      expect(parse(text), text).toEqual(JSON.parse(text));
    }
  });

  test("TV-05: are valid UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(parseJsonObject(bytes)).toBeUndefined();
  });

  test("hold no half of a surrogate pair, in names or values (RFC 8259 §8.2)", () => {
    for (const text of [
      '{"a":"\\ud800"}',
      '{"\\udfff":1}',
      '{"a":[{"b":"x\\uDBFF"}]}',
      '{"a":"\\udc00\\ud800"}',
    ]) {
      expect(parse(text), text).toBeUndefined();
    }
    for (const text of ['{"a":"\\ud834\\udd1e"}', '{"a":"\\\\ud800"}', '{"a":null,"b":"\\n"}']) {
      expect(parse(text), text).toEqual(JSON.parse(text));
    }
  });

  test.each(["arrays", "objects"] as const)("nest %s as deep as allowed and no deeper", (kind) => {
    expect(parse(nested(maxJsonDepth, kind))).toBeDefined();
    expect(parse(nested(maxJsonDepth + 1, kind))).toBeUndefined();
    expect(parse(nested(100_000, kind))).toBeUndefined();
  });

  test("may hold null at the deepest level", () => {
    expect(parse(nested(maxJsonDepth, "objects").replace("1", "null"))).toBeDefined();
  });

  test("are read up to the given length", () => {
    expect(parseJsonObject(Buffer.from('{"a":1}:"{'), 7)).toEqual({ a: 1 });
  });
});

describe("writing JSON objects", () => {
  test("gives text that is read again", () => {
    const value = { a: [1, { b: "ü\u2028" }], "\\ud": "\\ud800", c: undefined };
    expect(parse(writeJsonObject(value))).toEqual({ a: [1, { b: "ü\u2028" }], "\\ud": "\\ud800" });
  });

  test("refuses half a surrogate pair", () => {
    expect(() => writeJsonObject({ a: "\ud800" })).toThrow("cannot be written as JSON");
  });

  test("refuses what is no object in JSON", () => {
    expect(() => writeJsonObject({ toJSON: () => 1 })).toThrow("cannot be written as JSON");
    expect(() => writeJsonObject({ toJSON: () => undefined })).toThrow("cannot be written as JSON");
    expect(() => writeJsonObject({ a: 1n })).toThrow(TypeError);
  });

  test("refuses objects that nest too deep, or in a circle", () => {
    const deep = JSON.parse(nested(maxJsonDepth + 1, "objects")) as object;
    expect(() => writeJsonObject(deep)).toThrow("nested too deep");
    expect(writeJsonObject(JSON.parse(nested(maxJsonDepth, "objects")) as object)).toContain('"a"');
    const circle: { self?: object } = {};
    circle.self = [circle];
    expect(() => writeJsonObject(circle)).toThrow("nested too deep");
  });
});

test("freezing reaches everything", () => {
  const value = { a: [1, { b: [] }], c: null, d: "x" };
  expect(freezeJson(value)).toBe(value);
  for (const part of [value, value.a, value.a[1]]) expect(Object.isFrozen(part)).toBe(true);
  expect(Object.isFrozen((value.a[1] as { b: unknown }).b)).toBe(true);
});

describe("quotes are counted as they are", () => {
  const countOneByOne = (bytes: Buffer): number => bytes.filter((byte) => byte === 0x22).length;

  test("among bytes of every value beside them, in every place of a word", () => {
    for (let value = 0; value < 256; value += 1) {
      for (let place = 0; place < 8; place += 1) {
        const bytes = Buffer.alloc(9, value);
        bytes[place] = 0x22;
        expect(countQuotes(bytes, 9), `${value} at ${place}`).toBe(countOneByOne(bytes));
      }
    }
  });

  test("however many there are, and no further than told", () => {
    for (const length of [0, 1, 3, 4, 5, 1019, 1020, 1021, 1024, 2040, 5003]) {
      const bytes = Buffer.alloc(6000, '"');
      expect(countQuotes(bytes, length)).toBe(length);
      bytes.fill("x", length);
      expect(countQuotes(bytes, 6000)).toBe(length);
    }
  });

  test("in buffers that begin anywhere and end anywhere", () => {
    const all = Buffer.from('{"a":"b","c":["d"]}'.repeat(100));
    for (let start = 0; start < 9; start += 1) {
      for (let end = all.length - 9; end <= all.length; end += 1) {
        const bytes = all.subarray(start, end);
        expect(countQuotes(bytes, bytes.length)).toBe(countOneByOne(bytes));
      }
    }
  });
});

test("RFC 7519 §4: a name that occurs twice is found among escapes, white space and colons of any kind", () => {
  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1e2,"a" :1}',
    '{"a":":","b":"\\"","a":1}',
    '{"a":"\\"\\"","\\u0061":""}',
    '{"x":{"a":[{"b":1,"b":"\\""}]}}',
    '{"":1,"":"\\"\\""}',
  ]) {
    expect(parse(text), text).toBeUndefined();
    expect(JSON.parse(text), text).toBeTypeOf("object");
  }
  for (const text of ['{"a":"\\"a\\":1","b":":"}', '{"a":"\\\\","b":"\\""}', '{"\\"":"\\"","\\"\\"":0}']) {
    expect(parse(text), text).toEqual(JSON.parse(text));
  }
});
