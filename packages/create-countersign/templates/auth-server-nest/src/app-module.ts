// The module of the app.
import type { AccessVerifier } from "@countersign/verifier";
import { CountersignModule } from "@countersign/verifier/nest";
import type { DynamicModule } from "@nestjs/common";
import { NotesController } from "./notes-controller.ts";

export class AppModule {
  static forRoot(verifier: AccessVerifier): DynamicModule {
    return {
      module: AppModule,
      imports: [CountersignModule.forRoot(verifier)],
      controllers: [NotesController],
    };
  }
}
