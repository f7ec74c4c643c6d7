// Style sheets are bundled by esbuild; to the type checker they are nothing.
declare module '*.css' {}
