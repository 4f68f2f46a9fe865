// The time, to the second, for sentences such as "in 9 minutes".
import { signal } from "@preact/signals";

const second = 1000;

export const nowSeconds = signal(Math.floor(Date.now() / second));

setInterval(() => {
  nowSeconds.value = Math.floor(Date.now() / second);
}, second);
