// What every page does when it opens: it names itself, and takes the focus to its heading.
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** The first page leaves the focus where the browser puts it. */
let isFirst = true;

export interface PageProps {
  readonly title: string;
  readonly lead?: string | undefined;
  /** Stands beside the title. */
  readonly action?: ComponentChildren;
  readonly narrow?: boolean;
  readonly children: ComponentChildren;
}

export function Page({ title, lead, action, narrow = false, children }: PageProps): JSX.Element {
  const heading = useArrival();
  useTitle(title);
  return (
    <main id="main" class={narrow ? "page narrow" : "page"}>
      <div class="top">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {action}
      </div>
      {children}
    </main>
  );
}

/** For the heading of a page: whoever comes from another page begins there. */
export function useArrival(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (!isFirst) {
      scrollTo({ top: 0, behavior: "instant" });
      heading.current?.focus();
    }
    isFirst = false;
  }, []);
  return heading;
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Countersign`;
  }, [title]);
}
