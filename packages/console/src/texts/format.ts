// Numbers and times as people of the page's language write them.
import { language } from "./language.ts";

const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });
const shortClock = new Intl.DateTimeFormat(language, { timeStyle: "short", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
const smallDay = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
const nearDay = new Intl.DateTimeFormat(language, { weekday: "long" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const plain = new Intl.NumberFormat(language);

const minuteSeconds = 60;
const hourSeconds = 3600;
const daySeconds = 86_400;

/** 20:12:12 */
export function clockTime(seconds: number): string {
  return clock.format(seconds * 1000);
}

/** 20:12, or the day before it where that is another one. */
export function moment(date: Date, now: Date): string {
  const time = shortClock.format(date);
  if (date.toDateString() === now.toDateString()) return `${relative.format(0, "day")}, ${time}`;
  const ageDays = (now.getTime() - date.getTime()) / 1000 / daySeconds;
  return `${ageDays < 6 ? nearDay.format(date) : day.format(date)}, ${time}`;
}

/** A date with its time, for times that may be far away. */
export function dateTime(seconds: number, nowSeconds: number): string {
  const isNear = new Date(seconds * 1000).toDateString() === new Date(nowSeconds * 1000).toDateString();
  return isNear ? clockTime(seconds) : `${day.format(seconds * 1000)}, ${clockTime(seconds)}`;
}

/** "in 9 minutes", "4 minutes ago". */
export function fromNow(deltaSeconds: number): string {
  const size = Math.abs(deltaSeconds);
  if (size < minuteSeconds) return relative.format(Math.round(deltaSeconds), "second");
  if (size < hourSeconds) return relative.format(Math.trunc(deltaSeconds / minuteSeconds), "minute");
  if (size < 2 * daySeconds) return relative.format(Math.trunc(deltaSeconds / hourSeconds), "hour");
  return relative.format(Math.trunc(deltaSeconds / daySeconds), "day");
}

export function count(number: number): string {
  return plain.format(number);
}

/** Small times keep two digits that say something. */
export function milliseconds(ms: number): string {
  const digits = ms < 0.1 ? 3 : ms < 1 ? 2 : ms < 10 ? 1 : 0;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(ms)} ms`;
}

/** 14 December 2026 */
export function date(when: Date): string {
  return day.format(when);
}

/** 14 Dec */
export function shortDate(when: Date): string {
  return smallDay.format(when);
}

/** "16½ minutes" is 16.5 min: a length of time, in the unit that says most. */
export function duration(seconds: number): string {
  const [value, unit] =
    seconds < minuteSeconds
      ? ([seconds, "second"] as const)
      : seconds < hourSeconds
        ? ([seconds / minuteSeconds, "minute"] as const)
        : seconds < 2 * daySeconds
          ? ([seconds / hourSeconds, "hour"] as const)
          : ([seconds / daySeconds, "day"] as const);
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: value < 20 ? 1 : 0,
  }).format(value);
}
