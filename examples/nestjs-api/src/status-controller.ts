// For whoever watches the service, stranger or not.
import type { AccessVerifier, AccessVerifierStatus } from "@countersign/verifier";
import { AllowAnonymous } from "@countersign/verifier/nest";
import { Controller, Get, Inject } from "@nestjs/common";

@Controller("status")
@AllowAnonymous()
export class StatusController {
  readonly #verifier: AccessVerifier;

  constructor(@Inject("verifier") verifier: AccessVerifier) {
    this.#verifier = verifier;
  }

  @Get()
  status(): AccessVerifierStatus {
    return this.#verifier.status();
  }
}
