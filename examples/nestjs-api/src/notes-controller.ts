// Notes, which belong to whoever writes them.
import { Identity, Roles } from "@countersign/verifier/nest";
import { Body, Controller, Delete, Get, HttpCode, Post } from "@nestjs/common";

interface Note {
  readonly author: string;
  readonly text: string;
}

@Controller("notes")
export class NotesController {
  #notes: readonly Note[] = [];

  @Get()
  mine(@Identity() { subject }: Identity): readonly Note[] {
    return this.#notes.filter(({ author }) => author === subject);
  }

  @Post()
  write(@Identity() { subject }: Identity, @Body() { text }: { text: unknown }): Note {
    const note = { author: subject, text: String(text) };
    this.#notes = [...this.#notes, note];
    return note;
  }

  @Delete()
  @HttpCode(204)
  @Roles("admin")
  clear(): void {
    this.#notes = [];
  }
}
