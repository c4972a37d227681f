/** Where the program lies in memory: any place does. */
const ADDRESS = 0x08048000;
const HEAD = 84;

/*
 * Sets the flags and the status words of both floating-point units, lets time pass without touching them, and looks whether they are
 * still so, for ever. WHY stmxcsr while it waits: the emulator interprets it, and it is there that a slice of the CPU ends. Ends with what was lost: 1 flags, 2 x87 status word, 4 MXCSR. Assembled from:
 *
 *   sub esp,16                 again: mov dword ptr [esp],0x7f80; ldmxcsr [esp]      wait: stmxcsr [esp+4]; loop wait
 *   xor edi,edi                fld1; fldz; fcompp                                    pushfd; pop eax; and eax,0x8d5
 *                              mov eax,5; mov ecx,500; cmp eax,9                   cmp eax,0x95; je 1f; or edi,1
 *
 *   1: fnstsw ax; and eax,0x4500; cmp eax,0x100; je 2f; or edi,2
 *   2: stmxcsr [esp]; cmp dword ptr [esp],0x7f80; je 3f; or edi,4
 *   3: test edi,edi; jz again
 *   mov eax,1; mov ebx,edi; int 0x80
 */
const CODE =
  "83ec1031ffc70424807f00000fae1424d9e8d9eeded9b805000000b9f401000083f8090fae5c2404e2f99c5825d50800003d95000000740383cf01dfe025004500003d00010000740383cf020fae1c24813c24807f0000740383cf0485ff74a5b80100000089fbcd80";

/** The program as an executable for i386. */
export function registersProgram(): Uint8Array<ArrayBuffer> {
  const code = Uint8Array.from(CODE.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const bytes = new Uint8Array(HEAD + code.length);
  const view = new DataView(bytes.buffer);
  // ELF-32: the header, then one segment that is loaded, of everything.
  const identification = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1];
  for (const [i, value] of identification.entries()) view.setUint8(i, value);
  for (const [at, value] of [
    [16, 2],
    [18, 3],
    [40, 52],
    [42, 32],
    [44, 1],
  ] as const)
    view.setUint16(at, value, true);
  for (const [at, value] of [
    [20, 1],
    [24, ADDRESS + HEAD],
    [28, 52],
  ] as const)
    view.setUint32(at, value, true);
  const segment = [1, 0, ADDRESS, ADDRESS, bytes.length, bytes.length, 7, 4096];
  for (const [i, value] of segment.entries()) view.setUint32(52 + 4 * i, value, true);
  bytes.set(code, HEAD);
  return bytes;
}
