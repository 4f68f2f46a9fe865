import { createElement } from "react";

export const getServerSideProps = async () => ({ props: { at: "home" } });

export default function Home({ at }) {
  return createElement("p", null, `page ${at}`);
}
