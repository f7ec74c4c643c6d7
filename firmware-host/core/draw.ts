// A third entry over the same modules, for the test of the draw of rows only: it never becomes an image.
export { choose_free_row } from './flash/rows';
