;; Looks at pages of 4096 bytes in a memory that it is given: which of them are zero, and a hash of 64 bits. The hash is the loop of XXH64
;; (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) over a length that is always the same, with seed 0.
(module
  (import "host" "memory" (memory 0))
  ;; The upper half of the last hash.
  (global $high (export "high") (mut i32) (i32.const 0))

  (func $round (param $lane i64) (param $word i64) (result i64)
    (i64.mul
      (i64.rotl
        (i64.add (local.get $lane) (i64.mul (local.get $word) (i64.const 0xC2B2AE3D27D4EB4F)))
        (i64.const 31))
      (i64.const 0x9E3779B185EBCA87)))

  ;; Hashes the page at an address, and gives the lower half.
  (func (export "hash") (param $at i32) (result i32)
    (local $end i32) (local $a i64) (local $b i64) (local $c i64) (local $d i64)
    (local.set $end (i32.add (local.get $at) (i32.const 4096)))
    (local.set $a (i64.const 0x60EA27EEADC0B5D6))
    (local.set $b (i64.const 0xC2B2AE3D27D4EB4F))
    (local.set $c (i64.const 0))
    (local.set $d (i64.const 0x61C8864E7A143579))
    (loop $stripes
      (local.set $a (call $round (local.get $a) (i64.load (local.get $at))))
      (local.set $b (call $round (local.get $b) (i64.load offset=8 (local.get $at))))
      (local.set $c (call $round (local.get $c) (i64.load offset=16 (local.get $at))))
      (local.set $d (call $round (local.get $d) (i64.load offset=24 (local.get $at))))
      (br_if $stripes (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 32))) (local.get $end))))
    (local.set $a
      (i64.add
        (i64.add (i64.rotl (local.get $a) (i64.const 1)) (i64.rotl (local.get $b) (i64.const 7)))
        (i64.add (i64.rotl (local.get $c) (i64.const 12)) (i64.rotl (local.get $d) (i64.const 18)))))
    (local.set $a (i64.xor (local.get $a) (i64.shr_u (local.get $a) (i64.const 33))))
    (local.set $a (i64.mul (local.get $a) (i64.const 0xC2B2AE3D27D4EB4F)))
    (local.set $a (i64.xor (local.get $a) (i64.shr_u (local.get $a) (i64.const 29))))
    (local.set $a (i64.mul (local.get $a) (i64.const 0x165667B19E3779F9)))
    (local.set $a (i64.xor (local.get $a) (i64.shr_u (local.get $a) (i64.const 32))))
    (global.set $high (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 32))))
    (i32.wrap_i64 (local.get $a)))

  ;; Address of the first page from an address on that is not all zero; `end` if there is none.
  (func (export "used") (param $at i32) (param $end i32) (result i32)
    (local $in i32) (local $stop i32)
    (block $done
      (loop $pages
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $in (local.get $at))
        (local.set $stop (i32.add (local.get $at) (i32.const 4096)))
        (loop $words
          (br_if $done
            (i32.eqz
              (i64.eqz
                (i64.or
                  (i64.or
                    (i64.or (i64.load (local.get $in)) (i64.load offset=8 (local.get $in)))
                    (i64.or (i64.load offset=16 (local.get $in)) (i64.load offset=24 (local.get $in))))
                  (i64.or
                    (i64.or (i64.load offset=32 (local.get $in)) (i64.load offset=40 (local.get $in)))
                    (i64.or (i64.load offset=48 (local.get $in)) (i64.load offset=56 (local.get $in))))))))
          (br_if $words (i32.lt_u (local.tee $in (i32.add (local.get $in) (i32.const 64))) (local.get $stop))))
        (local.set $at (local.get $stop))
        (br $pages)))
    (local.get $at)))
