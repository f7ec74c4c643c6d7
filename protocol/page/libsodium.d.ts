/** What the page uses of libsodium's own WebAssembly build; it comes without types. */
declare module 'libsodium' {
  export interface Libsodium {
    /** made anew whenever the memory grows */
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(at: number): void;
    /** @returns 0 where it holds */
    _crypto_sign_verify_detached(
      signature: number,
      data: number,
      bytesLow: number,
      bytesHigh: number,
      publicKey: number,
    ): number;
  }
  /** @throws where the browser has no WebAssembly */
  const load: () => Promise<Libsodium>;
  export default load;
}
