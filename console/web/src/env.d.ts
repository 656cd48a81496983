/// <reference types="vite/client" />

/** What a tool sees that does not read Vue files; vue-tsc knows each one's own type. */
declare module "*.vue" {
  import type { Component } from "vue";

  const component: Component;
  export default component;
}

/** The build of hls.js without subtitles and copy protection: the same types, two thirds of the size. */
declare module "hls.js/light" {
  export * from "hls.js";
  export { default } from "hls.js";
}
