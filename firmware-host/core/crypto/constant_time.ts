/** Whether two blocks are equal, in a time that depends on the length alone. `n` is a multiple of 4. */
export function equal_blocks(a: usize, b: usize, n: usize): bool {
  let difference: u32 = 0;
  for (let i: usize = 0; i < n; i += 4) difference |= load<u32>(a + i) ^ load<u32>(b + i);
  return difference == 0;
}
