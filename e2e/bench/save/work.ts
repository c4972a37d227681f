/** What is done in the machine before a save, the same in ours and in plain v86. */

/** A minute at a shell: small commands, small files. */
export const LIGHT =
  "mkdir -p /root/work; cd /root/work; for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i >> notes; ls -l /etc > list; grep -c root /etc/passwd; done; sort -r list | head -3; wc -l notes; cat notes | tr a-z A-Z > loud; rm list";

/** 50 MB that no compression makes smaller. */
export const FILES = "dd if=/dev/urandom of=/root/work/big bs=1M count=50 2>&1; sync";

export const IDLE_MS = 10_000;

/** What one save did. */
export interface SaveFigures {
  /** How long the machine stood still. */
  readonly pauseMs: number;
  /** Until everything was packed and stored. */
  readonly totalMs: number;
  readonly bytes: number;
}

export interface RunFigures {
  readonly light: SaveFigures;
  readonly files: SaveFigures;
  readonly idle: SaveFigures;
}
