// The module of the app: with `CountersignModule` in it, every route needs an identity.
import { createAccessVerifier } from "@countersign/verifier";
import { CountersignModule } from "@countersign/verifier/nest";
import type { DynamicModule } from "@nestjs/common";
import { NotesController } from "./notes-controller.ts";
import { StatusController } from "./status-controller.ts";

// oxlint-disable-next-line typescript/no-extraneous-class -- modules of NestJS are classes
class AppModule {}

export function createAppModule(trust: {
  readonly issuer: string;
  readonly audience: string;
}): DynamicModule {
  const verifier = createAccessVerifier(trust);
  return {
    module: AppModule,
    imports: [CountersignModule.forRoot(verifier)],
    controllers: [NotesController, StatusController],
    providers: [
      { provide: "verifier", useValue: verifier },
      { provide: "shutdown", useValue: { onApplicationShutdown: verifier.close } },
    ],
  };
}
