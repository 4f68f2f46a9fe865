// Notes, in memory: put your own data here.

export interface Note {
  readonly author: string;
  readonly text: string;
}

const notes: Note[] = [];

export function notesOf(author: string): readonly Note[] {
  return notes.filter((note) => note.author === author);
}

export function addNote(author: string, text: string): Note {
  const note = { author, text };
  notes.push(note);
  return note;
}
