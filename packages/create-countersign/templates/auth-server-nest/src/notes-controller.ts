// The routes of the notes. Each needs an identity, as app-module.ts puts the guard before all of them.
import { Identity } from "@countersign/verifier/nest";
import { BadRequestException, Body, Controller, Get, Post } from "@nestjs/common";
import { addNote, type Note, notesOf } from "./notes.ts";

@Controller("notes")
export class NotesController {
  @Get()
  mine(@Identity() { subject }: Identity): readonly Note[] {
    return notesOf(subject);
  }

  @Post()
  write(@Identity() { subject }: Identity, @Body() { text }: { text?: unknown }): Note {
    if (typeof text !== "string" || text === "") {
      throw new BadRequestException("text must be a string that is not empty");
    }
    return addNote(subject, text);
  }
}
