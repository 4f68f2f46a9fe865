// Starts the pages.
import { render } from "preact";
import { App } from "./app.tsx";
import { language } from "./texts/language.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/controls.css";
import "./styles/token.css";

document.documentElement.lang = language;
const root = document.querySelector("#app");
if (root === null) throw new TypeError("The document has no element #app");
render(<App />, root);
