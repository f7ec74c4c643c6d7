// Style sheets are bundled by Vite; to the type checker they are nothing.
declare module '*.css' {}
