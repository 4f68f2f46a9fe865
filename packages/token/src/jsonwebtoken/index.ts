/**
 * The face of jsonwebtoken 9 over this package's engine: change the name that is imported, keep the code.
 *
 * Everything that is safe behaves as there; what is not is an error that says so. The page
 * `docs/coming-from-jsonwebtoken.md` of this package lists the differences. New code is better off with the engine itself.
 */
import { decode } from "./decode.ts";
import { JsonWebTokenError, NotBeforeError, TokenExpiredError } from "./errors.ts";
import { sign } from "./sign.ts";
import { verify } from "./verify.ts";

export { decode, JsonWebTokenError, NotBeforeError, sign, TokenExpiredError, verify };
export type {
  Algorithm,
  DecodeOptions,
  GetPublicKeyOrSecret,
  Jwt,
  JwtHeader,
  JwtPayload,
  PrivateKey,
  PublicKey,
  Secret,
  SignCallback,
  SigningKeyCallback,
  SignOptions,
  VerifyCallback,
  VerifyErrors,
  VerifyOptions,
} from "./types.ts";

/** For `import jwt from …`, as most programs have it. */
const jsonwebtoken: {
  readonly sign: typeof sign;
  readonly verify: typeof verify;
  readonly decode: typeof decode;
  readonly JsonWebTokenError: typeof JsonWebTokenError;
  readonly TokenExpiredError: typeof TokenExpiredError;
  readonly NotBeforeError: typeof NotBeforeError;
} = { sign, verify, decode, JsonWebTokenError, TokenExpiredError, NotBeforeError };

export default jsonwebtoken;
