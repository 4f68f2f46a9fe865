// X.509 certificates for an hour (RFC 5280), made when a test needs them: an authority, and what it vouches for.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

export interface Authority extends Certificate {
  /** `dnsName` undefined: the certificate of a client. */
  issue(commonName: string, dnsName?: string): Certificate;
}

export function newAuthority(commonName: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { commonName, privateKey };
  return {
    ...certify(issuer, { commonName, publicKey, privateKey }, [isAuthority]),
    issue(name, dnsName) {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return certify(issuer, { commonName: name, ...pair }, dnsName === undefined ? [] : [nameOf(dnsName)]);
    },
  };
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const text = (value: string): Buffer => der(0x0c, Buffer.from(value));
const nameWith = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid("550403"), text(commonName))));
const time = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, "").slice(2, 14)}Z`));
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
/** basicConstraints, critical, cA. */
const isAuthority = sequence(
  oid("551d13"),
  der(0x01, Buffer.of(0xff)),
  der(0x04, sequence(der(0x01, Buffer.of(0xff)))),
);
/** subjectAltName with one dNSName. */
const nameOf = (dnsName: string): Buffer =>
  sequence(oid("551d11"), der(0x04, sequence(der(0x82, Buffer.from(dnsName)))));

function certify(
  issuer: { readonly commonName: string; readonly privateKey: KeyObject },
  subject: { readonly commonName: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  extensions: readonly Buffer[],
): Certificate {
  const hourMs = 3_600_000;
  const now = Date.now();
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1), randomBytes(15)),
    ecdsaWithSha256,
    nameWith(issuer.commonName),
    sequence(time(new Date(now - hourMs)), time(new Date(now + hourMs))),
    nameWith(subject.commonName),
    subject.publicKey.export({ type: "spki", format: "der" }),
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const signature = sign("sha256", toBeSigned, issuer.privateKey);
  const bytes = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.of(0), signature));
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    privateKey: subject.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
